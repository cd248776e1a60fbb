import { valueAxis } from '../../../src/query/chart/value-axis.ts';
import { assert, describe } from '../../support/suite.ts';

const STYLE = { unitSystem: 'si', divisors: [4, 5, 6], logBase: undefined };
const labels = (min: number, max: number, limits = {}, style = {}): string =>
  valueAxis({ min, max }, limits, { ...STYLE, ...style })
    .ticks.map(({ label }) => label)
    .join(' ');

describe('axis of values', (it) => {
  // Ends and steps are those that graphite-web 1.1.8 draws for the same data.
  it('has round steps', () => {
    assert.is(labels(16, 47), '10 20 30 40 50');
    assert.is(labels(5, 240), '0 50 100 150 200 250');
    assert.is(labels(-1, 1), '-1.0 -0.5 0 0.5 1.0');
    assert.is(labels(7.5, 7.5), '6.5 7.0 7.5 8.0 8.5');
    assert.is(labels(0, 100, {}, { divisors: [2] }), '0 50 100');
  });

  it('tells large, small and close values apart', () => {
    assert.is(labels(0, 2000), '0 500 1.0k 1.5k 2.0k');
    assert.is(
      labels(3584 * 2 ** 20, 4864 * 2 ** 20, {}, { unitSystem: 'binary' }),
      '3.50Gi 3.75Gi 4.00Gi 4.25Gi 4.50Gi 4.75Gi',
    );
    assert.is(labels(0, 1e-7), '0 2e-8 4e-8 6e-8 8e-8 1e-7');
    const close = labels(1e15, 1e15 + 1e6).split(' ');
    assert.is(new Set(close).size, close.length);
    assert.is(labels(0, 7200, {}, { unitSystem: 'sec' }).includes('H'), true);
  });

  it('keeps to the limits that are asked for', () => {
    assert.is(labels(10, 20, { min: 0, max: 100, step: 25 }), '0 25 50 75 100');
    assert.is(labels(0, 1000, { limit: 100 }), '0 20 40 60 80 100');
    assert.is(valueAxis({ min: 0, max: 47 }, { max: 'max' }, STYLE).top, 47);
    assert.throws(() => labels(0, 1, { min: 5, max: 1 }), /yMin=5, yMax=1: expected the lower one/);
    assert.ok(labels(0, 1, { min: 0, max: 1e9, step: 1 }).split(' ').length < 20);
  });

  it('has powers of a base, and no place for zero', () => {
    const axis = valueAxis({ min: 2, max: 900 }, {}, { ...STYLE, logBase: 10 });
    assert.is(axis.ticks.map(({ label }) => label).join(' '), '1 10 100 1k');
    assert.ok(Math.abs(axis.share(10) - 1 / 3) < 1e-9);
    assert.ok(Number.isNaN(axis.share(0)));
    assert.throws(
      () => labels(0, 1, {}, { logBase: 10 }),
      /a scale from 0 read, expected one from above 0/,
    );
  });
});
