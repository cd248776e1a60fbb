/**
 * Metrics to which nobody sends any more (F11): the flush goes on with zeros and with the last value
 * of gauges, and their series expire all the same.
 */
import fs from 'node:fs';
import { IdleSeries } from '../../../src/jobs/idle-series.ts';
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000;
const HOUR = 3600;

describe('reports: idle series that a flush repeats', (it) => {
  it('expire, and come back with a sample and not before', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, rulesOf({ '': '60s:1d' }));
    const names = new Map<number, string>();
    let aggregator: Aggregator = makeAggregator({ flushIntervalMs: 60_000 });
    const flush = async (time: number): Promise<void> => {
      const { frame } = flushOf(aggregator, time, names);
      await store.append(frame);
    };
    const idle = new IdleSeries(store, HOUR, 60_000, () => {});
    const ofTest = (): string[] =>
      store
        .seriesFrom(0, 1000)
        .series.map(({ name }) => name)
        .filter((name) => /gone|live/.test(name))
        .sort();
    try {
      for (const packet of ['gone.c:1|c', 'gone.g:5|g', 'gone.t:1|ms', 'gone.s:a|s', 'live:1|c']) {
        send(aggregator, packet);
      }
      let time = NOW;
      await flush(time);
      const all = ofTest();
      assert.ok(all.length > 8, all.join());
      for (let minute = 1; minute <= 75; minute++) {
        send(aggregator, 'live:1|c');
        await flush((time += 60));
      }
      await idle.run(time);
      assert.equal(ofTest(), ['stats.live', 'stats_counts.live']);
      // StatsD's own counters, which nobody sends to, stay.
      const own = store.seriesFrom(0, 1000).series.filter(({ name }) => name.includes('statsd.'));
      assert.ok(own.length > 3);
      await flush((time += 60));
      assert.equal(ofTest(), ['stats.live', 'stats_counts.live'], 'a repeated value is none');
      send(aggregator, 'gone.c:2|c');
      send(aggregator, 'gone.g:+1|g');
      await flush((time += 60));
      assert.equal(
        ofTest().filter((name) => name.includes('gone')),
        ['stats.gauges.gone.g', 'stats.gone.c', 'stats_counts.gone.c'],
      );

      // A restart brings gauges back, and that is no sample.
      const gauges = await store.lastGauges();
      aggregator = makeAggregator({ flushIntervalMs: 60_000 });
      names.clear();
      assert.ok(aggregator.restoreGauges(gauges.names, gauges.values) >= 1);
      const since = time;
      const { frame } = flushOf(aggregator, (time += 60), names);
      await store.append({ ...frame, series: { ...frame.series, isReset: true } });
      const [gauge] = store
        .seriesFrom(0, 1000)
        .series.filter(({ name }) => name === 'stats.gauges.gone.g');
      assert.is(store.lastWrite(gauge!.id), since);
    } finally {
      await store.close();
      fs.rmSync(folder, { recursive: true });
    }
  });
});
