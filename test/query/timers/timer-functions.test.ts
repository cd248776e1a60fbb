/** Functions over timers and sets, from target to series, on worked numbers. */
import { UserError } from '../../../src/lib/errors.ts';
import { evaluateTargets, type EvaluateRequest } from '../../../src/query/evaluate/evaluate.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';
import { type SketchStore, sketchStore } from '../support/sketch-store.ts';
import { line } from '../functions/table.ts';

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** By minute: 1 to 10, then 11 to 20, nothing, 100; and 91 to 100, nothing, nothing, 300. */
const store = sketchStore({
  'stats.timers.web1.latency': { step: 60, slots: [[], upTo(1, 10), upTo(11, 20), [], [100]] },
  'stats.timers.web2.latency': { step: 60, slots: [[], upTo(91, 100), [], [], [300]] },
  'stats.timers.slow.latency': { step: 120, slots: [[], upTo(1, 4), []] },
  'latency;dc=a;host=w1': { step: 60, slots: [[], [5], [7]] },
  'latency;dc=a;host=w2': { step: 60, slots: [[], [9], []] },
  'stats.sets.web1.users': { step: 60, slots: [[], ['ann', 'bob'], ['ann'], [], ['cid']] },
  'stats.sets.web2.users': { step: 60, slots: [[], ['bob', 'dan'], [], [], ['cid']] },
});

const W1 = 'stats.timers.web1.latency';
const W2 = 'stats.timers.web2.latency';

type Changes = Partial<EvaluateRequest>;

function render(target: string, changes: Changes = {}, of: SketchStore = store): Promise<Series[]> {
  return evaluateTargets(of, { targets: [target], from: 0, until: 240, now: 240, ...changes });
}

async function gives(target: string, lines: string[], changes?: Changes): Promise<void> {
  const found = (await render(target, changes)).map(line);
  assert.equal(found, lines, `${target}: ${found.join(' | ')}`);
}

async function refuses(target: string, sentence: RegExp, changes?: Changes): Promise<void> {
  let error: unknown;
  await render(target, changes).catch((thrown: unknown) => (error = thrown));
  assert.instance(error, UserError);
  assert.ok([400, 422].includes((error as UserError).status));
  assert.match((error as UserError).message, sentence);
}

describe('timerPercentile', (it) => {
  it('of each timer, slot by slot', () =>
    gives('timerPercentile(stats.timers.web*.latency, 90)', [
      `timerPercentile(${W1},90) @60/60: 9 19 _ 100`,
      `timerPercentile(${W2},90) @60/60: 99 _ _ 300`,
    ]));

  it('over an interval, of all its values, in buckets as those of summarize', () =>
    gives(`timerPercentile(${W1}, 50, "2min")`, [
      `timerPercentile(${W1},50,"2min") @0/120: 5 15 100`,
    ]));

  it('an interval finer than the slots is one slot', () =>
    gives(`timerPercentile(${W1}, 0, "10s")`, [
      `timerPercentile(${W1},0,"10s") @60/60: 1 11 _ 100 _`,
    ]));

  it('over hosts: all values, not percentiles of percentiles', () =>
    gives('timerPercentile(timerMerge(stats.timers.web*.latency), 50)', [
      'timerPercentile(timerMerge(stats.timers.web*.latency),50) @60/60: 10 15 _ 100',
    ]));

  it('several at once, tagged', async () => {
    const answers = await render(`timerPercentiles(${W1}, 50, 99.9)`);
    assert.equal(answers.map(line), [
      `timerPercentile(${W1},50) @60/60: 5 15 _ 100`,
      `timerPercentile(${W1},99.9) @60/60: 10 20 _ 100`,
    ]);
    assert.equal(
      answers.map((one) => one.tags['percentile']),
      ['50', '99.9'],
    );
  });

  it('by tags', () =>
    gives('aliasByTags(timerPercentile(seriesByTag("name=latency", "dc=a"), 99), "host")', [
      'w1 @60/60: 5 7 _ _',
      'w2 @60/60: 9 _ _ _',
    ]));

  it('with functions that choose or name inside and around', async () => {
    await gives('alias(timerPercentile(grep(stats.timers.*.latency, "web2"), 90), "x")', [
      'x @60/60: 99 _ _ 300',
    ]);
    await gives('timerPercentile(alias(timerMerge(stats.timers.web*.latency), "all"), 100)', [
      'timerPercentile(all,100) @60/60: 100 20 _ 300',
    ]);
    await gives(`timerPercentile(template(stats.timers.$host.latency, host="web2"), 0)`, [
      `timerPercentile(${W2},0) @60/60: 91 _ _ 300`,
    ]);
    await gives(`scale(timerPercentile(${W2}, 90), 10)`, [
      `scale(timerPercentile(${W2},90),10) @60/60: 990 _ _ 3000`,
    ]);
  });

  it('shifted in time', () =>
    gives(`timeShift(timerPercentile(${W1}, 90), "1min")`, [
      `timeShift(timerPercentile(${W1},90), "-1min") @60/60: _ 9 19 _`,
    ]));

  it('of nothing is nothing', async () => {
    await gives('timerPercentile(no.such.*, 90)', []);
    await gives('timerPercentile(seriesByTag("name=nosuch"), 90)', []);
    await gives('timerMerge(no.such.*)', []);
    await gives('timerHistogram(no.such.*)', []);
    await gives('setUnion(no.such.*)', []);
  });

  it('refuses what cannot be with a sentence', async () => {
    await refuses(`timerPercentile(${W1}, 101)`, /percentile 101 read, expected 0 to 100/);
    await refuses(`timerPercentile(${W1}, -1)`, /percentile -1/);
    await refuses(`timerPercentile(${W1}, "a")`, /"a" read for percentile, expected a number/);
    await refuses(`timerPercentile(${W1})`, /percentile is missing/);
    await refuses(`timerPercentile(${W1}, 90, "x")`, /interval "x" read/);
    await refuses(`timerPercentile(${W1}, 90, "-1h")`, /interval "-1h" read/);
    await refuses(`timerPercentiles(${W1})`, /percentiles? is missing|no percentile/);
    await refuses('timerPercentile(scale(stats.timers.*.latency, 2), 9)', /has numbers only/);
    await refuses('timerPercentile(stats.sets.*.users, 9)', /is a set, which setUnion counts/);
  });
});

describe('timerMerge', (it) => {
  it('shows how many values there were', () =>
    gives('timerMerge(stats.timers.web*.latency)', [
      'timerMerge(stats.timers.web*.latency) @60/60: 20 10 _ 2',
    ]));

  it('brings different steps to their common one', () =>
    gives('timerMerge(stats.timers.*.latency)', [
      'timerMerge(stats.timers.*.latency) @0/120: 20 14 2',
    ]));

  it('by node or tag', async () => {
    await gives('timerStat(timerMergeByNode(stats.timers.web*.latency, 3), "max")', [
      'timerStat(latency,"max") @60/60: 100 20 _ 300',
    ]);
    await gives('timerMergeByNode(seriesByTag("name=latency"), "dc")', ['a @60/60: 2 1 _ _']);
    await gives('timerMergeByNode(stats.timers.web*.latency, 2)', [
      'web1 @60/60: 10 10 _ 1',
      'web2 @60/60: 10 _ _ 1',
    ]);
    await refuses('timerMergeByNode(stats.timers.web*.latency)', /nodes is missing|no node/);
  });
});

describe('timerStat', (it) => {
  it('knows every statistic', async () => {
    const expected: Record<string, string> = {
      count: '10 10 _ 1',
      rate: `${10 / 60} ${10 / 60} _ ${1 / 60}`,
      sum: '55 155 _ 100',
      mean: '5.5 15.5 _ 100',
      min: '1 11 _ 100',
      max: '10 20 _ 100',
      std: `${Math.sqrt(8.25)} ${Math.sqrt(8.25)} _ 0`,
    };
    for (const [name, values] of Object.entries(expected)) {
      await gives(`timerStat(${W1}, "${name}")`, [`timerStat(${W1},"${name}") @60/60: ${values}`]);
    }
    await gives(`timerStat(${W1}, "mean", "2min")`, [
      `timerStat(${W1},"mean","2min") @0/120: 5.5 15.5 100`,
    ]);
  });

  it('refuses others', async () => {
    await refuses(`timerStat(${W1}, "median")`, /"median" read, expected one of count rate sum/);
    await refuses(`timerStat(${W1}, "constructor")`, /"constructor" read/);
  });
});

describe('service levels', (it) => {
  it('timerCdf is the share within a limit', async () => {
    await gives(`timerCdf(${W1}, 12)`, [`timerCdf(${W1},12) @60/60: 1 0.2 _ 0`]);
    await gives('timerCdf(timerMerge(stats.timers.web*.latency), 10, "1h")', [
      `timerCdf(timerMerge(stats.timers.web*.latency),10,"1h") @0/3600: ${10 / 32}`,
    ]);
  });

  it('timerApdex counts the tolerated half', async () => {
    // Up to 4: four of ten; up to 16: all of the first minute, six of the second.
    await gives(`timerApdex(${W1}, 4)`, [`timerApdex(${W1},4) @60/60: 0.7 0.3 _ 0`]);
    await refuses(`timerApdex(${W1}, 0)`, /t 0 read, expected more than 0/);
  });
});

describe('timerHistogram', (it) => {
  it('is one series a bucket, for all timers together', async () => {
    const answers = await render('timerHistogram(stats.timers.web*.latency, "5,10,95,inf")');
    assert.equal(answers.map(line), [
      '5 @60/60: 5 0 _ 0',
      '10 @60/60: 5 0 _ 0',
      '95 @60/60: 5 10 _ 0',
      '+Inf @60/60: 5 0 _ 2',
    ]);
    assert.equal(
      answers.map((one) => one.tags['le']),
      ['5', '10', '95', '+Inf'],
    );
  });

  it('chooses bounds itself: all values are in some bucket', async () => {
    for (const buckets of ['', ', 4', ', 64']) {
      const answers = await render(`timerHistogram(stats.timers.web*.latency${buckets})`);
      const sums = [0, 1, 3].map((slot) =>
        answers.reduce((sum, one) => sum + one.values[slot]!, 0),
      );
      assert.equal(sums, [20, 10, 2], buckets);
      const bounds = answers.map((one) => Number(one.name));
      assert.equal(
        bounds,
        [...bounds].sort((a, b) => a - b),
      );
      assert.ok(
        answers.length <= Math.max(Number(buckets.slice(1)) || 20, 4) + 1,
        bounds.join(' '),
      );
      assert.ok(answers.length >= 3, bounds.join(' '));
    }
  });

  it('has a bucket for zeros, and goes on at the least value over them', async () => {
    for (const more of [0, 60]) {
      const values = [0, 0, 12, 100, ...upTo(101, 100 + more)];
      const zeros = sketchStore({ 'stats.timers.z.t': { step: 60, slots: [[], values] } });
      const [none, next] = await render('timerHistogram(stats.timers.z.t)', {}, zeros);
      assert.equal([none!.name, none!.values[0]], ['0', 2]);
      assert.ok(Number(next!.name) >= 12 && Number(next!.name) <= 16, next!.name);
    }
  });

  it('refuses bounds that are none', async () => {
    await refuses(`timerHistogram(${W1}, "10,5")`, /ascending bounds/);
    await refuses(`timerHistogram(${W1}, "10,,5")`, /ascending bounds/);
    await refuses(`timerHistogram(${W1}, 0)`, /0 buckets read, expected 1 to 200/);
    await refuses(`timerHistogram(${W1}, 1000)`, /1000 buckets read/);
    await refuses(`timerHistogram(${W1}, "ten")`, /"ten" read/);
  });
});

describe('setUnion', (it) => {
  it('counts members once, over sets and time', async () => {
    await gives('setUnion(stats.sets.*.users)', ['setUnion(stats.sets.*.users) @60/60: 3 1 _ 1']);
    await gives('setUnion(stats.sets.*.users, "1d")', [
      'setUnion(stats.sets.*.users,"1d") @0/86400: 4',
    ]);
    await gives('setUnion(stats.sets.web1.users, "2min")', [
      'setUnion(stats.sets.web1.users,"2min") @0/120: 2 1 1',
    ]);
  });

  it('refuses timers', () => refuses(`setUnion(${W1})`, /is a timer: expected sets/));
});

describe('maxDataPoints over timers', (it) => {
  const folded = (target: string, maxDataPoints: number): Promise<Series[]> =>
    render(target, { maxDataPoints });

  it('merges sketches instead of averaging', async () => {
    const [one] = await folded(`timerPercentile(${W1}, 90)`, 2);
    // 120 to 240: eleven to twenty, whose p90 is 19; from 240 on 100. The part before is left out.
    assert.is(line(one!), `timerPercentile(${W1},90) @120/120: 19 100`);
    assert.is(one!.valuesPerPoint, 2);
    const [all] = await folded('timerPercentile(timerMerge(stats.timers.web*.latency), 50)', 1);
    // Of 32 values the 16th: 6 of the second minute after the ten of the first.
    assert.is(all!.values.length, 1);
    assert.is(all!.values[0], 16);
  });

  it('leaves series that are short enough, and what other functions made of them', async () => {
    assert.is((await folded(`timerPercentile(${W1}, 90)`, 4))[0]!.values.length, 4);
    const [scaled] = await folded(`scale(timerPercentile(${W1}, 90), 2)`, 2);
    assert.is(scaled!.values.length, 4);
  });
});

describe('what timers may cost', (it) => {
  it('is bounded as datapoints are', async () => {
    await refuses('timerMerge(stats.timers.*.latency)', /worth of sketches read by one request/, {
      limits: { pointsMax: 30 },
    });
    await refuses('timerMerge(stats.timers.*.latency)', /match over 2 timers/, {
      limits: { seriesMax: 2 },
    });
  });

  it('is read once a request', async () => {
    const counted = sketchStore({ 'a.b': { step: 60, slots: [[], [1]] } });
    const targets = ['timerPercentile(a.b, 9)', 'timerStat(a.b, "max")', 'timerMerge(a.*)'];
    await evaluateTargets(counted, { targets, from: 0, until: 60, now: 60 });
    assert.is(counted.sketchFetches.length, 1);
  });
});
