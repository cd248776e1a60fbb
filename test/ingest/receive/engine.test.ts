/** The engine with a fake aggregator: what it opens, what it hands over, how it ends. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config/config.ts';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { Engine, type IngestAggregator } from '../../../src/ingest/receive/engine.ts';
import type { ReceiveHealth } from '../../../src/ingest/receive/health.ts';
import { textsOf } from '../../../src/wire/packed-strings.ts';
import type { FlushBatch, SampleBatch } from '../../../src/wire/sample-batch.ts';
import type { IngestMessage, EventOrCheck } from '../../../src/wire/ingest-messages.ts';
import { NATIVE } from '../../support/native.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { namedPoints, points } from '../../support/points.ts';
import { until } from '../../support/until.ts';
import { sendDatagrams } from './senders.ts';
import { config, tcpServer, udpServer } from './settings.ts';

class FakeAggregator implements IngestAggregator {
  packets: { text: string; dialect: number; stream: boolean }[] = [];
  senders = new Set<string | undefined>();
  refused: Rejection[] = [];
  nowSeconds = 0;
  reconfigured: unknown[] = [];
  private sequence = 0;

  packet(
    bytes: Uint8Array,
    from: number,
    to: number,
    dialect: number,
    stream: boolean,
    sender?: string,
  ): void {
    const text = Buffer.from(bytes.subarray(from, to)).toString();
    this.packets.push({ text, dialect, stream });
    this.senders.add(sender);
  }
  rejections(): Rejection[] {
    return this.refused;
  }
  beginFlush(): void {
    this.sequence += 1;
  }
  continueFlush(): FlushBatch {
    const values = new Float64Array(4).subarray(0, 1);
    values[0] = this.packets.length;
    const { sequence } = this;
    return { sequence, values, refs: new Uint32Array(1) } as FlushBatch;
  }
  restoreGauges(names: string[]): number {
    return names.length;
  }
  reconfigure(settings: unknown): void {
    this.reconfigured.push(settings);
  }
  readonly notices: EventOrCheck[] = [];
  /** How many parts there are of the values with times. */
  timedParts = 0;
  takeTimed(flushTime: number): SampleBatch | undefined {
    if (this.timedParts === 0) return undefined;
    this.timedParts -= 1;
    return points(['t'], [flushTime], [this.timedParts]);
  }
  takeEvents(): EventOrCheck[] {
    return this.notices.splice(0);
  }
  inspect(metrics: string): unknown {
    return [[metrics, this.packets.length]];
  }
  deleteMetrics(_metrics: string, pattern: string): string[] {
    if (pattern === 'boom') throw new UserError('badRequest', 'no such thing');
    return [pattern];
  }
  health(): unknown {
    return { lines: 7 };
  }
  top(): unknown {
    return { names: [] };
  }
}

interface Run {
  engine: Engine;
  aggregator: FakeAggregator;
  messages: IngestMessage[];
  transfers: (ArrayBuffer[] | undefined)[];
  of<K extends IngestMessage['kind']>(kind: K): Extract<IngestMessage, { kind: K }>[];
  port(transport: string, kind?: string): number;
  ask(command: { kind: string } & Record<string, unknown>): Promise<unknown>;
}

async function run(wish: Partial<Config>, wantPackets = false): Promise<Run> {
  const aggregator = new FakeAggregator();
  const messages: IngestMessage[] = [];
  const transfers: (ArrayBuffer[] | undefined)[] = [];
  let call = 0;
  const clock = {
    nowMs: Date.now,
    after(ms: number, callback: () => void) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    nextTurn: (callback: () => void) => void setImmediate(callback),
  };
  const engine = new Engine(
    { config: config(wish), wantSketches: false, wantPackets, hashSeed: 1 },
    aggregator,
    (message, transfer) => {
      messages.push(message);
      transfers.push(transfer);
    },
    clock,
  );
  await engine.open();
  const of = <K extends IngestMessage['kind']>(kind: K) =>
    messages.filter((message) => message.kind === kind) as Extract<IngestMessage, { kind: K }>[];
  return {
    engine,
    aggregator,
    messages,
    transfers,
    of,
    port(transport, kind = 'statsd') {
      const { addresses } = of('ready')[0]!; // open posted it
      return addresses.find((at) => at.transport === transport && at.kind === kind)!.port;
    },
    async ask(command) {
      call += 1;
      const mine = call;
      engine.handle({ ...command, call: mine } as unknown as Parameters<Engine['handle']>[0]);
      const answer = (): IngestMessage | undefined =>
        messages.find((message) => 'call' in message && message.call === mine);
      await until(() => answer() !== undefined);
      const message = answer();
      if (message?.kind === 'replyError') throw new Error(`${message.code}: ${message.sentence}`);
      return message?.kind === 'reply' ? message.value : undefined;
    },
  };
}

async function sendStream(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

describe('engine: listeners', (it) => {
  it('opens every server and says where', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyd-engine-'));
    const socketPath = join(folder, 's');
    const { engine, aggregator, of, port, ask } = await run({
      servers: [
        udpServer({ dialect: 'statsd' }),
        tcpServer({ dialect: 'extended' }),
        tcpServer({ socketPath }),
      ],
      carbon: { address: '127.0.0.1', port: 0 },
      carbonPickle: { address: '127.0.0.1', port: 0 },
    });
    const ready = of('ready')[0]!; // open posted it
    assert.equal(
      ready.addresses.map(({ kind, transport }) => `${kind} ${transport}`),
      ['statsd udp', 'statsd tcp', 'statsd unix', 'carbon tcp', 'carbon udp', 'pickle tcp'],
    );
    assert.is(ready.addresses[2]?.address, socketPath);
    assert.is(ready.addresses[3]?.port, ready.addresses[4]?.port, 'carbon: one port for both');
    assert.match(ready.receiver, process.platform === 'linux' ? /^(native|drain)/ : /./);
    assert.ok(ready.receiveBufferBytes > 0);
    await sendDatagrams([Buffer.from('u:1|c')], port('udp'));
    await sendStream(port('tcp'), 't:1|c\nx:1|c');
    await until(() => aggregator.packets.length === 3);
    const dialects = new Map(aggregator.packets.map(({ text, dialect }) => [text, dialect]));
    assert.is.not(dialects.get('u:1|c'), dialects.get('t:1|c\n'));
    assert.is(aggregator.packets.find(({ text }) => text === 'u:1|c')?.stream, false);
    assert.is(aggregator.packets.find(({ text }) => text === 'x:1|c')?.stream, true);
    await ask({ kind: 'stop' });
    assert.not(existsSync(socketPath));
    rmSync(folder, { recursive: true });
    engine.handle({ kind: 'acknowledge', sequence: 1 });
  });

  it('closes what was open when one listener cannot be opened', async () => {
    const first = await run({ servers: [udpServer(), tcpServer()] });
    const tcpPort = first.port('tcp');
    const other = udpServer({ port: first.port('udp') });
    await first.ask({ kind: 'stop' });
    const blocker = await run({ servers: [other] });
    let sentence = '';
    try {
      await run({ servers: [tcpServer({ port: tcpPort }), other] });
    } catch (error) {
      sentence = (error as Error).message;
    }
    assert.match(sentence, `UDP port ${other.port} on 127.0.0.1 is taken`);
    const free = await run({ servers: [tcpServer({ port: tcpPort })] });
    await free.ask({ kind: 'stop' });
    await blocker.ask({ kind: 'stop' });
  });
});

describe('engine: what it hands over', (it) => {
  it('flushes on the interval; a flush gives away only buffers that are all its own', async () => {
    const wish = config({}, { flushIntervalMs: 50 });
    const { engine, of, messages, transfers, ask } = await run({ aggregation: wish.aggregation });
    await until(() => of('flush').length === 2);
    await until(() => of('log').some(({ message }) => message.startsWith('flush held back')));
    assert.is(of('flush').length, 2, 'two in flight are the limit');
    engine.handle({ kind: 'acknowledge', sequence: 1 });
    await until(() => of('flush').length === 3);
    const [frame] = of('flush');
    assert.equal(transfers[messages.indexOf(frame!)], [frame!.batch.refs.buffer]);
    const health = (await ask({ kind: 'health' })) as ReceiveHealth;
    assert.ok(health.flush.flushesHeld > 0);
    assert.is(health.flush.framesInFlight, 2);
    await ask({ kind: 'stop' });
  });

  it('values with times come behind their flush, the rest of them before the answer to stop', async () => {
    const wish = config({}, { flushIntervalMs: 50 });
    const { aggregator, ask, of, messages } = await run(wish);
    aggregator.timedParts = 3;
    await until(() => of('timed').length === 3);
    assert.is(messages.find(({ kind }) => kind === 'flush' || kind === 'timed')?.kind, 'flush');
    assert.equal(
      of('timed').map(({ batch }) => batch.values[0]),
      [2, 1, 0],
    );
    await until(() => of('log').some(({ message }) => message.startsWith('flush held back')));
    aggregator.timedParts = 2;
    await ask({ kind: 'stop' });
    assert.equal(
      messages.slice(-4).map(({ kind }) => kind),
      ['flush', 'timed', 'timed', 'reply'],
    );
    assert.is(
      namedPoints([of('timed').at(-1)!.batch]).times[0],
      Infinity,
      'those ahead of the clock too',
    );
  });

  it('the last flush comes before the answer to stop and holds what was sent before', async () => {
    const { messages, of, port, ask } = await run({ servers: [udpServer(), tcpServer()] });
    await sendDatagrams(
      Array.from({ length: 100 }, () => Buffer.from('a:1|c')),
      port('udp'),
    );
    await sendStream(port('tcp'), 'b:1|c\n');
    await ask({ kind: 'stop' });
    assert.is(of('flush').at(-1)?.batch.values[0], 101);
    assert.is(messages.at(-1)?.kind, 'reply');
    assert.is(messages.at(-2)?.kind, 'flush');
  });

  it('batches carbon lines of both transports and answers in counters', async () => {
    const { engine, of, port, ask } = await run({ carbon: { address: '127.0.0.1', port: 0 } });
    const at = port('tcp', 'carbon');
    await sendStream(at, 'a.b 1 1700000000\r\nbad\nc nan 1700000000\nd 2 N\ntail 1 1');
    await sendDatagrams([Buffer.from('u 3 1700000000')], at);
    const read: string[] = [];
    let taken = 0;
    await until(() => {
      for (const { batch } of of('points').slice(taken)) {
        const { names, values } = namedPoints([batch]); // each name comes once
        read.push(...names.map((name, i) => `${name}=${values[i]}`));
        // What comes behind it waits for this, where it came a moment later.
        engine.handle({ kind: 'acknowledgePoints', slot: batch.slot! });
        taken += 1;
      }
      return read.length === 3;
    });
    assert.equal(read.sort(), ['a.b=1', 'd=2', 'u=3']);
    const { carbon, rejections } = (await ask({ kind: 'health' })) as ReceiveHealth;
    assert.is(carbon?.points, 3);
    assert.is(countOf(rejections, 'carbon.refused badLine'), 1);
    assert.is(countOf(rejections, 'carbon.refused notFinite'), 1);
    await ask({ kind: 'stop' });
  });

  it('hands raw packets on for the repeater when asked', async () => {
    const { engine, of, port, ask } = await run({}, true);
    await sendDatagrams(
      ['a:1|c', '', 'bad line'].map((text) => Buffer.from(text)),
      port('udp'),
    );
    await until(() => of('packets').flatMap(({ packets }) => textsOf(packets)).length === 3);
    const texts = of('packets').flatMap(({ packets }) => textsOf(packets));
    assert.equal(texts, ['a:1|c', '', 'bad line']);
    engine.handle({ kind: 'acknowledgePackets' });
    await ask({ kind: 'stop' });
  });

  it('counts packets that main was too late for', async () => {
    const { of, port, ask } = await run({}, true);
    const sent = 70;
    // A batch each: one turn's, and none is acknowledged.
    for (let i = 0; i < sent; i++) {
      await sendDatagrams([Buffer.from(`a:${i}|c`)], port('udp'));
      if (i < 64) await until(() => of('packets').length === i + 1);
    }
    const lost = async (): Promise<number> =>
      ((await ask({ kind: 'health' })) as ReceiveHealth).packetsNotRepeated;
    await until(async () => (await lost()) >= sent - 64);
    assert.is(of('packets').length, 64);
    await ask({ kind: 'stop' });
  });

  it('logs every packet under dumpMessages', async () => {
    const { of, port, ask } = await run({ dumpMessages: true });
    await sendDatagrams([Buffer.from('a:1|c')], port('udp'));
    await until(() => of('log').some(({ message }) => message === 'a:1|c'));
    await ask({ kind: 'stop' });
  });

  it('starts and ends dumping while it runs', async () => {
    const { aggregator, of, port, ask } = await run({});
    const sendOne = async (text: string, count: number): Promise<void> => {
      await sendDatagrams([Buffer.from(text)], port('udp'));
      await until(() => aggregator.packets.length === count);
    };
    await sendOne('a:1|c', 1);
    await ask({ kind: 'reconfigure', config: config({ dumpMessages: true }) });
    await sendOne('b:1|c', 2);
    await ask({ kind: 'reconfigure', config: config({ dumpMessages: false }) });
    await sendOne('c:1|c', 3);
    const dumped = of('log').filter(({ message }) => message.endsWith('|c'));
    assert.equal(
      dumped.map(({ level, message }) => [level, message]),
      [['info', 'b:1|c']],
    );
    await ask({ kind: 'stop' });
  });
});

describe('engine: questions', (it) => {
  it('puts them to the aggregator', async () => {
    const { aggregator, of, ask } = await run({});
    assert.equal(await ask({ kind: 'inspect', metrics: 'gauges' }), [['gauges', 0]]);
    assert.equal(await ask({ kind: 'deleteMetrics', metrics: 'gauges', pattern: 'a' }), ['a']);
    const names = ['a', 'b'];
    const values = new Float64Array(2);
    assert.is(await ask({ kind: 'restoreGauges', names, values }), 2);
    const changed = config({}, { flushIntervalMs: 1000, deleteGauges: true });
    await ask({ kind: 'reconfigure', config: changed });
    const taken = { ...changed.aggregation, flushIntervalMs: 600_000 };
    assert.equal(aggregator.reconfigured, [taken], 'the interval stays');
    assert.ok(of('log').some(({ level }) => level === 'warn'));
    let answer = '';
    try {
      await ask({ kind: 'deleteMetrics', metrics: 'gauges', pattern: 'boom' });
    } catch (error) {
      answer = (error as Error).message;
    }
    assert.is(answer, 'badRequest: no such thing');
    await ask({ kind: 'stop' });
  });

  it('reports the health of every listener', async () => {
    const { of, port, ask } = await run({ servers: [udpServer(), tcpServer()] });
    const before = (await ask({ kind: 'health' })) as ReceiveHealth;
    assert.is(before.lastPacketMs, 0);
    const startedMs = Date.now();
    await sendDatagrams([Buffer.from('a:1|c'), Buffer.from('b:1|c')], port('udp'));
    await sendStream(port('tcp'), 'b:1|c\n');
    let health = before;
    await until(async () => {
      health = (await ask({ kind: 'health' })) as ReceiveHealth;
      return health.datagrams === 2;
    });
    assert.ok(health.lastPacketMs >= startedMs);
    if (process.platform === 'linux') assert.is(health.kernelDrops, 0);
    assert.equal((health as unknown as { aggregate: unknown }).aggregate, { lines: 7 });
    assert.is(health.listeners[0]?.packets, 2);
    assert.is(health.listeners[0]?.receiver, of('ready')[0]?.receiver);
    assert.is(health.listeners[1]?.stream?.accepted, 1);
    assert.is(health.carbon?.points, 0);
    await ask({ kind: 'stop' });
  });
});

describe('engine: senders and complaints', (it) => {
  it('tells the aggregator who sends, where that is known', async () => {
    const { engine, aggregator, port, ask } = await run({
      receiver: NATIVE === undefined ? 'message' : 'native',
      servers: [udpServer(), tcpServer()],
    });
    assert.ok(engine);
    await sendDatagrams([Buffer.from('a:1|c')], port('udp'));
    await until(() => aggregator.packets.length === 1);
    assert.equal([...aggregator.senders], ['127.0.0.1']);
    aggregator.senders.clear();
    const socket = connect(port('tcp'), '127.0.0.1');
    socket.end('b:1|c\n');
    await until(() => aggregator.packets.length === 2);
    assert.equal([...aggregator.senders], ['127.0.0.1']);
    await ask({ kind: 'stop' });
  });

  it('logs what is refused once, with a hint that names the port', async () => {
    const { aggregator, of, port, ask } = await run({
      carbon: { address: '127.0.0.1', port: 0 },
    });
    const last = { example: 'a 1 2', time: 5, sender: '10.0.0.5' };
    aggregator.refused = [{ what: 'lines.mistaken', reason: 'carbonLine', count: 3, last }];
    await ask({ kind: 'health' });
    aggregator.refused = [{ what: 'lines.mistaken', reason: 'carbonLine', count: 9, last }];
    await ask({ kind: 'health' });
    const logs = of('log').filter(({ level }) => level === 'warn');
    assert.equal(
      logs.map(({ message }) => message),
      [
        'bad lines that show a mistake (carbonLine, 3 times), the last: "a 1 2" from 10.0.0.5: ' +
          "this is a line of Graphite's plaintext protocol; those go to tcp port " +
          String(port('tcp', 'carbon')),
      ],
    );
    assert.is(logs[0]?.fields?.['count'], 3);
    await ask({ kind: 'stop' });
  });

  it('shows what carbon and streams refuse in its health', async () => {
    const { port, ask } = await run({
      carbon: { address: '127.0.0.1', port: 0 },
      carbonPickle: { address: '127.0.0.1', port: 0 },
    });
    const send = async (to: number, text: string): Promise<void> => {
      const socket = connect(to, '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end(text);
      socket.resume();
      await closed;
    };
    const found = async (what: string, reason: string): Promise<Rejection | undefined> => {
      const { rejections } = (await ask({ kind: 'health' })) as ReceiveHealth;
      return rejections.find((one) => one.what === what && one.reason === reason && one.count > 0);
    };
    await send(port('tcp', 'carbon'), 'a.b:1|c\nx.y 1,5 1700000000\n');
    await until(async () => (await found('carbon.refused', 'badValue')) !== undefined);
    assert.is((await found('carbon.refused', 'badLine'))?.last?.example, 'a.b:1|c');
    assert.is((await found('carbon.refused', 'badLine'))?.last?.sender, '127.0.0.1');
    assert.is((await found('carbon.mistaken', 'statsdLine'))?.count, 1);
    assert.is((await found('carbon.mistaken', 'decimalComma'))?.count, 1);
    await send(port('tcp', 'pickle'), 'a.b 1 1700000000\n');
    await until(async () => (await found('pickle.mistaken', 'carbonLine')) !== undefined);
    assert.is(
      (await found('connections.refused', 'lineTooLong'))?.last?.example,
      'a.b 1 1700000000\\x0a',
    );
    await ask({ kind: 'stop' });
  });
});
