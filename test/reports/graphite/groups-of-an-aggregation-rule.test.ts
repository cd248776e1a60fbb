/** Rules with groups of their own, values that come late together, and rules that cannot be. */
import { CarbonPipeline, ruleRejections } from '../../../src/intake/carbon-pipeline.ts';
import { NO_RULES, parseAggregationRules } from '../../../src/intake/carbon-rules.ts';
import { SeriesNames } from '../../../src/wire/series-names.ts';
import { points } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';

/** Rules that are given points, and asked what is due. */
class Rules {
  private readonly pipeline: CarbonPipeline;
  private readonly made = new SeriesNames();

  constructor(text: string) {
    const { rules, findings } = parseAggregationRules(text, 'a.conf');
    assert.equal(findings, []);
    this.pipeline = new CarbonPipeline({ ...NO_RULES, aggregations: rules }, ruleRejections());
  }

  put(name: string, time: number, value: number, now: number): void {
    const batch = points([name], [time], [value]);
    const names = new SeriesNames();
    names.learn(batch.series);
    this.made.learn(this.pipeline.apply(batch, names, now).series);
  }

  due(now: number): string[] {
    const batch = this.pipeline.due(now);
    if (batch === undefined) return [];
    this.made.learn(batch.series);
    const times = batch.times as Float64Array;
    return Array.from(
      batch.refs,
      (ref, i) => `${this.made.name(ref)}@${times[i]}=${batch.values[i]}`,
    );
  }
}

const wrong = (line: string): string =>
  parseAggregationRules(line, 'a.conf')
    .findings.map(({ text }) => text)
    .join('\n');

describe('aggregation rules', (it) => {
  it('have fields by their names, whatever groups stand between them', () => {
    const deep = new Rules('g.<env>.all.<metric> (2) = sum g.<env>.(\\d+)-(\\d+).<<metric>>');
    deep.put('g.prod.10-2.deep.m', 100, 1, 100);
    assert.equal(deep.due(102), ['g.prod.all.deep.m@100=1']);
    const either = new Rules('g2.<env>.all (2) = sum g2.<env>.(a|b)');
    either.put('g2.prod.a', 100, 1, 100);
    either.put('g2.prod.b', 100, 2, 100);
    assert.equal(either.due(102), ['g2.prod.all@100=3']);
    const named = new Rules('<z>.<z>.<a> (2) = sum (x)?<a>.(?:y|n)<z>');
    named.put('xone.yes', 100, 1, 100);
    assert.equal(named.due(102), ['es.es.one@100=1']);
  });

  it('add up values that are late together: an interval is kept by its last activity', () => {
    const late = new Rules('out (10) = sum in.*');
    late.put('in.a', 930, 1, 1000);
    assert.equal(late.due(1010), ['out@930=1']);
    late.put('in.b', 930, 2, 1012);
    assert.equal(late.due(1020), ['out@930=3']);
    assert.equal(late.due(1030), []);
    late.put('in.c', 930, 4, 1060);
    assert.equal(late.due(1070), ['out@930=7'], 'still within five intervals');
    assert.equal(late.due(1130), []);
    late.put('in.a', 930, 8, 1131);
    assert.equal(late.due(1141), ['out@930=8'], 'given up after them');
  });

  it('make names in their form', () => {
    const joined = new Rules('~all..<x>. (2) = sum in.<x>');
    joined.put('in.a', 100, 1, 100);
    assert.equal(joined.due(102), ['all.a@100=1']);
  });

  it('are refused where they can never be meant', () => {
    assert.match(wrong('out (10) = sum in\\.<x>'), /a dot is a dot in a rule without a backslash/);
    assert.match(
      wrong('out.<y> (10) = sum in.<x>'),
      /a\.conf:1:1: read "out.*": <y> stands in the/,
    );
    assert.match(wrong('out.<x> (10) = sum <x>.<x>'), /<x> stands twice in the input/);
    assert.match(
      wrong('out.<x>.<y> (10) = sum in.<x>-<y>'),
      /two fields stand in the node "<x>-<y>"/,
    );
    assert.match(wrong('out;env (10) = sum in.<x>'), /the output is no name/);
    assert.match(wrong('.. (10) = sum in.<x>'), /the output is no name/);
    assert.match(wrong('out.<x> (10) = sum in.(<x>'), /missing closing \)/);
    assert.match(wrong('out.<x> (0) = sum in.<x>'), /expected "output \(seconds\)/);
    assert.match(wrong('out.<x> (10) = median in.<x>'), /method "median" read/);
  });
});
