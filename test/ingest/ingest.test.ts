/** The ingest worker in its own thread: datagrams in, frames on the main thread. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Worker } from 'node:worker_threads';
import type { Config } from '../../src/config/config.ts';
import { startIngest, type Ingest, type IngestEvents } from '../../src/ingest/ingest.ts';
import { UserError } from '../../src/lib/errors.ts';
import { eachText, type PackedStrings, textsOf } from '../../src/wire/packed-strings.ts';
import type { FlushBatch, SampleBatch } from '../../src/wire/sample-batch.ts';
import type { FlushSnapshot } from '../../src/wire/ingest-messages.ts';
import { namedPoints } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';
import { flood, sendDatagrams } from './receive/senders.ts';
import { aggregation, config, tcpServer, udpServer } from './receive/settings.ts';

/** Everything that came out of the worker, with values added up by series. */
class Collected implements IngestEvents {
  frames: FlushBatch[] = [];
  batches: SampleBatch[] = [];
  packets: string[] = [];
  errors: Error[] = [];
  logs: string[] = [];
  sums = new Map<string, number>();
  private readonly names = new Map<number, string>();

  onFlush(frame: FlushBatch): void {
    this.frames.push(frame);
    const { series } = frame;
    eachText(series.names, (name, i) => this.names.set(series.refs[i]!, name));
    frame.refs.forEach((id, i) => {
      const name = this.names.get(id) ?? `unknown id ${id}`;
      this.sums.set(name, (this.sums.get(name) ?? 0) + frame.values[i]!); // as long as refs
    });
    for (const id of series.retired) this.names.delete(id);
  }
  onPoints(batch: SampleBatch): void {
    this.batches.push(batch);
  }
  onPackets(packets: PackedStrings): void {
    this.packets.push(...textsOf(packets));
  }
  onLog(level: string, message: string): void {
    this.logs.push(`${level} ${message}`);
  }
  onError(error: Error): void {
    this.errors.push(error);
  }
}

async function start(
  wish: Partial<Config> = {},
  options: { wantPackets?: boolean } = {},
): Promise<{ ingest: Ingest; got: Collected }> {
  const got = new Collected();
  const wants = { wantSketches: false, wantPackets: options.wantPackets ?? false };
  return { ingest: await startIngest(config(wish), wants, got), got };
}

function port(ingest: Ingest, kind: string, transport: string): number {
  return ingest.addresses.find((at) => at.kind === kind && at.transport === transport)!.port;
}

async function sendStream(to: number, text: string): Promise<void> {
  const socket = connect(to, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

describe('ingest', (it) => {
  it('turns datagrams and TCP lines into a frame on the main thread', async () => {
    const { ingest, got } = await start({ servers: [udpServer(), tcpServer()] });
    assert.match(ingest.receiver, process.platform === 'linux' ? /^(native|drain)/ : /./);
    assert.ok(ingest.receiveBufferBytes > 0);
    const lines = Array.from({ length: 1000 }, (_, i) => Buffer.from(`hits:${i % 10}|c`));
    await sendDatagrams(lines, port(ingest, 'statsd', 'udp'));
    await sendStream(port(ingest, 'statsd', 'tcp'), 'hits:100|c\nroom:5|g\n');
    await ingest.stop();
    assert.is(got.sums.get('stats_counts.hits'), 4600);
    assert.is(got.sums.get('stats.gauges.room'), 5);
    assert.is(got.sums.get('stats_counts.statsd.packets_received'), 1001);
    assert.is(got.frames.length, 1);
    assert.is(got.frames[0]!.sequence, 1);
    assert.ok(got.frames[0]!.values.buffer instanceof SharedArrayBuffer, 'no copy on the way');
    assert.ok(Math.abs(got.frames[0]!.times - Date.now() / 1000) < 60);
    assert.equal(got.errors, []);
    await ingest.stop();
  });

  it('counts exactly what was sent less kernel drops while it flushes', async () => {
    const fast = aggregation({ flushIntervalMs: 20 });
    const { ingest, got } = await start({ aggregation: fast });
    got.onFlush = (frame) => {
      Collected.prototype.onFlush.call(got, frame);
      ingest.acknowledge(frame.sequence);
      ingest.giveMemory(frame.slot!);
    };
    const sent = await flood(port(ingest, 'statsd', 'udp'), 'hits:1|c\ntime:12|ms', 40_000);
    let health = await ingest.health();
    await until(async () => {
      health = await ingest.health();
      return health.datagrams === sent - (health.kernelDrops ?? 0);
    });
    await ingest.stop();
    assert.is(got.sums.get('stats_counts.hits'), health.datagrams);
    assert.ok(got.frames.length > 1);
    assert.equal(
      got.frames.map(({ sequence }) => sequence),
      got.frames.map((_, i) => i + 1),
    );
  });

  it('keeps two frames at most in flight', async () => {
    const fast = aggregation({ flushIntervalMs: 30 });
    const { ingest, got } = await start({ aggregation: fast });
    await until(() => got.logs.some((line) => line.startsWith('warn flush held back')));
    assert.is(got.frames.length, 2);
    ingest.acknowledge(1);
    ingest.acknowledge(2);
    await until(() => got.frames.length === 4);
    await ingest.stop();
  });

  it('hands over carbon points and raw packets', async () => {
    const carbon = { address: '127.0.0.1', port: 0 };
    const { ingest, got } = await start({ carbon }, { wantPackets: true });
    await sendStream(port(ingest, 'carbon', 'tcp'), 'a.b 1.5 1700000000\n');
    await sendDatagrams([Buffer.from('x:1|c')], port(ingest, 'statsd', 'udp'));
    await until(() => got.batches.length === 1 && got.packets.length === 1);
    const points = { names: ['a.b'], times: [1_700_000_000], values: [1.5] };
    assert.equal(namedPoints(got.batches), points);
    assert.equal(got.packets, ['x:1|c']);
    ingest.acknowledgePoints(got.batches[0]!.slot!);
    await ingest.stop();
  });

  it('hands over the raw values behind a frame before the frame', async () => {
    const got = new Collected();
    const order: string[] = [];
    const wants = { wantSketches: false, wantPackets: false, wantSnapshots: true };
    const snapshots: FlushSnapshot[] = [];
    const ingest = await startIngest(config(), wants, {
      onLog: () => {},
      onError: (error) => got.onError(error),
      onSnapshot: (snapshot) => {
        order.push(snapshot.kind);
        snapshots.push(snapshot);
      },
      onFlush: () => order.push('flush'),
    });
    const packet = Buffer.from('c:2|c|@0.5\nt:7|ms\nt:3|ms\ng:1|g\nu:x|s\nu:y|s');
    await sendDatagrams([packet], port(ingest, 'statsd', 'udp'));
    await ingest.stop();
    assert.equal(order, ['snapshot', 'flush']);
    const { counters, timers, gauges, sets } = snapshots[0]!;
    assert.equal(counters.at(-1), ['c', 4]);
    assert.equal(counters[1], ['statsd.packets_received', 1]);
    assert.equal(timers, [['t', [7, 3]]]);
    assert.equal(gauges, [['g', 1]]);
    assert.equal(sets, [['u', ['x', 'y']]]);
    assert.equal(got.errors, []);
  });

  it('answers questions', async () => {
    const { ingest } = await start();
    assert.is(await ingest.restoreGauges(['stats.gauges.room'], Float64Array.of(7)), 1);
    assert.equal(await ingest.inspect('gauges'), [['room', 7]]);
    await ingest.reconfigure(config({}, { deleteGauges: true }), { wantSketches: false });
    assert.equal(await ingest.deleteMetrics('gauges', 'room'), ['room']);
    const health = await ingest.health();
    assert.is(health.datagrams, 0);
    assert.ok(health.aggregate);
    await ingest.stop();
    let refusal = '';
    await ingest.health().catch((error: unknown) => (refusal = String(error)));
    assert.match(refusal, 'the ingest thread has ended');
  });

  it('refuses to start on a taken port with a sentence', async () => {
    const { ingest } = await start();
    const taken = port(ingest, 'statsd', 'udp');
    let caught: unknown;
    try {
      await start({ servers: [udpServer({ port: taken })] });
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, UserError);
    assert.is((caught as UserError).code, 'portTaken');
    assert.is(
      (caught as UserError).message,
      `UDP port ${taken} on 127.0.0.1 is taken (EADDRINUSE): another StatsD or tallyd is ` +
        'running there; choose another with --port',
    );
    await ingest.stop();
  });

  it('says when the thread dies', async () => {
    const { ingest, got } = await start();
    await (ingest as unknown as { worker: Worker }).worker.terminate();
    await until(() => got.errors.length === 1);
    assert.match(got.errors[0]!.message, 'the ingest thread ended');
    await ingest.stop();
  });
});
