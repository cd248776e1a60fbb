import fs from 'node:fs';
import {
  DEFAULT_AGGREGATIONS,
  DEFAULT_RULES,
  DEFAULT_SCHEMAS,
} from '../../../src/storage/retention/default-rules.ts';
import { checkFlushInterval } from '../../../src/storage/retention/flush-interval.ts';
import {
  parseStorageAggregation,
  parseStorageSchemas,
} from '../../../src/storage/retention/parse-rules.ts';
import { formatRetentions } from '../../../src/storage/retention/retentions.ts';
import { RetentionRules, type RuleSource } from '../../../src/storage/retention/rules.ts';
import { assert, describe } from '../../support/suite.ts';

function rulesOf(schemas: string, aggregations = ''): RetentionRules {
  const parsed = parseStorageSchemas(schemas, 's.conf');
  const parsedAggregations = parseStorageAggregation(aggregations, 'a.conf');
  assert.equal([...parsed.findings, ...parsedAggregations.findings], []);
  return new RetentionRules(parsed.rules, parsedAggregations.rules);
}

const retentionsOf = (rules: RetentionRules, name: string): string =>
  formatRetentions(rules.resolve(name).archives);

/** Without the place, which built-in rules do not have. */
const placeless = (rules: readonly { source: RuleSource }[]): unknown[] =>
  rules.map((rule) => ({ ...rule, source: { ...rule.source, file: undefined, line: 0 } }));

const SHIPPED = new URL('../../../config/', import.meta.url);
const shipped = (name: string): string => fs.readFileSync(new URL(name, SHIPPED), 'utf8');

describe('retention rules', (it) => {
  it('the first pattern that occurs anywhere wins', () => {
    const rules = rulesOf(
      '[carbon]\npattern = ^carbon\\.\nretentions = 60:90d\n' +
        '[cpu]\npattern = cpu\nretentions = 10s:1d\n' +
        '[late]\npattern = ^servers\\..*cpu\nretentions = 1s:1h\n',
    );
    assert.is(retentionsOf(rules, 'carbon.agents.cpu'), '1m:90d');
    assert.is(retentionsOf(rules, 'servers.a.cpu.user'), '10s:1d');
    assert.is(retentionsOf(rules, 'my.carbon.x'), '1m:7d');
    assert.equal(rules.resolve('a.cpu').schema, {
      file: 's.conf',
      line: 4,
      section: 'cpu',
      pattern: 'cpu',
    });
    assert.is(rules.resolve('nothing').schema.section, 'carbon default');
  });

  it("reads what carbon's own examples say", () => {
    const rules = rulesOf(
      '# Schema definitions\n\n[carbon]\npattern = ^carbon\\.\nretentions = 60:90d\n\n' +
        '[gc]\npattern = garbageCollections$\nretentions = 10s:14d\n' +
        '[busy]\npattern = ^servers\\.www.*\\.workers\\.busyWorkers$\n' +
        'retentions = 15s:7d,1m:21d,15m:5y\n' +
        '[default_1min_for_1day]\npattern = .*\nretentions = 60s:1d\n',
      '[min]\npattern = \\.min$\nxFilesFactor = 0.1\naggregationMethod = min\n' +
        '[all]\npattern = .*\nxFilesFactor = 0.3\naggregationMethod = average\n',
    );
    assert.is(retentionsOf(rules, 'carbon.agents.a.cpuUsage'), '1m:90d');
    assert.is(retentionsOf(rules, 'jvm.x.garbageCollections'), '10s:14d');
    assert.is(retentionsOf(rules, 'servers.www1.workers.busyWorkers'), '15s:7d,1m:21d,15m:5y');
    assert.is(retentionsOf(rules, 'servers.db1.workers.busyWorkers'), '1m:1d');
    assert.is(rules.resolve('a.min').aggregationMethod, 'min');
    assert.is(rules.resolve('a.mini').xFilesFactor, 0.3);
  });

  it("what is left out is whisper's default", () => {
    const rules = rulesOf(
      '',
      '[a]\npattern = ^a\naggregationMethod = max\n[b]\npattern = ^b\nxFilesFactor = .25\n',
    );
    const short = (name: string): unknown[] => {
      const { aggregationMethod, xFilesFactor } = rules.resolve(name);
      return [aggregationMethod, xFilesFactor];
    };
    assert.equal(short('a.x'), ['max', 0.5]);
    assert.equal(short('b.x'), ['average', 0.25]);
    assert.equal(short('c.x'), ['average', 0.5]);
  });

  it('reads keys without case, as carbon does', () => {
    const { rules } = parseStorageAggregation(
      '[a]\nPATTERN = x\nxfilesfactor = 1\naggregationmethod = avg_zero\n',
      'f',
    );
    assert.is(rules[0]?.xFilesFactor, 1);
    assert.is(rules[0]?.aggregationMethod, 'avg_zero');
  });

  it('crosses threads as data', () => {
    const rules = rulesOf('[x]\npattern = ^x\nretentions = 5s:1h\n');
    const copy = RetentionRules.fromData(structuredClone(rules.toData()));
    assert.equal(copy.resolve('x.y'), rules.resolve('x.y'));
    assert.is(retentionsOf(copy, 'x.y'), '5s:1h');
  });

  it('reports every error at once, with its place', () => {
    const { rules, findings } = parseStorageSchemas(
      'stray = 1\n[a]\npattern = (\nretentions = 5m:1x, 0s:1h\n[b]\nretentions = 1m:1h\n' +
        '[c]\npattern = c\npriority = 5\nretentions = 1m:1h\nretentions = 2m:1h\n' +
        '[a]\npattern =\nretentions = 1m:1h,1m:2h\n',
      'schemas.conf',
    );
    assert.equal(
      findings.map(({ severity, text }) => [severity, text.split(': ')[0]]),
      [
        ['error', 'schemas.conf:1:1'],
        ['error', 'schemas.conf:3:11'],
        ['error', 'schemas.conf:4:14'],
        ['error', 'schemas.conf:4:21'],
        ['error', 'schemas.conf:5:1'],
        ['warning', 'schemas.conf:9:1'],
        ['error', 'schemas.conf:11:1'],
        ['warning', 'schemas.conf:12:1'],
        ['error', 'schemas.conf:13:10'],
        ['error', 'schemas.conf:14:14'],
      ],
    );
    assert.is(
      findings[2]?.text,
      'schemas.conf:4:14: retention "5m:1x": unknown unit "x", expected s m h d w y',
    );
    assert.match(findings[4]!.text, 'section [b] has no pattern');
    assert.equal(
      rules.map(({ source }) => source.section),
      ['c'],
    );
  });

  it('reports aggregation values out of range', () => {
    const texts = (value: string): string[] =>
      parseStorageAggregation(`[a]\npattern = x\n${value}\n`, 'f').findings.map(({ text }) => text);
    for (const factor of ['1.5', '-0.1', 'x', '0,5', 'nan', 'inf', '0x1']) {
      assert.equal(texts(`xFilesFactor = ${factor}`), [
        `f:3:16: xFilesFactor "${factor}", expected a number from 0 to 1`,
      ]);
    }
    assert.equal(texts('xFilesFactor = 1.0'), []);
    assert.equal(texts('xFilesFactor = 0'), []);
    assert.equal(texts('aggregationMethod = avg'), [
      'f:3:21: aggregationMethod "avg", expected one of ' +
        'average sum last max min avg_zero absmax absmin',
    ]);
    assert.equal(texts('aggregationMethod ='), [
      'f:3:20: aggregationMethod is empty, expected a value',
    ]);
  });

  it('refuses patterns that only a backtracking engine runs', () => {
    const { findings } = parseStorageSchemas('[a]\npattern = a(?!x)\nretentions = 1m:1h', 'f');
    assert.match(findings[0]!.text, /^f:2:11: pattern "a\(\?!x\)": lookahead/);
  });
});

describe('shipped rules', (it) => {
  it('config/ parses to exactly the built-in rules', () => {
    const schemas = parseStorageSchemas(shipped('storage-schemas.conf'), 's');
    const aggregations = parseStorageAggregation(shipped('storage-aggregation.conf'), 'a');
    assert.equal([...schemas.findings, ...aggregations.findings], []);
    assert.equal(placeless(schemas.rules), placeless(DEFAULT_SCHEMAS));
    assert.equal(placeless(aggregations.rules), placeless(DEFAULT_AGGREGATIONS));
  });

  it('gives every statistic of StatsD the method that keeps its meaning', () => {
    const methods: Record<string, string[]> = {
      'min 0.1': ['stats.timers.a.lower', 'stats.timers.a.lower_top10', 'x.lower;host=a'],
      'max 0.1': ['stats.timers.a.upper', 'stats.timers.a.upper_90', 'stats.timers.a.upper_99_9'],
      'sum 0': [
        'stats.timers.a.count',
        'stats.timers.a.count_90',
        'stats.timers.a.sum',
        'stats.timers.a.sum_90',
        'stats.timers.a.sum_squares',
        'stats.timers.a.sum_squares_top5',
        'stats.counters.b.count',
        'stats.sets.u.count',
        'stats_counts.b',
        'stats.counters.b.count;host=a',
      ],
      'last 0': ['stats.gauges.queue.depth', 'stats.gauges.queue.count', 'gauges.x'],
      'average 0.3': [
        'stats.timers.a.mean',
        'stats.timers.a.mean_90',
        'stats.timers.a.count_ps',
        'stats.counters.b.rate',
        'stats.timers.a.median',
        'stats.b',
        'servers.web01.cpu',
        'stats.account',
      ],
    };
    for (const [expected, names] of Object.entries(methods)) {
      for (const name of names) {
        const { aggregationMethod, xFilesFactor } = DEFAULT_RULES.resolve(name);
        assert.is(`${aggregationMethod} ${xFilesFactor}`, expected, name);
        assert.is(retentionsOf(DEFAULT_RULES, name), '10s:6h,1m:7d,10m:5y');
      }
    }
  });

  it('warns of a flush interval that is not the finest step', () => {
    assert.equal(checkFlushInterval(DEFAULT_RULES, 10_000), []);
    const rules = rulesOf(
      '[m]\npattern = m\nretentions = 60s:1d\n[s]\npattern = s\nretentions = 1s:1h\n',
    );
    assert.equal(checkFlushInterval(rules, 10_000), [
      {
        severity: 'warning',
        text:
          's.conf:1:1: section [m]: the finest step is 60 s, ' +
          'the flush interval 10 s: about 6 flushes are merged into one point',
      },
      {
        severity: 'warning',
        text:
          's.conf:4:1: section [s]: the finest step is 1 s, ' +
          'the flush interval 10 s: about 0.9 of the points stay null',
      },
    ]);
    assert.match(checkFlushInterval(DEFAULT_RULES, 1000)[0]!.text, /^built-in rules: /);
  });
});
