/**
 * graphite-web, and a recorded answer of it, leave out the datapoints before the first whole bucket;
 * `partialFirstBucket` shows them.
 */
import fc from 'fast-check';
import { shownSeries } from '../../../src/query/formats/json.ts';
import { makeSeries } from '../../../src/query/series/series.ts';
import { testServer } from '../../http/client.ts';
import { columnStore } from '../../query/support/column-store.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const END = 1_700_000_040;

describe('consolidateBy(sum) with maxDataPoints', (it) => {
  it('sums all, with partialFirstBucket', async () => {
    const store = columnStore({ x: { step: 60, values: [] } });
    store.fetch = async (_ids, from, until) => {
      const start = from - (from % 60) + 60;
      const end = until - (until % 60) + 60;
      const values = Float64Array.from({ length: (end - start) / 60 }, (_, i) => i + 1);
      return [{ start, end, step: 60, values, archiveIndex: 0 }];
    };
    const sums: Record<string, number[]> = {};
    for (const partialFirstBucket of [true, false]) {
      const server = await testServer(store, { partialFirstBucket });
      sums[String(partialFirstBucket)] = await Promise.all(
        [200, 30, 10, 7].map(async (most) => {
          const window = `from=${END - 6000}&until=${END}&now=${END}&maxDataPoints=${most}`;
          const target = encodeURIComponent("consolidateBy(x,'sum')");
          const path = `/render?format=json&${window}&target=${target}`;
          const [series] = (await server.json(path)) as { datapoints: [number, number][] }[];
          assert.ok(series!.datapoints.length <= most);
          return series!.datapoints.reduce((sum, [value]) => sum + value, 0);
        }),
      );
      await server.close();
    }
    assert.equal(sums['true'], [5050, 5050, 5050, 5050]);
    assert.is(sums['false']![0], 5050);
    assert.ok(sums['false']!.slice(1).some((sum) => sum < 5050));
  });

  it('loses no datapoint of any series, and makes no more than were asked for', () => {
    const shapes = fc.tuple(
      fc.integer({ min: 0, max: 100_000 }),
      fc.constantFrom(1, 10, 60, 300),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 2, max: 120 }),
    );
    for (const [at, step, length, most] of fc.sample(shapes, rounds(1000, 20_000))) {
      const values = new Float64Array(length).fill(1);
      const series = makeSeries({
        name: 'x',
        start: at * step,
        step,
        values,
        consolidateBy: 'sum',
      });
      const options = { maxDataPoints: most, partialFirstBucket: true };
      const [folded] = [...shownSeries([series], options)];
      const seen = JSON.stringify([at, step, length, most]);
      assert.is(
        folded!.values.reduce((sum, value) => sum + value, 0),
        length,
        seen,
      );
      assert.ok(folded!.values.length <= most, seen);
      assert.is((folded!.start - (series.start % step)) % folded!.step, 0, seen);
    }
  });
});
