import { Rollup, methodCode } from '../../../../src/storage/ring/rollup/rollup.ts';
import type { AggregationMethod } from '../../../../src/storage/retention/archives.ts';
import { assert, describe } from '../../../support/suite.ts';

/** What a slot of `total` finer ones becomes when these are known. */
function rolled(
  method: AggregationMethod,
  known: readonly number[],
  total = known.length,
  xFilesFactor = 0,
): number {
  const rollup = new Rollup(1);
  for (const value of known) rollup.add(0, methodCode(method), value);
  return rollup.result(0, methodCode(method), xFilesFactor, total);
}

function becomes(method: AggregationMethod, known: number[], expected: number, total?: number) {
  const value = rolled(method, known, total);
  assert.ok(Object.is(value, expected), `${method} of ${known.join()}: ${value}, not ${expected}`);
}

describe('rollup', (it) => {
  it('does what whisper does with each method', () => {
    becomes('average', [1, 2, 6], 3);
    becomes('sum', [1, 2, 6], 9);
    becomes('last', [1, 6, 2], 2);
    becomes('max', [1, 6, 2], 6);
    becomes('min', [3, 1, 2], 1);
    becomes('avg_zero', [1, 2, 6], 1.5, 6);
    becomes('absmax', [1, -6, 2], -6);
    becomes('absmin', [-3, -1, 2], -1);
  });

  it('adds in order of time, from 0 on as Python does', () => {
    becomes('sum', [1e16, 1, 1], 1e16);
    becomes('sum', [1, 1, 1e16], 1e16 + 2);
    for (const method of ['sum', 'average', 'avg_zero'] as const) becomes(method, [-0, -0], 0);
    for (const method of ['last', 'max', 'min', 'absmax', 'absmin'] as const) {
      becomes(method, [-0], -0);
    }
  });

  it('keeps the first of two that are equal but for the sign of zero, or in size', () => {
    becomes('max', [-0, 0], -0);
    becomes('min', [0, -0], 0);
    becomes('absmax', [-2, 2], -2);
    becomes('absmin', [2, -2], 2);
  });

  it('does not know NaN, and infinities that cancel out', () => {
    becomes('sum', [NaN, 3, NaN], 3);
    becomes('sum', [1e308, 1e308], Infinity);
    becomes('average', [Infinity, -Infinity], NaN);
  });

  it('takes xFilesFactor for the float32 that it is in a file', () => {
    assert.ok(Number.isNaN(rolled('sum', [1], 10, 0.1)));
    assert.is(rolled('sum', [1, 1], 10, 0.1), 2);
    assert.is(rolled('sum', [1], 2, 0.5), 1);
    assert.ok(Number.isNaN(rolled('sum', [1, 1], 3, 1)));
    assert.ok(Number.isNaN(rolled('sum', [], 3, 0)));
  });
});
