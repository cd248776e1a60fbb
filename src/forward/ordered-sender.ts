/**
 * Sends payloads over one kept TCP connection, in order, with back-off while the peer is away. TCP
 * does not say what the peer has read, so a payload that was written stays in the queue until enough
 * speaks for it (written.ts). What was not settled is sent again, so a payload may come twice and
 * none is missing. The wait between two connections grows until one of them has held: a proxy
 * without a server behind it accepts and closes for ever.
 *
 * With a spool payloads wait on disk while the peer is away, and over a stop.
 */
import net from 'node:net';
import { counted } from '../lib/counted.ts';
import { hostPort } from '../lib/host-port.ts';
import { Reach, type Tell } from './reach.ts';
import { type Payload, SendQueue, type SendQueueLimits, type Unit } from './send-queue.ts';
import type { Spool, Spooled } from './spool.ts';
import { SETTLE_MS, Written } from './written.ts';

const SENDER_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** A peer that takes nothing for this long is given up and connected to again. */
const STALL_MS = 30_000;
/** A peer is told to be away from the first failure, or from so many connections that did not hold. */
const UNHELD_MAX = 3;
/** How long a stop waits for the peer's end of the connection. */
const END_MS = 1000;

export interface SenderStats {
  queuedPayloads: number;
  queuedBytes: number;
  /** Those of them on disk. */
  diskPayloads: number;
  diskBytes: number;
  /** Taken by the kernel; not yet known to have been read are `unconfirmedPayloads`. */
  sentPayloads: number;
  sentBytes: number;
  unconfirmedPayloads: number;
  /** Written once more, because a connection broke before they were known to have arrived. */
  resentPayloads: number;
  /** The oldest ones, when the queue was full. */
  droppedPayloads: number;
  /** The oldest ones on disk, when the store needed the disk's room. */
  gaveWayPayloads: number;
  /** Found damaged on disk, at a start or when they were to be sent. */
  damagedPayloads: number;
  connects: number;
  /** Epoch ms of the last error, 0 when there was none, and its text. */
  lastErrorMs: number;
  lastError: string;
  isAway: boolean;
  /** One sentence while the peer is away, or the queue on disk takes nothing. */
  trouble: string | undefined;
}

export interface SenderOptions {
  host: string;
  port: number;
  /** Begins a sentence: `Graphite`. */
  peer: string;
  unit: Unit;
  /** Whether a payload that comes twice does what it does once. */
  isHarmlessTwice: boolean;
  /** Bytes that may wait in memory. */
  queueBytesMax?: number;
  /** Where payloads wait while the peer is away. */
  spool?: { spool: Spool; waiting: readonly Spooled[]; bytesMax: number };
  /** Every fault. */
  onError(message: string): void;
  /** What the log is to say, once a change. */
  tell?: Tell;
  /** The kernel has all of a payload. */
  onSent?(payload: Payload): void;
  /** How long a connection has to hold until it counts; tests are in a hurry. */
  settleMs?: number;
  /** Ports of this process: what is sent there would come back. */
  ownPorts?: readonly number[];
}

type State = 'idle' | 'connecting' | 'ready' | 'writing' | 'ending' | 'waiting' | 'stopped';

export class OrderedSender {
  private readonly queue: SendQueue;
  private readonly options: SenderOptions;
  private socket: net.Socket | undefined;
  private state: State = 'idle';
  /** The peer did not answer, or broke the connection: payloads go to disk. */
  private isAway = false;
  private backoffMs = BACKOFF_FIRST_MS;
  private retry: NodeJS.Timeout | undefined;
  private pumping = false;
  /** Something changed while payloads were written. */
  private pumpAgain = false;
  private readonly drained: (() => void)[] = [];
  private readonly written: Written;
  private readonly settleMs: number;
  private readonly reach: Reach;
  /** Connections in a row that did not hold. */
  private unheld = 0;
  /** The first write of the connection that is open. */
  private firstWriteMs: number | undefined;
  private holding: NodeJS.Timeout | undefined;
  private readonly stats = {
    sentPayloads: 0,
    sentBytes: 0,
    resentPayloads: 0,
    connects: 0,
    lastErrorMs: 0,
    lastError: '',
  };

  constructor(options: SenderOptions) {
    this.options = options;
    const limits: SendQueueLimits = {
      memoryBytes: options.queueBytesMax ?? SENDER_QUEUE_BYTES_MAX,
      diskBytes: options.spool?.bytesMax ?? 0,
    };
    const tell: Tell = options.tell ?? (() => {});
    this.queue = new SendQueue(limits, { ...options, tell }, options.spool);
    this.settleMs = options.settleMs ?? SETTLE_MS;
    this.written = new Written(options.isHarmlessTwice);
    const { host: address, port } = options;
    this.reach = new Reach(`${options.peer} at ${hostPort({ address, port })}`, tell);
    this.pump();
  }

  /** Queues a payload; `time` in epoch seconds goes with it. */
  push(bytes: Uint8Array, time = 0): void {
    if (this.state === 'stopped' || bytes.length === 0) return;
    this.queue.push(time, bytes);
    // A peer that is slow is as good as away.
    if (this.isAway || this.queue.waiting > 1) void this.queue.secure();
    this.pump();
  }

  health(): SenderStats {
    const { queue } = this;
    const { payloads: diskPayloads, bytes: diskBytes, damaged: damagedPayloads } = queue.onDisk;
    const troubles = [this.reach.sentence, queue.spoolTrouble].filter((one) => one !== undefined);
    return {
      ...this.stats,
      queuedPayloads: queue.waiting,
      queuedBytes: queue.waitingBytes,
      diskPayloads,
      diskBytes,
      unconfirmedPayloads: this.written.count,
      droppedPayloads: queue.droppedPayloads,
      gaveWayPayloads: queue.gaveWayPayloads,
      damagedPayloads,
      isAway: this.reach.reason !== undefined,
      trouble: troubles.length === 0 ? undefined : troubles.join('; '),
    };
  }

  /** Waits until everything is sent, at most timeoutMs, then closes; the rest stays on disk. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.queue.waiting > 0 && this.reach.reason === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.drained.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.state = 'stopped';
    clearTimeout(this.retry);
    clearTimeout(this.holding);
    if (await this.endsCleanly()) this.settle(this.written.all());
    await this.queue.secure();
    this.tellRest();
    await this.queue.close();
  }

  /** What the stop leaves behind. */
  private tellRest(): void {
    const { peer, unit, tell, onError } = this.options;
    const { payloads, inMemory } = this.queue.left;
    const left = (count: number, one: string, many: string): string =>
      counted(count, `${unit[0]} for ${peer} ${one}`, `${unit[1]} for ${peer} ${many}`);
    if (payloads > 0) {
      tell?.('info', `${left(payloads, 'waits', 'wait')} on disk for the next start`);
    }
    if (inMemory === 0) return;
    const unread = this.written.count;
    const sentence =
      `${left(inMemory, 'is', 'are')} lost with this stop` +
      (unread === 0 ? '' : `, ${unread} of them written without a sign of being read`);
    onError(sentence);
    tell?.('warn', sentence);
  }

  /** Closes the connection; whether the peer has read all that was written. */
  private async endsCleanly(): Promise<boolean> {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return this.written.count === 0;
    // Half of a payload, or none, is no end that a peer would answer.
    if (socket.connecting || socket.writableLength > 0) {
      socket.destroy();
      return this.written.count === 0;
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), END_MS);
      let ended = false;
      socket.once('end', () => (ended = true));
      socket.once('error', () => (ended = false));
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(ended);
      });
      socket.end();
    });
  }

  private pump(): void {
    this.pumpAgain = this.pumping;
    if (this.pumping) return;
    this.pumping = true;
    this.write()
      .catch((error: unknown) => this.options.onError(String(error)))
      .finally(() => {
        this.pumping = false;
        if (this.pumpAgain) this.pump();
      });
  }

  /** Writes what waits, one payload after the other, as long as the connection takes it. */
  private async write(): Promise<void> {
    for (;;) {
      if (this.queue.waiting === 0) {
        for (const done of this.drained.splice(0)) done();
        return;
      }
      if (this.state === 'idle') this.connect();
      if (this.state !== 'ready') return;
      const socket = this.socket!; // ready means connected
      const next = await this.queue.next();
      if (next === undefined) continue;
      if (this.socket !== socket || (this.state as State) !== 'ready') return;
      this.state = 'writing';
      if (!(await written(socket, next.bytes))) return; // 'close' follows: it is sent again
      if (this.socket !== socket || (this.state as State) !== 'writing') return;
      this.state = 'ready';
      this.queue.written(next.payload);
      this.settle(this.written.settled());
      this.written.add(next.payload);
      this.watchHolding(socket);
      this.stats.sentBytes += next.payload.length;
      this.stats.sentPayloads += 1;
      this.options.onSent?.(next.payload);
    }
  }

  private settle(last: Payload | undefined): void {
    if (last !== undefined) this.queue.delivered(last);
  }

  /** A connection that holds for a while after its first write shows that somebody is there. */
  private watchHolding(socket: net.Socket): void {
    if (this.firstWriteMs !== undefined) return;
    this.firstWriteMs = performance.now();
    this.holding = setTimeout(() => {
      if (this.socket === socket) this.held();
    }, this.settleMs).unref();
  }

  private held(): void {
    this.unheld = 0;
    this.backoffMs = BACKOFF_FIRST_MS;
    this.isAway = false;
    const { unit } = this.options;
    this.reach.back(counted(this.queue.waiting, `${unit[0]} waits`, `${unit[1]} wait`));
  }

  private connect(): void {
    this.state = 'connecting';
    const { host, port } = this.options;
    const socket = net.connect({ host, port });
    this.socket = socket;
    let clean = false;
    socket.setTimeout(STALL_MS, () => {
      if (this.state === 'writing' || this.state === 'connecting') {
        socket.destroy(new Error(`took nothing for ${STALL_MS / 1000} s`));
      }
    });
    socket.on('connect', () => {
      if (isOwnPort(socket, this.options.ownPorts)) {
        socket.destroy(new Error('it is a port of this tallyd itself, to which nothing is sent'));
        return;
      }
      this.stats.connects += 1;
      this.state = 'ready';
      this.pump();
    });
    socket.on('data', () => {}); // nothing is expected; reading keeps 'end' coming
    socket.on('end', () => {
      clean = true;
      if (this.state === 'ready') this.state = 'ending';
    });
    socket.on('error', (error) => {
      clean = false;
      this.stats.lastErrorMs = Date.now();
      this.stats.lastError = sentenceOf(error);
      this.options.onError(this.stats.lastError);
    });
    socket.on('close', () => this.closed(socket, clean));
  }

  private closed(socket: net.Socket, clean: boolean): void {
    if (this.socket !== socket || this.state === 'stopped') return;
    const isFailure = this.state === 'connecting' || !clean;
    const { firstWriteMs = Infinity } = this;
    const hasHeld = performance.now() - firstWriteMs >= this.settleMs;
    this.socket = undefined;
    this.state = 'waiting';
    clearTimeout(this.holding);
    this.firstWriteMs = undefined;
    this.settle(this.written.ended({ isClean: clean, hasHeld }));
    this.stats.resentPayloads += this.queue.rewind();
    this.isAway = true;
    void this.queue.secure();
    this.unheld = hasHeld ? 0 : this.unheld + 1;
    if (isFailure || this.unheld >= UNHELD_MAX) {
      const reason = clean ? 'it ends each connection at once' : this.stats.lastError;
      this.reach.away(reason, `${this.options.unit[1]} wait ${this.queue.place}`);
    }
    this.retry = setTimeout(() => {
      this.state = 'idle';
      this.pump();
    }, this.backoffMs);
    this.backoffMs = Math.min(this.backoffMs * 2, BACKOFF_MAX_MS);
  }
}

/** Whether the connection leads back to a listener of this process. */
function isOwnPort(socket: net.Socket, ownPorts: readonly number[] = []): boolean {
  if (!ownPorts.includes(socket.remotePort ?? 0)) return false;
  const [here, there] = [socket.localAddress, socket.remoteAddress].map(plainAddress);
  return here === there || (isLoopback(here) && isLoopback(there));
}

function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || address?.startsWith('127.') === true;
}

/** An error of several addresses that were tried has no message of its own. */
function sentenceOf(error: Error): string {
  if (!(error instanceof AggregateError) || error.message !== '') return error.message;
  return error.errors.map((one) => (one as Error).message).join(', ');
}

/** Resolves when the kernel has all bytes, to false when the connection is gone before. */
function written(socket: net.Socket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => resolve(error === null || error === undefined));
  });
}
