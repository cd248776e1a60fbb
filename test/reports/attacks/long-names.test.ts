/** attacks H10: names are bounded in bytes, in the tables of StatsD's metrics and in the store. */
import fs from 'node:fs';
import { storedPrefixes } from '../../../src/config/namespace-prefixes.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { countOf } from '../../support/count-of.ts';
import { points } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000;

describe('long names', (it) => {
  it('of one prefix take half of the room for names, of all prefixes what there is', async () => {
    const dataDir = temporaryFolder();
    const prefixes = storedPrefixes({ ...DEFAULT_CONFIG, maxStoredNameBytes: 200_000 });
    const store = await openIn(dataDir, rulesOf({ '': '10s:1h' }), { prefixes });
    const sendNames = async (start: string): Promise<number> => {
      const names = Array.from({ length: 200 }, (_, i) => `${start}.b.${i}${'x'.repeat(1000)}`);
      const batch = points(
        names,
        names.map(() => NOW),
        names.map(() => 1),
      );
      return (await store.append(batch, NOW)).stored;
    };
    assert.is(await sendNames('a'), 99);
    assert.is(await sendNames('c'), 99);
    assert.is(await sendNames('d'), 0);
    const rejections = store.health().rejections ?? [];
    assert.is(countOf(rejections, 'store.refused prefixBytes'), 101);
    assert.is(countOf(rejections, 'store.refused bytes'), 301);
    await store.close();
    fs.rmSync(dataDir, { recursive: true });
  });

  it.slow('of one prefix take a quarter of the room for metrics', () => {
    const aggregator = makeAggregator({ maxNameBytes: 60_000, maxSeriesPerPrefix: 1e6 });
    const long = 'x'.repeat(59_000);
    for (let i = 0; i < 1300; i++) send(aggregator, `a.b.${i}${long}:1|c`);
    send(aggregator, 'other.name:1|c');
    const refused = countOf(aggregator.rejections(), 'series.refused prefixBytes');
    assert.ok(refused > 100 && refused < 300, `${refused}`);
    assert.is(countOf(aggregator.rejections(), 'series.refused series'), 0);
    assert.is(aggregator.health().metricsLive, 1300 - refused + 1 + 3); // and StatsD's own counters
  });
});
