/**
 * Everything that is bad at once against a real tallyd with good senders beside it, and what must
 * hold then: every line accounted for to the one, the server alive, its memory bounded, nothing of
 * the good senders lost. Sizes and the seed are given: `run.ts` takes many lines, the test few.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Random } from '../../src/cli/random.ts';
import { Server } from '../support/server.ts';
import {
  halfOpen,
  HTTP_LINES,
  HTTP_REQUEST,
  randomDatagrams,
  sendAndEnd,
  sendDatagrams,
  sendLines,
  sendUntilClosed,
  SlowSender,
} from './bad-senders.ts';
import { GoodSenders } from './good-senders.ts';
import { type Expected, expectedOfCarbon, expectedOfStatsd, joined } from './model.ts';
import { type Dialect, DIALECT_NAMES } from '../../src/config/dialects.ts';
import { CARBON_LINES, linesByDialect, mutatedLines } from './mutate.ts';
import { BAD_PICKLES, NO_POINTS } from './pickles.ts';

export interface AttackSizes {
  /** Mutated lines of each dialect. */
  lines: number;
  datagrams: number;
  halfOpen: number;
  slowTurns: number;
}

export interface Line {
  what: string;
  sent: number;
  /** By what became of them. */
  counted: Record<string, number>;
  isRight: boolean;
}

export interface AttackReport {
  lines: Line[];
  rssBeforeMb: number;
  rssMostMb: number;
}

/** Of one bad connection at a time: other limits are tested where they are made. */
const ABREAST = 50;
const SLOW_EACH = 5;
/** Fewer than the smallest receive buffer holds. */
const DATAGRAMS_A_TURN = 50;
/** What a bad sender may make the server hold: tables, sockets, names; never what it sends. */
export const RSS_GROWTH_MAX_MB = 500;

export async function attack(seed: number, sizes: AttackSizes): Promise<AttackReport> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-fuzz-'));
  const server = await startServer(folder);
  try {
    return await new Attack(server, seed, sizes).run();
  } finally {
    await server.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A UDP listener, and one over TCP for each dialect. */
async function startServer(folder: string): Promise<Server> {
  const config = path.join(folder, 'tallyd.json5');
  const tcp = DIALECT_NAMES.map((dialect) => ({
    server: './servers/tcp',
    address: '127.0.0.1',
    port: 0,
    dialect,
  }));
  const udp = { server: './servers/udp', address: '127.0.0.1', port: 0 };
  fs.writeFileSync(config, JSON.stringify({ servers: [udp, ...tcp] }));
  const schemas = path.join(folder, 'schemas.conf');
  fs.writeFileSync(schemas, '[all]\npattern = .*\nretentions = 1s:1h\n');
  return Server.start(['--config', config, '--storage-schemas', schemas]);
}

class Attack {
  private readonly server: Server;
  private readonly random: Random;
  private readonly sizes: AttackSizes;
  private readonly ports: Record<Dialect, number> & Record<'udp' | 'carbon' | 'pickle', number>;
  private readonly good: GoodSenders;
  private readonly table: Line[] = [];
  /** Of every line that went to a StatsD port, and to carbon's. */
  private readonly statsd: Expected[] = [];
  private readonly carbon: Expected[] = [];
  private rssMost = 0;

  constructor(server: Server, seed: number, sizes: AttackSizes) {
    this.server = server;
    this.random = new Random(seed);
    this.sizes = sizes;
    const tcp = server.addresses!.filter((address) => address.startsWith('statsd tcp'));
    const dialectPorts = DIALECT_NAMES.map((dialect, i) => [
      dialect,
      Number(tcp[i]!.split(':').at(-1)),
    ]);
    this.ports = {
      // In the order of the file.
      ...(Object.fromEntries(dialectPorts) as Record<Dialect, number>),
      udp: server.port('statsd udp'),
      carbon: server.port('carbon tcp'),
      pickle: server.port('pickle'),
    };
    this.good = new GoodSenders({
      statsdTcp: this.ports.extended,
      statsdUdp: this.ports.udp,
      carbon: this.ports.carbon,
      pickle: this.ports.pickle,
    });
  }

  async run(): Promise<AttackReport> {
    const { server, good, ports } = this;
    await server.until(() => Object.values(good.sent).every((sent) => sent > 20), 'good senders');
    await this.watch();
    const rssBefore = this.rssMost;
    const slowPorts = [ports.statsd, ports.extended, ports.carbon, ports.pickle];
    const slow = await SlowSender.open(slowPorts, SLOW_EACH);
    const turns = this.slowly(slow);
    await this.sendMutated();
    await this.sendCarbon();
    await this.sendPickles();
    await this.sendHalfOpen();
    await this.sendHttp();
    await this.sendLongNames();
    await this.sendRandom();
    await turns;
    await slow.close();
    // `extended` reads the tail of a connection that ends in order as a line.
    const tail = Buffer.from('x'.repeat(slow.sent));
    const tails = Array.from({ length: SLOW_EACH }, () => tail);
    this.expect('bytes one by one, read as extended', tails, 'extended');
    await good.stop();
    await this.compare();
    await this.checkGood();
    this.row('the server, alive', 1, { alive: server.exit === undefined ? 1 : 0 });
    const [rssBeforeMb, rssMostMb] = [rssBefore, this.rssMost].map((n) => Math.round(n / 2 ** 20));
    return { lines: this.table, rssBeforeMb: rssBeforeMb!, rssMostMb: rssMostMb! }; // two
  }

  /** A row of the table, right when the counts add up to what was sent. */
  private row(what: string, sent: number, counted: Record<string, number>): void {
    this.table.push({ what, sent, counted, isRight: total(counted) === sent });
  }

  private expect(what: string, lines: readonly Buffer[], dialect: Dialect): void {
    const expected = expectedOfStatsd(lines, dialect);
    const { taken, partly, refused } = expected;
    this.row(what, lines.length, { taken, ...(partly > 0 ? { partly } : {}), ...refused });
    this.statsd.push(expected);
  }

  private expectCarbon(what: string, lines: readonly Buffer[]): void {
    const expected = expectedOfCarbon(lines);
    const { taken, refused } = expected;
    const blank = lines.length - expected.lines;
    this.row(what, lines.length, { taken, ...refused, ...(blank > 0 ? { blank } : {}) });
    this.carbon.push(expected);
  }

  /** One byte at a time on many connections, all the while. */
  private async slowly(slow: SlowSender): Promise<void> {
    for (let i = 0; i < this.sizes.slowTurns; i++) {
      slow.send();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async sendMutated(): Promise<void> {
    for (const [dialect, good] of linesByDialect()) {
      const lines = mutatedLines(good, this.sizes.lines, this.random);
      lines.push(Buffer.from(`${'n'.repeat(60_000)}:1|c`));
      const read = DIALECT_NAMES.find((own) => own === dialect) ?? 'extended';
      this.expect(`${dialect} lines, read as ${read}`, lines, read);
      await sendLines(this.ports[read], lines, this.random);
      await this.watch();
    }
  }

  private async sendCarbon(): Promise<void> {
    const lines = mutatedLines(CARBON_LINES, this.sizes.lines, this.random);
    this.expectCarbon('carbon lines', lines);
    await sendLines(this.ports.carbon, lines, this.random);
  }

  private async sendPickles(): Promise<void> {
    const { pickle } = this.ports;
    for (const bytes of Object.values(BAD_PICKLES)) await sendAndEnd(pickle, bytes);
    for (const { bytes } of Object.values(NO_POINTS)) await sendAndEnd(pickle, bytes);
    // A length of 4 GB.
    await sendUntilClosed(pickle, Buffer.concat([Buffer.alloc(4, 0xff), Buffer.alloc(60_000)]));
    await this.watch();
  }

  private async sendHalfOpen(): Promise<void> {
    const each = Math.ceil(this.sizes.halfOpen / 3);
    const half = (i: number): Buffer => Buffer.from(`half.open.${i}`);
    // StatsD drops a tail; the other dialects would read it as a line.
    await halfOpen(this.ports.statsd, each, ABREAST, half);
    await halfOpen(this.ports.carbon, each, ABREAST, half);
    await halfOpen(this.ports.pickle, each, ABREAST, () => Buffer.from([0, 0, 0xff, 1, 2, 3]));
    await this.watch();
  }

  private async sendHttp(): Promise<void> {
    for (const dialect of DIALECT_NAMES) {
      await sendAndEnd(this.ports[dialect], HTTP_REQUEST);
      this.expect(`HTTP, read as ${dialect}`, HTTP_LINES, dialect);
    }
    await sendAndEnd(this.ports.carbon, HTTP_REQUEST);
    this.expectCarbon('HTTP, read by carbon', HTTP_LINES);
    await sendAndEnd(this.ports.pickle, HTTP_REQUEST);
    await sendAndEnd(this.server.port('console'), HTTP_REQUEST);
    await sendAndEnd(this.server.port('http'), Buffer.from('gorets:1|c\n'));
  }

  /** A line that never ends. */
  private async sendLongNames(): Promise<void> {
    const name = Buffer.from('n'.repeat(65_535));
    for (const port of [this.ports.extended, this.ports.carbon, this.ports.pickle]) {
      await sendUntilClosed(port, name);
    }
  }

  /** A few at a time, so that the kernel has no reason to drop one. */
  private async sendRandom(): Promise<void> {
    const datagrams = randomDatagrams(this.sizes.datagrams, this.random);
    const taken = async (): Promise<number> => {
      const metrics = await this.metrics();
      const dropped = metrics.get('tallyd_datagrams_dropped_total') ?? 0;
      return metrics.get('tallyd_datagrams_received_total')! + dropped;
    };
    for (let at = 0; at < datagrams.length; at += DATAGRAMS_A_TURN) {
      const part = datagrams.slice(at, at + DATAGRAMS_A_TURN);
      const before = await taken();
      await sendDatagrams(this.ports.udp, part);
      await this.server.until(async () => (await taken()) >= before + part.length, 'datagrams');
    }
    const lines = datagrams.flatMap((bytes) => linesOf(bytes));
    this.expect('random bytes over UDP, read as extended', lines, 'extended');
    await this.watch();
  }

  /** Waits until the server has read everything, and compares what it counted. */
  private async compare(): Promise<void> {
    const { good, server } = this;
    const statsd = joined(this.statsd);
    const carbon = joined(this.carbon);
    const goodLines = good.sent.tcp + good.sent.udp;
    const goodPoints = good.sent.plaintext + good.sent.pickled;
    const lines = statsd.lines + goodLines;
    let counted = await this.metrics();
    const count = (name: string): number => counted.get(`tallyd_${name}`) ?? 0;
    const countsOf = (name: string): Record<string, number> => byReason(counted, `tallyd_${name}`);
    const isQuiet = async (): Promise<boolean> => {
      counted = await this.metrics();
      const points = total(countsOf('points'));
      return count('lines_received_total') >= lines && points === count('carbon_points_total');
    };
    await server.until(isQuiet, 'everything counted').catch(() => {});
    const dropped = count('datagrams_dropped_total');
    this.row('all lines, counted by the server', lines, {
      counted: count('lines_received_total'),
      ...(dropped > 0 ? { droppedByKernel: dropped } : {}),
    });
    const limited = countsOf('series_refused_total');
    for (const kind of ['setMembers', 'timerValues', 'timerBins']) delete limited[kind];
    this.row('samples', statsd.samples + goodLines, {
      counted: count('metrics_received_total'),
      ...limited,
    });
    this.same('bad samples', statsd.badSamples, countsOf('lines_bad_total'));
    this.row('points', carbon.taken + goodPoints, countsOf('points'));
    const pickles = {
      badPickle: Object.keys(BAD_PICKLES).length,
      badLine: sumOf(NO_POINTS, 'badLine'),
      nameTooLong: sumOf(NO_POINTS, 'nameTooLong'),
    };
    const wrong = joined([carbon, { ...joined([]), badSamples: pickles }]);
    this.same('bad points and pickles', wrong.badSamples, countsOf('carbon_refused_total'));
  }

  private same(
    what: string,
    expected: Record<string, number>,
    counted: Record<string, number>,
  ): void {
    const reasons = [...new Set([...Object.keys(expected), ...Object.keys(counted)])];
    const isRight = reasons.every((reason) => (expected[reason] ?? 0) === (counted[reason] ?? 0));
    const counts = isRight ? counted : { ...counted, ...labelled('expected ', expected) };
    this.table.push({ what, sent: total(expected), counted: counts, isRight });
  }

  /** What the good senders sent is all there. */
  private async checkGood(): Promise<void> {
    const { good, server } = this;
    const sums = async (name: string): Promise<number> => server.sum(`stats_counts.good.${name}`);
    const dropped = (await this.metrics()).get('tallyd_datagrams_dropped_total') ?? 0;
    const flushed = async (): Promise<boolean> =>
      (await sums('tcp')) >= good.sent.tcp && (await sums('udp')) + dropped >= good.sent.udp;
    await server.until(flushed, 'the last flush').catch(() => {});
    this.row('good lines over TCP, stored', good.sent.tcp, { counted: await sums('tcp') });
    this.row('good lines over UDP, stored', good.sent.udp, {
      counted: await sums('udp'),
      ...(dropped > 0 ? { droppedByKernel: dropped } : {}),
    });
    let right = 0;
    let expected = 0;
    for (const [name, points] of good.points) {
      const stored = (await server.render(name)).get(name) ?? [];
      const valueAt = new Map(stored.map(({ value, time }) => [time, value]));
      expected += points.size;
      for (const [time, value] of points) if (valueAt.get(time) === value) right += 1;
    }
    this.row('good points, read back', expected, { right });
  }

  private async watch(): Promise<void> {
    this.rssMost = Math.max(this.rssMost, (await this.metrics()).get('tallyd_process_rss_bytes')!);
  }

  /** Values of /metrics by name and labels. */
  private async metrics(): Promise<Map<string, number>> {
    const text = await (await this.server.get('/metrics')).text();
    const found = text.matchAll(/^([a-z_]+(?:\{[^}]*\})?) (\S+)$/gm);
    return new Map(Array.from(found, ([, name, value]) => [name!, Number(value)])); // two groups
  }
}

/** Those above 0. `points` are the fates of points that the store was given. */
function byReason(counted: ReadonlyMap<string, number>, name: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, count] of counted) {
    const reason =
      name === 'tallyd_points'
        ? /^tallyd_points_(\w+)_total$/.exec(key)?.[1]
        : key.startsWith(`${name}{`)
          ? /"(\w+)"/.exec(key)?.[1]
          : undefined;
    if (reason !== undefined && count > 0) counts[reason] = count;
  }
  return counts;
}

function labelled(label: string, counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([key, value]) => [label + key, value]));
}

/** Lines of a datagram; empty ones are none. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    if (to > from) lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

function sumOf(pickles: typeof NO_POINTS, reason: string): number {
  return Object.values(pickles).reduce(
    (sum, one) => sum + (one.reason === reason ? one.entries : 0),
    0,
  );
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
