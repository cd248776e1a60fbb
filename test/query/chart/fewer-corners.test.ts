import fc from 'fast-check';
import { fewerCorners } from '../../../src/query/chart/fewer-corners.ts';
import type { Spots } from '../../../src/query/chart/spots.ts';
import { assert, describe } from '../../support/suite.ts';

/** The height of a line at one of its places, between the corners that it has. */
function distance({ xs, ys }: Spots, x: number, y: number): number {
  let least = Infinity;
  for (let i = 0; i + 1 < xs.length; i++) {
    const [from, to] = [xs[i]!, xs[i + 1]!];
    if (x < from || x > to || ys[i] !== ys[i] || ys[i + 1] !== ys[i + 1]) continue;
    const [low, high] = [Math.min(ys[i]!, ys[i + 1]!), Math.max(ys[i]!, ys[i + 1]!)];
    const on =
      from === to
        ? Math.min(Math.max(y, low), high)
        : ys[i]! + ((ys[i + 1]! - ys[i]!) * (x - from)) / (to - from);
    least = Math.min(least, Math.abs(on - y));
  }
  return least;
}

const isPlace = (y: number | undefined): boolean => y !== undefined && !Number.isNaN(y);

describe('fewer corners', (it) => {
  it('leave a smooth line where it is', () => {
    const xs = Array.from({ length: 2000 }, (_, i) => i * 0.4);
    const ys = xs.map((x) => 150 + 140 * Math.sin(x / 60));
    const kept = fewerCorners({ xs, ys }, 1);
    assert.ok(kept.xs.length < 150, String(kept.xs.length));
    for (const [i, x] of xs.entries())
      assert.ok(distance(kept, x, ys[i]!) <= 0.1 + 1e-9, String(i));
  });

  it('are no further than a tenth of a dot from any corner, and keep gaps and ends', () => {
    const step = fc.record({
      along: fc.constantFrom(0, 0, 0.2, 0.5, 3),
      y: fc.oneof(
        fc.constant(NaN),
        fc.integer({ min: 0, max: 8 }).map((n) => n / 20),
        fc.integer({ min: 0, max: 40 }),
      ),
    });
    const property = fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom(1, 2),
      (steps, dots) => {
        let x = 0;
        const xs = steps.map(({ along }) => (x += along));
        const ys = steps.map(({ y }) => y);
        const kept = fewerCorners({ xs, ys }, dots);
        const gaps = (list: readonly number[]): number => list.filter((y) => y !== y).length;
        assert.is(gaps(kept.ys), gaps(ys));
        assert.equal([kept.ys.at(0), kept.ys.at(-1)], [ys.at(0), ys.at(-1)]);
        for (const [i, y] of ys.entries()) {
          const isAlone = !isPlace(ys[i - 1]) && !isPlace(ys[i + 1]);
          if (y !== y || isAlone) continue;
          assert.ok(distance(kept, xs[i]!, y) <= 0.1 / dots + 1e-9, `corner ${i}`);
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
