/**
 * Every recorded line of every dialect: as the `parse` verb prints it, and as the server counts it.
 * Lines of our own dialects exactly as recorded; `extended` reads those of all others alike, but for
 * what disagreements.ts lists, no more and no less.
 */
import { readFileSync } from 'node:fs';
import type { Dialect } from '../../../../src/config/dialects.ts';
import type { Aggregator } from '../../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../../src/config/dialects.ts';
import { type Explained, explainLine } from '../../../../src/ingest/protocol/statsd/explain.ts';
import { runCli } from '../../../cli/run-cli.ts';
import { namedPoints } from '../../../support/points.ts';
import { assert, describe } from '../../../support/suite.ts';
import { flushOf } from '../../aggregate/flushing.ts';
import { makeAggregator, send } from '../../aggregate/make.ts';
import { DISAGREEMENTS } from './disagreements.ts';
import { isOfOurs, OURS, readings, RECORDED } from './recorded-lines.ts';

const explain = (line: string, dialect: Dialect): Explained =>
  explainLine(Buffer.from(line), dialectCode(dialect));

describe('recorded lines', (it) => {
  it('are all here', () => {
    const counts: Record<string, number> = {};
    for (const { dialect } of RECORDED) counts[dialect] = (counts[dialect] ?? 0) + 1;
    assert.equal(counts, {
      brubeck: 10,
      collectd: 6,
      dogstatsd: 62,
      gostatsd: 64,
      netdata: 13,
      statsd: 9,
      statsd_exporter: 47,
      statsite: 6,
      telegraf: 14,
      vector: 13,
    });
    assert.is(new Set(RECORDED.map(({ id }) => id)).size, RECORDED.length);
  });

  for (const [i, dialect] of OURS.entries()) {
    (i === 0 ? it : it.slow)(
      `parse --dialect ${dialect} prints what explains a line, for every one`,
      async () => {
        const stdin = RECORDED.map(({ line }) => `${line}\n`).join('');
        const ran = await runCli(['parse', '--dialect', dialect], { stdin });
        assert.is(ran.code, 0, ran.stderr);
        const printed = ran.stdout.trim().split('\n');
        assert.is(printed.length, RECORDED.length);
        RECORDED.forEach(({ id, line, expect, dialect: theirs }, i) => {
          const { hint, ...got } = JSON.parse(printed[i]!) as Record<string, unknown>;
          assert.ok(hint === undefined || 'error' in got, `${id} is good and has a hint`);
          assert.equal(got, JSON.parse(JSON.stringify(explain(line, dialect))), id);
          if (theirs !== dialect) return;
          if ('error' in expect) {
            assert.type(got['error'], 'string', `${id}: ${line}`);
            return;
          }
          const { note: _theirs, ...wanted } = expect;
          const { note: _ours, ...fields } = got;
          assert.equal(fields, wanted, `${id}: ${line}`);
        });
      },
      { timeoutMs: 60_000 },
    );
  }

  it('mean the same to extended, but for the listed ones', () => {
    const listed = new Set(Object.values(DISAGREEMENTS).flat());
    const odd: string[] = [];
    for (const recorded of RECORDED.filter((one) => one.dialect !== 'statsd')) {
      const { id, line } = recorded;
      const { theirs, ours } = readings(recorded, explain(line, 'extended'));
      const wanted = JSON.stringify(inOrder(theirs));
      const got = JSON.stringify(inOrder(ours));
      if (wanted === got && listed.has(id)) odd.push(`${id} is listed and agrees: ${line}`);
      if (wanted !== got && !listed.has(id)) odd.push(`${id} ${line}: ${got}, not ${wanted}`);
    }
    assert.equal(odd, []);
    const known = new Set(RECORDED.map(({ id }) => id));
    assert.equal(
      [...listed].filter((id) => !known.has(id)),
      [],
    );
    assert.is(listed.size, Object.values(DISAGREEMENTS).flat().length, 'one reason each');
  });

  it('the reasons are told to users, each of them and no other', () => {
    const page = readFileSync('config/dialects.md', 'utf8');
    const heads = page.match(/^\| \|.*$/m)![0].match(/`\w+`/g)!;
    assert.equal(
      heads.map((name) => name.slice(1, -1)),
      OURS,
    );
    const section = page.split('## Where `extended` reads otherwise\n')[1]!.split('\n## ')[0]!;
    const told = section
      .split(/^- /m)
      .slice(1)
      .map((item) => item.trim().replaceAll(/\s+/g, ' '));
    assert.equal(told.sort(), Object.keys(DISAGREEMENTS).sort());
  });

  for (const dialect of OURS) {
    it(`are counted as ${dialect} explains them`, () => {
      let metrics = 0;
      for (const { id, line } of RECORDED) {
        const explained = explain(line, dialect);
        const got = countedAs(line, dialect);
        assert.equal(got, expectedOf(explained, dialect), `${id}: ${line}`);
        metrics += got.values.length;
      }
      assert.ok(metrics > 150, `${metrics} metrics`);
      assert.ok(RECORDED.some(isOfOurs));
    });
  }
});

/** With its keys in one order. */
function inOrder(value: object): object {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, one]) => [
      key,
      typeof one === 'object' && one !== null && !Array.isArray(one) ? inOrder(one) : one,
    ]),
  );
}

interface Counted {
  /** `name value` of what says most about a metric: its count, its value, its upper. */
  values: string[];
  notices: string[];
  isBad: boolean;
}

/** What the server makes of a line: its own hot path, the flush and the timed values. */
function countedAs(line: string, dialect: Dialect): Counted {
  const aggregator = makeAggregator();
  aggregator.nowSeconds = 1_700_000_000;
  send(aggregator, line, dialectCode(dialect));
  return {
    values: [...timed(aggregator), ...flushed(aggregator)].sort(),
    notices: aggregator.takeEvents().map(({ what, data }) => `${what} ${data}`),
    isBad: Object.values(aggregator.health().badLines).some((count) => count > 0),
  };
}

function timed(aggregator: Aggregator): string[] {
  const batch = aggregator.takeTimed(1_700_000_000);
  const { names, values, times } = namedPoints(batch === undefined ? [] : [batch]);
  return names.flatMap((name, i) => {
    const value = `${name} ${rounded(values[i]!)} @${times[i]}`;
    return /^stats(_counts|\.gauges)\./.test(name) ? [value] : [];
  });
}

function flushed(aggregator: Aggregator): string[] {
  const { values } = flushOf(aggregator, 1_700_000_000, new Map());
  const telling =
    /^stats(_counts\.(?!statsd\.)|\.gauges\.|\.sets\.|\.timers\..*\.(upper|count)(;|$))/;
  return [...values]
    .filter(([name]) => telling.test(name))
    .map(([name, [value]]) => `${name} ${rounded(value!)}`);
}

/** The same from the explanation, along another way. */
function expectedOf(explained: Explained, dialect: Dialect): Counted {
  if ('error' in explained) return { values: [], notices: [], isBad: true };
  const isBad = 'note' in explained && explained.note !== undefined;
  if (explained.kind === 'event') {
    return { values: [], notices: [`${explained.title} ${explained.text}`], isBad };
  }
  if (explained.kind === 'check') {
    return { values: [], notices: [`${explained.name} ${explained.message ?? ''}`], isBad };
  }
  if (explained.kind === 'metrics') {
    const [first, ...others] = explained.events;
    const types = new Set(explained.events.map(({ type }) => type));
    if (types.size > 1) {
      const parts = explained.events.map(({ name, type, value, rate = 1 }) =>
        metricValues({ name, type, values: [value], rate }, undefined),
      );
      return { values: parts.flat().sort(), notices: [], isBad };
    }
    // One timer whose samples have different rates.
    const all = [first!, ...others];
    const count = all.reduce((sum, { rate = 1 }) => sum + 1 / rate, 0);
    const one = { ...first!, values: all.map(({ value }) => value), rate: all.length / count };
    return { values: metricValues(one, undefined).sort(), notices: [], isBad };
  }
  const { type, timestamp } = explained;
  if (timestamp !== undefined && dialect === 'dogstatsd' && type !== 'c' && type !== 'g') {
    return { values: [], notices: [], isBad: true };
  }
  const name = dialect === 'dogstatsd' ? canonical(explained) : explained.name;
  const at = type === 'c' || type === 'g' ? timestamp : undefined;
  return { values: metricValues({ ...explained, name }, at).sort(), notices: [], isBad };
}

function metricValues(
  metric: { name: string; type: string; values: (number | string)[]; rate: number },
  time: number | undefined,
): string[] {
  const { type, values, rate } = metric;
  const [body = '', ...tags] = metric.name.split(';');
  const series = (prefix: string, suffix: string, value: number): string => {
    const name = [prefix + body + suffix, ...tags].join(';');
    return `${name} ${rounded(value)}${time === undefined ? '' : ` @${time}`}`;
  };
  const numbers = values.map(Number);
  if (type === 'c') {
    return [series('stats_counts.', '', numbers.reduce((sum, one) => sum + one, 0) / rate)];
  }
  if (type === 'g') return [series('stats.gauges.', '', numbers.at(-1)!)];
  if (type === 's') return [series('stats.sets.', '.count', new Set(values).size)];
  return [
    series('stats.timers.', '.upper', Math.max(...numbers)),
    series('stats.timers.', '.count', numbers.length / rate),
  ];
}

/** The agent's tags are explained as a list; Graphite has each key once, and no empty ones. */
function canonical({ name, tags }: Extract<Explained, { kind: 'metric' }>): string {
  const byKey = new Map<string, string>();
  for (const [key, value] of tags) {
    if (key !== '' && value !== '') byKey.set(key, value ?? 'true');
  }
  return [name, ...[...byKey].map(([key, value]) => `${key}=${value}`).sort()].join(';');
}

function rounded(value: number): number {
  return Number(value.toPrecision(10));
}
