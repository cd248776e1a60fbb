/** Percentiles, shares and histograms off sketches against sorted values. */
import fc from 'fast-check';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { histogramOf, percentileOf, shareUpTo, weightUpTo } from '../../src/sketch/quantile.ts';
import { statistic } from '../../src/sketch/statistics.ts';
import { STAT_EDGE_P } from '../../src/wire/statistics.ts';
import { assert, describe } from '../support/suite.ts';

const ERROR = 1 / 256 + 1e-12;
const magnitudes = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const values = fc.oneof(
  magnitudes,
  magnitudes.map((value) => -value),
  fc.constant(0),
);

function sketchOf(list: readonly number[], rawLimit = 32): Sketch {
  const sketch = new Sketch(rawLimit);
  for (const value of list) sketch.add(value);
  return sketch;
}

function isNear(actual: number, wanted: number): boolean {
  return Math.abs(actual - wanted) <= ERROR * Math.abs(wanted);
}

describe('percentileOf', (it) => {
  it('follows StatsD: the value at round(p % of n), at least the first', () => {
    const ten = sketchOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(
      [0, 1, 50, 90, 94, 95, 100].map((p) => percentileOf(ten, p)),
      [1, 1, 5, 9, 9, 10, 10],
    );
    assert.ok(Number.isNaN(percentileOf(new Sketch(), 50)));
  });

  it('is the statistic that StatsD sends, raw or binned', () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 3, maxLength: 90 }),
        fc.integer({ min: 25, max: 99 }),
        (list, percent) => {
          const sketch = sketchOf(list);
          assert.is(percentileOf(sketch, percent), statistic(sketch, STAT_EDGE_P, percent, 10));
        },
      ),
    );
  });

  it('is within 0.4 % of the value of that rank', () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (list, percent) => {
          const sorted = Float64Array.from(list).sort();
          const rank = Math.max(Math.round((percent / 100) * list.length), 1);
          assert.ok(isNear(percentileOf(sketchOf(list, 0), percent), sorted[rank - 1]!));
        },
      ),
    );
  });
});

describe('shares', (it) => {
  it('of raw values are exact', () => {
    const five = sketchOf([-2, 0, 1, 1, 10]);
    assert.equal(
      [-3, -2, 0, 0.5, 1, 10, 11].map((x) => shareUpTo(five, x)),
      [0, 0.2, 0.4, 0.4, 0.8, 1, 1],
    );
    assert.ok(Number.isNaN(shareUpTo(new Sketch(), 1)));
  });

  it('of bins lie between those of bounds 0.8 % lower and higher', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 40, maxLength: 200 }), values, (list, bound) => {
        const got = weightUpTo(sketchOf(list), bound);
        const slack = Math.abs(bound) / 127;
        const least = list.filter((value) => value <= bound - slack).length;
        const most = list.filter((value) => value <= bound + slack).length;
        assert.ok(got >= least - 1e-9 && got <= most + 1e-9, `${least} <= ${got} <= ${most}`);
      }),
    );
  });

  it('histograms add up, and are exact where bounds are those of bins', () => {
    const thousand = sketchOf(Array.from({ length: 1000 }, (_, i) => i + 0.5));
    const counts = histogramOf(thousand, [64, 128, 256, 512, 1024]);
    assert.equal(counts, [64, 64, 128, 256, 488]);
    assert.equal(histogramOf(thousand, [128, Infinity]), [128, 872]);
    assert.equal(histogramOf(thousand, [0]), [0]);
  });
});
