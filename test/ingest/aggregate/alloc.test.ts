/**
 * The promise of the hot path: ten million metrics of every kind, tagged ones among them, without
 * one garbage collection and without heap growth; in the quick run one million.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

setFlagsFromString('--expose-gc');
/** Takes away what other tests of the process left, so that nobody collects it meanwhile. */
const collectGarbage = runInNewContext('gc') as () => void;

const ATTEMPTS = 5;
/** What the compiler of JavaScript may still leave; a byte a metric would be twice to twenty times as much. */
const HEAP_BYTES_MAX = 512 * 1024;
const NAMES = 1000;
const LINES_A_PACKET = 20;
const METRICS = rounds(1_000_000, 10_000_000);
const NOW = 1_700_000_000;

const PLAIN = ['c', 'c', 'ms', 'g', 'c|@0.5', 'ms', 's', 'c|#env:prod,az:b', 'h', 'g'];
/** Longer lines, as client libraries send them. */
const LONG = [
  'c|@0.1',
  'ms|@0.1',
  'd|@0.5|#env:prod,service:checkout,host:web-12,region:eu-west-1,version:1.2.3,team:shop,az:b,k:v',
  'c|#az:b,env:prod|c:ci-7',
  'h|#a,b,c',
  's|#env:prod',
  ' c',
  'ms\r',
];
/** What stands before the bar beside the first value. */
const PACKED: Record<string, string> = { 'g|#az:b': ':7', 'd|#az:b,k:v': ':2:3.5', 'c|#k:v': ':1' };
const REJECTED = ['xx', 'c|@x', 'c|0.5', 'g|@0', 'ms|#é|@-1'];
const TIMED = [`c|T${NOW}`, `g|#env:prod,az:b|T${NOW - 60}`];

const EXTENDED = dialectCode('extended');

/** Packets of 20 lines that hold every name a few times, in one buffer as the receiver's. */
function makePackets(types: string[]): { bytes: Uint8Array; ends: number[] } {
  const packets: Buffer[] = [];
  for (let first = 0; first < NAMES * 5; first += LINES_A_PACKET) {
    const lines: string[] = [];
    for (let i = first; i < first + LINES_A_PACKET; i++) {
      const name = (i * 7) % NAMES;
      const type = types[name % types.length]!;
      const values = `${(i * 13) % 1000}.5${PACKED[type] ?? ''}`;
      lines.push(`service.${name}.requests.count:${values}|${type}`);
    }
    packets.push(Buffer.from(`${lines.join('\n')}\n`));
  }
  let end = 0;
  const ends = packets.map(({ length }) => (end += length));
  return { bytes: Buffer.concat([...packets, Buffer.alloc(64)]), ends };
}

async function sendWithoutCollections(types: string[], metrics: number): Promise<Aggregator> {
  const aggregator = new Aggregator(DEFAULT_CONFIG.aggregation, {
    wantSketches: true,
    hashSeed: 42,
  });
  aggregator.nowSeconds = NOW;
  const { bytes, ends } = makePackets(types);
  const send = (count: number): void => {
    for (let sent = 0; sent < count;) {
      let from = 0;
      for (const to of ends) {
        aggregator.packet(bytes, from, to, EXTENDED, false);
        from = to;
        sent += LINES_A_PACKET;
      }
    }
  };
  send(metrics / 2);
  let collections = 0;
  let grown = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  // A collection that began before may end meanwhile; garbage of ours would be in every attempt.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    send(metrics);
    grown = process.memoryUsage().heapUsed - before;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (collections === 0 && grown < HEAP_BYTES_MAX) break;
  }
  observer.disconnect();
  assert.is(collections, 0, 'garbage collections');
  assert.ok(grown < HEAP_BYTES_MAX, `the heap grew by ${grown} bytes`);
  return aggregator;
}

describe('the hot path allocates nothing', (it) => {
  it(
    'millions of metrics without a garbage collection',
    async () => {
      const aggregator = await sendWithoutCollections(PLAIN, METRICS);
      assert.is(aggregator.health().badLinesSeen, 0);
    },
    { timeoutMs: 90_000 },
  );

  it(
    'nor do long lines, and those that are rejected',
    async () => {
      const aggregator = await sendWithoutCollections(
        [...LONG, ...Object.keys(PACKED), ...REJECTED],
        METRICS / 5,
      );
      const { badLines, metrics } = aggregator.health();
      const kinds = Object.values(badLines).filter((count) => count > 0).length;
      assert.ok(kinds >= 3 && metrics > 0, JSON.stringify(badLines));
    },
    { timeoutMs: 90_000 },
  );

  it(
    'nor do values with times of their own, once their names are known',
    async () => {
      const aggregator = await sendWithoutCollections(TIMED, METRICS / 10);
      let points = 0;
      for (let part = aggregator.takeTimed(NOW); part !== undefined;) {
        points += part.refs.length;
        part = aggregator.takeTimed(NOW);
      }
      assert.is(points, NAMES * 1.5);
    },
    { timeoutMs: 90_000 },
  );
});
