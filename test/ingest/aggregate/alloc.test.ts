/**
 * The promise of the hot path: ten million metrics of every kind, tagged ones among them, without
 * one garbage collection and without heap growth.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { DIALECT_EXTENDED } from '../../../src/ingest/protocol/dialect.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { assert, describe } from '../../support/suite.ts';

const NAMES = 1000;
const LINES_A_PACKET = 20;
const METRICS = 10_000_000;

/** Packets of 20 lines that hold every name a few times, in one buffer as the receiver's. */
function makePackets(): { bytes: Uint8Array; ends: number[] } {
  const types = ['c', 'c', 'ms', 'g', 'c|@0.5', 'ms', 's', 'c|#env:prod,az:b', 'h', 'g'];
  const packets: Buffer[] = [];
  for (let first = 0; first < NAMES * 5; first += LINES_A_PACKET) {
    const lines: string[] = [];
    for (let i = first; i < first + LINES_A_PACKET; i++) {
      const name = (i * 7) % NAMES;
      lines.push(`service.${name}.requests.count:${(i * 13) % 1000}.5|${types[name % 10]!}`);
    }
    packets.push(Buffer.from(`${lines.join('\n')}\n`));
  }
  let end = 0;
  const ends = packets.map(({ length }) => (end += length));
  return { bytes: Buffer.concat([...packets, Buffer.alloc(64)]), ends };
}

describe('the hot path allocates nothing', (it) => {
  it(
    'ten million metrics without a garbage collection',
    async () => {
      const aggregator = new Aggregator(DEFAULT_CONFIG.aggregation, {
        wantSketches: true,
        hashSeed: 42,
      });
      const { bytes, ends } = makePackets();
      const send = (metrics: number): void => {
        for (let sent = 0; sent < metrics;) {
          let from = 0;
          for (const to of ends) {
            aggregator.packet(bytes, from, to, DIALECT_EXTENDED, false);
            from = to;
            sent += LINES_A_PACKET;
          }
        }
      };
      send(2_000_000);
      let collections = 0;
      let grown = 0;
      const observer = new PerformanceObserver((list) => {
        collections += list.getEntries().length;
      });
      observer.observe({ entryTypes: ['gc'] });
      // Garbage of other tests may be collected meanwhile; ours would be in every attempt.
      for (let attempt = 0; attempt < 3; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        collections = 0;
        const before = process.memoryUsage().heapUsed;
        send(METRICS);
        grown = process.memoryUsage().heapUsed - before;
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (collections === 0) break;
      }
      observer.disconnect();
      assert.is(collections, 0, 'garbage collections');
      assert.ok(grown < 512 * 1024, `the heap grew by ${grown} bytes`);
      assert.is(aggregator.health().badLines['badValue'], 0);
    },
    { timeoutMs: 90_000 },
  );
});
