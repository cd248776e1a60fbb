/**
 * StatsD lines over TCP and unix stream sockets. A packet is everything up to the last newline of
 * what has accumulated; the tail waits for more. What StatsD drops at close (a tail without its
 * newline) is a line in the dialects other than `statsd`.
 *
 *     read 1   a:1|c\nb:2|          packet "a:1|c\n"         tail "b:2|"
 *     read 2   c\n                  packet "b:2|c\n"         tail ""
 *
 * Connections, tails and idle time are bounded; going over is counted. Used by the ingest engine.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { bindError } from './bind-error.ts';
import { untilQuiet } from './quiet.ts';
import type { PacketSink, PortOwner } from './receiver.ts';

export interface StreamLimits {
  connections: number;
  tailBytes: number;
  idleMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  connections: 1024,
  tailBytes: 64 * 1024,
  // Clients may hold a connection open between rare metrics; dead peers fall to keep-alive sooner.
  idleMs: 3_600_000,
};
const KEEP_ALIVE_MS = 60_000;

export interface StreamOptions {
  address: string;
  port: number;
  socketPath: string | undefined;
  socketMode: number | undefined;
  /** Whether a tail without newline counts as a line when the peer closes. */
  keepTail: boolean;
  limits: StreamLimits;
  owner: PortOwner;
}

export interface StreamHealth {
  connections: number;
  accepted: number;
  packets: number;
  /** Connections refused at the limit. */
  refused: number;
  /** Connections closed because a line grew past the limit. */
  tailTooLong: number;
  idleClosed: number;
  /** Tails without newline that were dropped when their connection ended. */
  tailsDropped: number;
}

export interface StreamListener {
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  readonly health: StreamHealth;
  /** Stops reading from connections: the kernel then holds their senders back. */
  pause(): void;
  resume(): void;
  /** Takes in what peers have sent up to now, then closes everything. */
  stop(): Promise<void>;
}

/** Throws a UserError (`portTaken`, `badConfig`) when the address cannot be bound. */
export async function openStreams(
  options: StreamOptions,
  sink: PacketSink,
): Promise<StreamListener> {
  const listener = new Streams(options, sink);
  await listener.listen();
  return listener;
}

class Streams implements StreamListener {
  readonly health: StreamHealth = {
    connections: 0,
    accepted: 0,
    packets: 0,
    refused: 0,
    tailTooLong: 0,
    idleClosed: 0,
    tailsDropped: 0,
  };
  address = '';
  port = 0;
  private readonly options: StreamOptions;
  private readonly sink: PacketSink;
  private readonly server: Server;
  private readonly connections = new Map<Socket, Connection>();
  private readsSeen = 0;
  private paused = false;

  constructor(options: StreamOptions, sink: PacketSink) {
    this.options = options;
    this.sink = sink;
    this.server = createServer((socket) => this.accept(socket));
    this.server.maxConnections = options.limits.connections;
    this.server.on('drop', () => (this.health.refused += 1));
  }

  async listen(): Promise<void> {
    const { address, port, socketPath, socketMode, owner } = this.options;
    if (socketPath === undefined) {
      const place = `TCP port ${port} on ${address}`;
      await this.bind({ host: address, port }, place, owner);
      const bound = this.server.address();
      if (typeof bound !== 'object' || bound === null) throw new Error(`${place} has no address`);
      this.address = bound.address;
      this.port = bound.port;
      return;
    }
    await removeStale(socketPath);
    await this.bind({ path: socketPath }, `unix socket ${socketPath}`, owner);
    if (socketMode !== undefined) chmodSync(socketPath, socketMode);
    this.address = socketPath;
  }

  private async bind(
    where: { host: string; port: number } | { path: string },
    place: string,
    owner: PortOwner,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(bindError(error, place, owner)));
      this.server.listen(where, () => resolve());
    });
    this.server.removeAllListeners('error');
    // An accept that fails (no descriptors left) concerns one peer, who sees it; we go on.
    this.server.on('error', () => (this.health.refused += 1));
  }

  pause(): void {
    this.paused = true;
    for (const socket of this.connections.keys()) socket.pause();
  }

  resume(): void {
    this.paused = false;
    for (const socket of this.connections.keys()) socket.resume();
  }

  async stop(): Promise<void> {
    this.resume();
    await untilQuiet(() => this.readsSeen);
    const closed = new Promise<void>((resolve) => {
      // Node unlinks the path of a unix socket here.
      this.server.close(() => resolve());
    });
    for (const [socket, connection] of this.connections) {
      connection.finish(this.options.keepTail);
      socket.destroy();
    }
    this.connections.clear();
    this.health.connections = 0;
    await closed;
  }

  private accept(socket: Socket): void {
    const { limits, keepTail } = this.options;
    const connection = new Connection(this.sink, this.health, limits.tailBytes);
    this.connections.set(socket, connection);
    this.health.accepted += 1;
    this.health.connections = this.connections.size;
    this.readsSeen += 1;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(limits.idleMs, () => {
      this.health.idleClosed += 1;
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      this.readsSeen += 1;
      if (!connection.read(chunk)) socket.destroy();
    });
    socket.on('end', () => connection.finish(keepTail));
    // Nothing to do on an error but to forget the connection, which `close` does.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.finish(false);
      this.connections.delete(socket);
      this.health.connections = this.connections.size;
    });
    if (this.paused) socket.pause();
  }
}

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

/** The bytes of one connection that have not yet seen their newline. */
class Connection {
  private readonly sink: PacketSink;
  private readonly health: StreamHealth;
  private readonly tailBytesMax: number;
  private tail = EMPTY;

  constructor(sink: PacketSink, health: StreamHealth, tailBytesMax: number) {
    this.sink = sink;
    this.health = health;
    this.tailBytesMax = tailBytesMax;
  }

  /** False when the line in the making is too long: the connection has to go. */
  read(chunk: Buffer): boolean {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const held = this.tail.length;
      const bytes = held === 0 ? chunk : Buffer.concat([this.tail, chunk]);
      this.tail = EMPTY;
      this.health.packets += 1;
      this.sink(bytes, 0, held + end);
    }
    if (end === chunk.length) return true;
    const rest = chunk.subarray(end);
    if (this.tail.length + rest.length > this.tailBytesMax) {
      this.health.tailTooLong += 1;
      this.tail = EMPTY;
      return false;
    }
    // A copy: the chunk is far larger and would be kept alive by the tail.
    this.tail = Buffer.concat([this.tail, rest]);
    return true;
  }

  /** At the end of the connection; safe to call twice. */
  finish(keepTail: boolean): void {
    const { tail } = this;
    if (tail.length === 0) return;
    this.tail = EMPTY;
    if (keepTail) {
      this.health.packets += 1;
      this.sink(tail, 0, tail.length);
    } else {
      this.health.tailsDropped += 1;
    }
  }
}

/** Removes the path that a killed process left behind: a socket nobody answers on. */
async function removeStale(path: string): Promise<void> {
  // Connecting to a plain file is refused too, and that is nobody's leftover.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const refused = await new Promise<boolean>((resolve) => {
    const attempt = connect(path);
    attempt.on('connect', () => {
      attempt.destroy();
      resolve(false);
    });
    attempt.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (refused) unlinkSync(path);
}
