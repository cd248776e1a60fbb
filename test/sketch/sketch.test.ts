/** The sketch against exact answers: StatsD's own arithmetic while raw, 0.4 % once binned. */
import fc from 'fast-check';
import { binFloor, binMiddle, binOf, BIN_LAST } from '../../src/sketch/bins.ts';
import { decodeSketch, encodeSketch } from '../../src/sketch/codec.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { isThresholdSent, statistic, thresholdCount } from '../../src/sketch/statistics.ts';
import * as statistics from '../../src/wire/statistics.ts';
import { assert, describe } from '../support/suite.ts';

const ERROR = 1 / 256 + 1e-12;
const STATS = [
  statistics.STAT_LOWER,
  statistics.STAT_UPPER,
  statistics.STAT_SUM,
  statistics.STAT_SUM_SQUARES,
  statistics.STAT_MEAN,
  statistics.STAT_MEDIAN,
  statistics.STAT_STD,
];

function sketchOf(values: number[], rawLimit = 32): Sketch {
  const sketch = new Sketch(rawLimit);
  for (const value of values) sketch.add(value);
  return sketch;
}

/** Everything that can be read off a sketch. */
function readings(sketch: Sketch): number[] {
  const thresholds = [50, 90, 99, -10].flatMap((percent) =>
    [
      statistics.STAT_COUNT_P,
      statistics.STAT_EDGE_P,
      statistics.STAT_SUM_P,
      statistics.STAT_SUM_SQUARES_P,
    ].map((stat) => statistic(sketch, stat, percent, 10)),
  );
  return [
    sketch.count,
    sketch.total,
    ...STATS.map((s) => statistic(sketch, s, 0, 10)),
    ...thresholds,
  ];
}

function near(actual: number, wanted: number, tolerance: number): boolean {
  if (Object.is(actual, wanted)) return true;
  return Math.abs(actual - wanted) <= tolerance * Math.max(Math.abs(actual), Math.abs(wanted));
}

/** Any finite value a timer may hold, in 30 octaves. */
const durations = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const signed = fc.oneof(
  durations,
  durations.map((value) => -value),
  fc.constant(0),
);

describe('bins', (it) => {
  it('every magnitude lies in its bin', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        const bin = binOf(value);
        assert.is(binOf(-value), bin);
        assert.ok(binFloor(bin) <= value && value < binFloor(bin + 1));
        assert.ok(near(binMiddle(bin), value, ERROR));
      }),
    );
    assert.is(binOf(Infinity), BIN_LAST);
  });
});

describe('sketch', (it) => {
  it('percentiles of binned values are within 0.4 %', () => {
    fc.assert(
      fc.property(
        fc.array(signed, { minLength: 33, maxLength: 400 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const sketch = sketchOf(values);
          assert.is(sketch.isRaw, false);
          const sorted = Float64Array.from(values).sort();
          const rank = Math.round((percent / 100) * values.length);
          if (rank === 0) return;
          const exact = sorted[rank - 1]!;
          const got = statistic(sketch, statistics.STAT_EDGE_P, percent, 10);
          assert.ok(near(got, exact, ERROR), `p${percent}: ${got}, exactly ${exact}`);
        },
      ),
    );
  });

  it('count, sum, least and greatest are exact whatever the size', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i * 37) % 1000);
    const sketch = sketchOf(values);
    assert.is(statistic(sketch, statistics.STAT_COUNT, 0, 10), 1000);
    assert.is(statistic(sketch, statistics.STAT_COUNT_PS, 0, 10), 100);
    assert.is(statistic(sketch, statistics.STAT_SUM, 0, 10), 499_500);
    assert.is(statistic(sketch, statistics.STAT_LOWER, 0, 10), 0);
    assert.is(statistic(sketch, statistics.STAT_UPPER, 0, 10), 999);
    assert.is(statistic(sketch, statistics.STAT_MEAN, 0, 10), 499.5);
    assert.is(statistic(sketch, statistics.STAT_BIN, Infinity, 10), 1000);
    assert.is(statistic(sketch, statistics.STAT_BIN, 512, 10), 512);
    assert.ok(near(statistic(sketch, statistics.STAT_STD, 0, 10), 288.67499, 1e-6));
    assert.ok(near(statistic(sketch, statistics.STAT_SUM_P, 90, 10), 404_550, ERROR));
    assert.ok(near(statistic(sketch, statistics.STAT_MEAN_P, -10, 10), 949.5, 0.05));
  });

  it('a merged sketch answers as one that saw everything', () => {
    fc.assert(
      fc.property(fc.array(fc.array(durations, { maxLength: 50 }), { maxLength: 6 }), (lists) => {
        const merged = new Sketch();
        for (const list of lists) merged.merge(sketchOf(list));
        const whole = sketchOf(lists.flat());
        assert.is(merged.total, whole.total);
        for (const percent of [50, 90, 99]) {
          const a = statistic(merged, statistics.STAT_EDGE_P, percent, 10);
          const b = statistic(whole, statistics.STAT_EDGE_P, percent, 10);
          assert.ok(near(a, b, 1e-12), `${a} and ${b}`);
        }
      }),
    );
  });

  it('weights count as that many values', () => {
    const sketch = new Sketch();
    sketch.add(10, 9);
    sketch.add(1000, 1);
    assert.is(sketch.count, 10);
    assert.ok(near(statistic(sketch, statistics.STAT_EDGE_P, 90, 10), 10, ERROR));
    assert.ok(near(statistic(sketch, statistics.STAT_EDGE_P, 99, 10), 1000, ERROR));
    assert.is(statistic(sketch, statistics.STAT_MEAN, 0, 10), 109);
  });

  it('keeps the greatest values apart when the range is too wide', () => {
    const sketch = new Sketch(1);
    for (let exponent = -60; exponent < 60; exponent++) sketch.add(2 ** exponent);
    assert.ok(near(statistic(sketch, statistics.STAT_EDGE_P, 100, 1), 2 ** 59, ERROR));
    assert.ok(near(statistic(sketch, statistics.STAT_EDGE_P, 90, 1), 2 ** 47, ERROR));
    assert.is(sketch.total, 120);
  });

  it('is empty after clear', () => {
    const sketch = sketchOf(Array.from({ length: 100 }, (_, i) => i - 50));
    sketch.clear();
    sketch.add(3);
    assert.equal(readings(sketch), readings(sketchOf([3])));
  });
});

describe('the median', (it) => {
  it('of an even number of values lies between the middle two, of bins as of raw values', () => {
    const apart = [...Array(20).fill(10), ...Array(20).fill(20)];
    const median = (values: number[]): number =>
      statistic(sketchOf(values), statistics.STAT_MEDIAN, 0, 10);
    assert.ok(Math.abs(median(apart) / 15 - 1) < 0.004, String(median(apart)));
    assert.is(median([10, 20]), 15);
    assert.ok(Math.abs(median([...apart, 30]) / 20 - 1) < 0.004, 'an odd number has one');
  });
});

describe('thresholds', (it) => {
  it('follow StatsD, NaN and silence included', () => {
    assert.is(thresholdCount(10, 5), 1, 'half rounds up');
    assert.is(thresholdCount(1, 0), 1);
    const ten = sketchOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.is(statistic(ten, statistics.STAT_EDGE_P, -20, 1), 9);
    assert.is(statistic(ten, statistics.STAT_SUM_P, -20, 1), 19);
    assert.ok(Number.isNaN(statistic(ten, statistics.STAT_SUM_P, -100, 1)));
    assert.is(statistic(ten, statistics.STAT_EDGE_P, -100, 1), 1);
    assert.not(isThresholdSent(10, statistics.STAT_COUNT_P, 1));
    assert.ok(isThresholdSent(10, statistics.STAT_MEAN_P, 150));
    assert.not(isThresholdSent(10, statistics.STAT_SUM_P, 150));
    assert.not(isThresholdSent(10, statistics.STAT_EDGE_P, -150));
    assert.ok(isThresholdSent(10, statistics.STAT_SUM_P, -150));
  });
});

describe('codec', (it) => {
  const sketches = fc.record({
    values: fc.array(signed, { maxLength: 80 }),
    weight: fc.constantFrom(1, 10, 1 / 0.3),
  });
  const built = ({ values, weight }: { values: number[]; weight: number }): Sketch => {
    const sketch = new Sketch();
    for (const value of values) sketch.add(value, weight);
    return sketch;
  };

  it('round trip', () => {
    fc.assert(
      fc.property(sketches, (recipe) => {
        const sketch = built(recipe);
        const copy = decodeSketch(encodeSketch(sketch));
        const wanted = readings(sketch);
        readings(copy).forEach((value, i) =>
          assert.ok(near(value, wanted[i]!, 1e-9) || Math.abs(value - wanted[i]!) < 1e-6),
        );
        assert.equal(encodeSketch(copy), encodeSketch(sketch));
      }),
    );
  });

  it('refuses damaged, cut and lengthened bytes', () => {
    fc.assert(
      fc.property(sketches, fc.nat(), fc.integer({ min: 1, max: 255 }), (recipe, place, change) => {
        const bytes = encodeSketch(built(recipe));
        const at = place % bytes.length;
        const flipped = Uint8Array.from(bytes);
        flipped[at]! ^= change;
        assert.throws(() => decodeSketch(flipped), /not a sketch/);
        assert.throws(() => decodeSketch(bytes.subarray(0, at)), /not a sketch/);
        assert.throws(() => decodeSketch(Uint8Array.of(...bytes, change)), /not a sketch/);
      }),
    );
  });

  it('a busy timer fits in a few hundred bytes', () => {
    const sketch = new Sketch();
    for (let i = 0; i < 100_000; i++) sketch.add(100 + (i % 900));
    assert.ok(encodeSketch(sketch).length < 1500);
  });
});
