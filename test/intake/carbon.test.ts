/** Carbon's rule files, with its own aggregator and regex lists as the facts. */
import { CarbonPipeline, ruleRejections } from '../../src/intake/carbon-pipeline.ts';
import {
  NO_RULES,
  parseAggregationRules,
  parsePatternList,
  parseRewriteRules,
  type CarbonRules,
} from '../../src/intake/carbon-rules.ts';
import { packTexts } from '../../src/wire/packed-strings.ts';
import type { SampleBatch } from '../../src/wire/sample-batch.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';
import { type NamedPoints, namedPoints, points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';

const NOW = 1_700_000_040;

function batch(all: [name: string, time: number, value: number][]): SampleBatch {
  return points(
    all.map(([name]) => name),
    all.map(([, time]) => time),
    all.map(([, , value]) => value),
  );
}

function shown(passed: NamedPoints): string[] {
  const { names, values, times } = passed;
  return names.map((name, i) => `${name} ${values[i]} @${times[i]}`);
}

/** Rules, and what somebody has seen who gets all that they let through. */
class Pipeline {
  readonly rules: CarbonPipeline;
  readonly rejected = ruleRejections();
  private readonly given = new SeriesNames();
  private readonly passed = new SeriesNames();

  constructor(rules: Partial<CarbonRules>) {
    this.rules = new CarbonPipeline({ ...NO_RULES, ...rules }, this.rejected);
  }

  apply(given: SampleBatch, now: number): NamedPoints {
    this.given.learn(given.series);
    return this.read(this.rules.apply(given, this.given, now));
  }

  due(now: number): NamedPoints {
    return this.read(this.rules.due(now));
  }

  private read(batch: SampleBatch | undefined): NamedPoints {
    if (batch === undefined) return namedPoints([]);
    this.passed.learn(batch.series);
    const { refs, times, values } = batch;
    const names = Array.from(refs, (ref) => this.passed.name(ref));
    return { names, times: [...(times as Float64Array)], values: [...values] };
  }
}

function pipeline(rules: Partial<CarbonRules>): Pipeline {
  return new Pipeline(rules);
}

function aggregating(text: string): Pipeline {
  const { rules, findings } = parseAggregationRules(text, 'aggregation-rules.conf');
  assert.equal(findings, []);
  return pipeline({ aggregations: rules });
}

describe('carbon rules', (it) => {
  it('without any, a batch stays what it is', () => {
    const given = batch([['a', NOW, 1]]);
    assert.is(pipeline({}).rules.apply(given, new SeriesNames(), NOW), given);
  });

  it('refuses what the blacklist has and the whitelist has not', () => {
    const list = (text: string) => parsePatternList(text, 'list.conf').rules;
    const both = pipeline({ whitelist: list('# mine\n^a\\.\nkeep\n'), blacklist: list('secret') });
    const given = batch([
      ['a.b', NOW, 1],
      ['b.a.', NOW, 2],
      ['x.keep.y', NOW, 3],
      ['a.secret', NOW, 4],
    ]);
    assert.equal(shown(both.apply(given, NOW)), [`a.b 1 @${NOW}`, `x.keep.y 3 @${NOW}`]);
    assert.is(both.rejected.total, 2);
    const [lists, aggregation] = both.rejected.list();
    assert.equal([lists?.what, lists?.reason, lists?.count], ['rules.refused', 'lists', 2]);
    assert.is(typeof lists?.last?.example, 'string');
    assert.is(aggregation?.count, 0);
    const empty = pipeline({ whitelist: [] });
    assert.is(empty.apply(given, NOW).names.length, 4);
  });

  it('rewrites names before and after aggregation', () => {
    const { rules } = parseRewriteRules('[PRE]\n^(\\w+)\\.old = \\1.new\n[post]\n_sum$ =\n', 'r');
    const { rules: aggregations } = parseAggregationRules('all_sum (10) = sum *.new', 'a');
    const both = pipeline({ rewritePre: rules.pre, rewritePost: rules.post, aggregations });
    const given = batch([
      ['x.old', NOW, 1],
      ['y.old', NOW, 2],
      ['other_sum', NOW, 3],
    ]);
    assert.equal(shown(both.apply(given, NOW)), [
      `x.new 1 @${NOW}`,
      `y.new 2 @${NOW}`,
      `other 3 @${NOW}`,
    ]);
    assert.equal(shown(both.due(NOW + 10)), [`all 3 @${NOW}`]);
  });

  it("aggregates by carbon's documented examples", () => {
    const text = `
      # comment
      <env>.applications.<app>.all.requests (60) = sum <env>.applications.<app>.*.requests
      <env>.applications.<app>.all.<app_metric> (60) = max <env>.applications.<app>.w*.<<app_metric>>
      <env>.applications.<app>.<domain>.hits (60) = avg <env>.applications.<app>.<domain>\\d{2}.hits`;
    const rules = aggregating(text);
    const given = batch([
      ['prod.applications.apache.www01.requests', NOW, 3],
      ['prod.applications.apache.www02.requests', NOW + 5, 4],
      ['prod.applications.apache.www01.a.b', NOW, 7],
      ['prod.applications.apache.www01.hits', NOW, 1],
      ['prod.applications.apache.www02.hits', NOW, 2],
      ['prod.applications.apache.deep.www02.requests', NOW, 100],
    ]);
    assert.is(rules.apply(given, NOW).names.length, 6);
    assert.equal(shown(rules.due(NOW + 59)), []);
    assert.equal(shown(rules.due(NOW + 60)).sort(), [
      // The first rule that made the name governs it: the second adds its values to the sum.
      `prod.applications.apache.all.a.b 7 @${NOW}`,
      `prod.applications.apache.all.hits 2 @${NOW}`,
      `prod.applications.apache.all.requests 14 @${NOW}`,
      `prod.applications.apache.www.hits 1.5 @${NOW}`,
    ]);
    assert.equal(shown(rules.due(NOW + 120)), []);
  });

  it('computes an interval again when points come late, and forgets it after five', () => {
    const rules = aggregating('sum (10) = sum in.*');
    rules.apply(batch([['in.a', NOW, 1]]), NOW);
    assert.equal(shown(rules.due(NOW + 10)), [`sum 1 @${NOW}`]);
    rules.apply(batch([['in.b', NOW + 3, 2]]), NOW + 12);
    assert.equal(shown(rules.due(NOW + 20)), [`sum 3 @${NOW}`]);
    assert.equal(shown(rules.due(NOW + 70)), []);
    rules.apply(batch([['in.b', NOW, 5]]), NOW + 71);
    assert.equal(shown(rules.due(NOW + 81)), [`sum 5 @${NOW}`]);
  });

  it('does not take over a point of an output, nor count what is no number', () => {
    const rules = aggregating('total (10) = count total\nother (10) = p90 in.*');
    const given = batch([
      ['total', NOW, 1],
      ['in.a', NOW, NaN],
      ['in.b', NOW, 1],
      ['in.c', NOW, 2],
    ]);
    assert.equal(shown(rules.apply(given, NOW)).length, 3);
    assert.equal(shown(rules.due(NOW + 10)), [`total 1 @${NOW}`, `other 1.9 @${NOW}`]);
  });

  it('asks once about a name, by its ref, until refs start over', () => {
    const { rules } = parseRewriteRules('[pre]\n^a = b\n', 'r');
    const both = pipeline({ rewritePre: rules.pre });
    const first = batch([['a', NOW, 1]]);
    assert.equal(shown(both.apply(first, NOW)), [`b 1 @${NOW}`]);
    const again = { ...batch([['a', NOW, 2]]), series: { ...first.series, isReset: false } };
    again.series.refs = new Uint32Array(0);
    again.series.names = packTexts([]);
    assert.equal(shown(both.apply(again, NOW)), [`b 2 @${NOW}`]);
    assert.equal(shown(both.apply(batch([['c', NOW, 3]]), NOW)), [`c 3 @${NOW}`]);
  });

  it('says what is wrong in a file, and where', () => {
    const texts = (findings: { text: string }[]) => findings.map(({ text }) => text);
    assert.equal(
      texts(parsePatternList('ok\n  (x', 'w.conf').findings)[0]!.slice(0, 21),
      'w.conf:2:3: pattern "',
    );
    assert.equal(texts(parseRewriteRules('a = b\n[mid]\n[pre]\nnothing', 'r.conf').findings), [
      'r.conf:1:1: read "a = b" before [pre] or [post]',
      'r.conf:2:1: read "[mid]", expected [pre] or [post]',
      'r.conf:4:1: read "nothing", expected "pattern = replacement"',
    ]);
    const groups = '[post]\n(.*) = \\9\n(?P<x>a) = \\g<y>\n(a)(?P<x>b) = \\2\\g<x>\\0';
    assert.equal(texts(parseRewriteRules(groups, 'r.conf').findings), [
      'r.conf:2:1: replacement "\\9" refers to group 9, pattern "(.*)" has 1',
      'r.conf:3:1: replacement "\\g<y>" refers to group "y", pattern "(?P<x>a)" has no such group',
    ]);
    const wrong = 'a (60) = mean b\na (x) = sum b\n<y>.a (60) = sum <x>.b\na (0) = sum b';
    assert.equal(texts(parseAggregationRules(wrong, 'a.conf').findings), [
      'a.conf:1:1: method "mean" read, expected sum, avg, min, max, p50, p75, p80, p90, p95, p99, p999, count',
      'a.conf:2:1: read "a (x) = sum b", expected "output (seconds) = method input"',
      'a.conf:3:1: read "<y>.a (60) = sum <x>.b": <y> stands in the output, expected it in the input as well',
      'a.conf:4:1: read "a (0) = sum b", expected "output (seconds) = method input"',
    ]);
  });
});
