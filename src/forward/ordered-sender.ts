/**
 * Sends payloads over one kept TCP connection, in order, with back-off while the peer is away. The
 * queue is bounded in bytes: when it is full the oldest payload goes and is counted. A payload
 * leaves the queue when the kernel has taken all of it; a connection that breaks before that sends
 * it again on the next one.
 */
import net from 'node:net';

export const SENDER_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** A peer that takes nothing for this long is given up and connected to again. */
const STALL_MS = 30_000;

export interface SenderStats {
  queuedPayloads: number;
  queuedBytes: number;
  sentPayloads: number;
  sentBytes: number;
  droppedPayloads: number;
  connects: number;
  /** Epoch ms of the last error, 0 when there was none, and its text. */
  lastErrorMs: number;
  lastError: string;
}

interface Payload {
  bytes: Uint8Array;
  sent: () => void;
}

export class OrderedSender {
  private readonly queue: Payload[] = [];
  private socket: net.Socket | undefined;
  private state: 'idle' | 'connecting' | 'ready' | 'writing' | 'waiting' | 'stopped' = 'idle';
  private backoffMs = BACKOFF_FIRST_MS;
  private retry: NodeJS.Timeout | undefined;
  private readonly drained: (() => void)[] = [];
  private readonly stats: SenderStats = {
    queuedPayloads: 0,
    queuedBytes: 0,
    sentPayloads: 0,
    sentBytes: 0,
    droppedPayloads: 0,
    connects: 0,
    lastErrorMs: 0,
    lastError: '',
  };
  private readonly options: {
    host: string;
    port: number;
    queueBytesMax?: number;
    onError(message: string): void;
  };

  constructor(options: {
    host: string;
    port: number;
    queueBytesMax?: number;
    onError(message: string): void;
  }) {
    this.options = options;
  }

  /** Queues a payload; `sent` is called once the kernel has all of it. */
  push(bytes: Uint8Array, sent: () => void = () => {}): void {
    if (this.state === 'stopped' || bytes.length === 0) return;
    this.queue.push({ bytes, sent });
    this.stats.queuedBytes += bytes.length;
    const limit = this.options.queueBytesMax ?? SENDER_QUEUE_BYTES_MAX;
    while (this.stats.queuedBytes > limit && this.queue.length > 1) this.dropOldest();
    this.pump();
  }

  health(): SenderStats {
    return { ...this.stats, queuedPayloads: this.queue.length };
  }

  /** Waits until everything is sent, at most timeoutMs, then closes. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.queue.length > 0) {
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
    const socket = this.socket;
    if (socket === undefined || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), 1000);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
  }

  /** The payload that is being written stays: half of it may be with the peer already. */
  private dropOldest(): void {
    const index = this.state === 'writing' ? 1 : 0;
    const [dropped] = this.queue.splice(index, 1);
    if (dropped === undefined) return;
    this.stats.queuedBytes -= dropped.bytes.length;
    this.stats.droppedPayloads += 1;
  }

  private pump(): void {
    const head = this.queue[0];
    if (head === undefined) {
      for (const done of this.drained.splice(0)) done();
      return;
    }
    if (this.state === 'idle') this.connect();
    if (this.state !== 'ready') return;
    this.state = 'writing';
    const socket = this.socket!; // ready means connected
    socket.write(head.bytes, (error) => {
      if (error !== null && error !== undefined) return; // 'close' follows and sends it again
      if (this.socket !== socket || this.state !== 'writing') return;
      this.queue.shift();
      this.stats.queuedBytes -= head.bytes.length;
      this.stats.sentBytes += head.bytes.length;
      this.stats.sentPayloads += 1;
      this.state = 'ready';
      head.sent();
      this.pump();
    });
  }

  private connect(): void {
    this.state = 'connecting';
    const socket = net.connect({ host: this.options.host, port: this.options.port });
    this.socket = socket;
    socket.setTimeout(STALL_MS, () => {
      if (this.state === 'writing' || this.state === 'connecting') {
        socket.destroy(new Error(`took nothing for ${STALL_MS / 1000} s`));
      }
    });
    socket.on('connect', () => {
      this.stats.connects += 1;
      this.backoffMs = BACKOFF_FIRST_MS;
      this.state = 'ready';
      this.pump();
    });
    socket.on('data', () => {}); // nothing is expected; reading keeps 'end' coming
    socket.on('error', (error) => {
      this.stats.lastErrorMs = Date.now();
      this.stats.lastError = error.message;
      this.options.onError(error.message);
    });
    socket.on('close', () => this.closed(socket));
  }

  private closed(socket: net.Socket): void {
    if (this.socket !== socket || this.state === 'stopped') return;
    const failed = this.state === 'connecting';
    this.socket = undefined;
    this.state = 'waiting';
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
