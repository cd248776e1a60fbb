/**
 * Sends payloads over one kept TCP connection, in order, with back-off while the peer is away. TCP
 * does not say what the peer has read, so a payload that was written stays in the queue until the
 * connection has held for a while, or the peer has ended it cleanly: a kernel that closes a socket
 * with unread bytes sends a reset instead. What was not settled is sent again, so a payload may come
 * twice and none is missing. Points of Graphite are the same however often they come.
 *
 * With a spool payloads wait on disk while the peer is away, and over a stop.
 */
import net from 'node:net';
import { type Payload, SendQueue, type SendQueueLimits } from './send-queue.ts';
import type { Spool, Spooled } from './spool.ts';

const SENDER_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** A peer that takes nothing for this long is given up and connected to again. */
const STALL_MS = 30_000;
/** A connection that holds for so long after a write has delivered it. */
const SETTLE_MS = 5000;
/** What was written so shortly before a clean end may have crossed it on the way. */
const CROSSED_MS = 250;

export interface SenderStats {
  queuedPayloads: number;
  queuedBytes: number;
  /** Those of them on disk. */
  diskPayloads: number;
  diskBytes: number;
  sentPayloads: number;
  sentBytes: number;
  /** Written once more, because a connection broke before they were known to have arrived. */
  resentPayloads: number;
  /** The oldest ones, when the queue was full, and damaged ones. */
  droppedPayloads: number;
  /** Found damaged on disk, at a start or when they were to be sent. */
  damagedPayloads: number;
  connects: number;
  /** Epoch ms of the last error, 0 when there was none, and its text. */
  lastErrorMs: number;
  lastError: string;
}

export interface SenderOptions {
  host: string;
  port: number;
  /** Bytes that may wait in memory. */
  queueBytesMax?: number;
  /** Where payloads wait while the peer is away. */
  spool?: { spool: Spool; waiting: readonly Spooled[]; bytesMax: number };
  onError(message: string): void;
  /** The kernel has all of a payload. */
  onSent?(payload: Payload): void;
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
  /** Written and not settled, oldest first. */
  private unsettled: { payload: Payload; writtenMs: number }[] = [];
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
    this.queue = new SendQueue(limits, options.onError, options.spool);
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
    return {
      ...this.stats,
      queuedPayloads: queue.waiting,
      queuedBytes: queue.waitingBytes,
      diskPayloads,
      diskBytes,
      droppedPayloads: queue.droppedPayloads,
      damagedPayloads,
    };
  }

  /** Waits until everything is sent, at most timeoutMs, then closes; the rest stays on disk. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.queue.waiting > 0) {
      this.backoffMs = BACKOFF_FIRST_MS;
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
    if (await this.endsCleanly()) this.settleWritten(-Infinity);
    await this.queue.secure();
    const lost = this.queue.inMemory;
    if (lost > 0) this.options.onError(`${lost} payloads were not sent before the stop`);
    await this.queue.close();
  }

  /** Closes the connection; whether the peer has read all that was written. */
  private async endsCleanly(): Promise<boolean> {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return this.unsettled.length === 0;
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), 1000);
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
      this.settleWritten(SETTLE_MS);
      this.unsettled.push({ payload: next.payload, writtenMs: performance.now() });
      this.stats.sentBytes += next.payload.length;
      this.stats.sentPayloads += 1;
      this.options.onSent?.(next.payload);
    }
  }

  /** Settles what was written at least so long ago, milliseconds; -Infinity: all of it. */
  private settleWritten(agoMs: number): void {
    const before = performance.now() - agoMs;
    let last: Payload | undefined;
    while (this.unsettled.length > 0 && this.unsettled[0]!.writtenMs <= before) {
      last = this.unsettled.shift()!.payload; // there is one
    }
    if (last !== undefined) this.queue.delivered(last);
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
      this.stats.connects += 1;
      this.backoffMs = BACKOFF_FIRST_MS;
      this.isAway = false;
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
      this.stats.lastError = error.message;
      this.options.onError(error.message);
    });
    socket.on('close', () => this.closed(socket, clean));
  }

  private closed(socket: net.Socket, clean: boolean): void {
    if (this.socket !== socket || this.state === 'stopped') return;
    const failed = this.state === 'connecting';
    this.socket = undefined;
    this.state = 'waiting';
    this.settleWritten(clean ? CROSSED_MS : SETTLE_MS);
    this.stats.resentPayloads += this.unsettled.length;
    this.unsettled = [];
    this.queue.rewind();
    this.isAway = true;
    void this.queue.secure();
    this.retry = setTimeout(
      () => {
        this.state = 'idle';
        this.pump();
      },
      failed ? this.backoffMs : BACKOFF_FIRST_MS,
    );
    if (failed) this.backoffMs = Math.min(this.backoffMs * 2, BACKOFF_MAX_MS);
  }
}

/** Resolves when the kernel has all bytes, to false when the connection is gone before. */
function written(socket: net.Socket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => resolve(error === null || error === undefined));
  });
}
