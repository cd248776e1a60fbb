/**
 * The ingest worker as the receive bench runs it: one UDP listener on a free port of loopback, a
 * flush every second, nothing behind it. Started by `receive.ts` as a process of its own, so that
 * its CPU time (all threads) is the receiver's. Speaks JSON lines: the address at start, counts at
 * each `mark`, the totals of all flushes at `stop`.
 */
import { createInterface } from 'node:readline';
import type { Config } from '../src/config/config.ts';
import { DEFAULT_CONFIG } from '../src/config/load.ts';
import { startIngest } from '../src/ingest/ingest.ts';
import { eachText } from '../src/wire/packed-strings.ts';
import type { FlushBatch } from '../src/wire/sample-batch.ts';

const [receiver = 'auto', bufferBytes = '4194304'] = process.argv.slice(2);
const names = new Map<number, string>();
let packetsFlushed = 0;
let flushes = 0;

function addUp({ series, refs, values }: FlushBatch): void {
  flushes += 1;
  eachText(series.names, (name, i) => names.set(series.refs[i]!, name));
  refs.forEach((ref, i) => {
    if (names.get(ref) === 'stats_counts.statsd.packets_received') packetsFlushed += values[i]!;
  });
}

function say(message: object): void {
  process.stdout.write(JSON.stringify(message) + '\n');
}

const ingest = await startIngest(
  {
    ...DEFAULT_CONFIG,
    servers: [{ ...DEFAULT_CONFIG.servers[0]!, address: '127.0.0.1', port: 0 }],
    carbon: undefined,
    carbonPickle: undefined,
    receiver: receiver as Config['receiver'],
    receiveBufferBytes: Number(bufferBytes),
    aggregation: { ...DEFAULT_CONFIG.aggregation, flushIntervalMs: 1000 },
  },
  { wantSketches: false, wantPackets: false },
  {
    onFlush(batch) {
      ingest.acknowledge(batch.sequence);
      addUp(batch);
      ingest.giveMemory(batch.slot!);
    },
    onLog(level, message) {
      if (level !== 'debug') console.error(`${level} ${message}`);
    },
    onError(error) {
      throw error;
    },
  },
);
say({ port: ingest.addresses[0]!.port, receiver: ingest.receiver });

for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'mark') {
    const { datagrams, kernelDrops, aggregate } = await ingest.health();
    const { user, system } = process.cpuUsage();
    const { packets, metrics } = aggregate;
    say({ datagrams, drops: kernelDrops, packets, metrics, cpuUs: user + system });
  } else if (command === 'stop') {
    await ingest.stop();
    say({ packetsFlushed, flushes });
    break;
  }
}
