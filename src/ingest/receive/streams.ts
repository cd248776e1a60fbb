/**
 * Listeners on TCP and unix stream sockets: StatsD lines, carbon lines, carbon pickles. What a
 * connection brings is cut into packets by `framing.ts`. Connections, unfinished packets and idle
 * time are bounded; going over is counted. Used by the ingest engine.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { bindError } from './bind-error.ts';
import { FRAMERS, type Framer } from './framing.ts';
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
  framing: keyof typeof FRAMERS;
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
  /** Connections closed because a line or message grew past the limit. */
  tailTooLong: number;
  idleClosed: number;
  /** Unfinished lines or messages that were dropped when their connection ended. */
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
  private readonly connections = new Map<Socket, Framer>();
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
    const { limits, keepTail, framing } = this.options;
    const connection = FRAMERS[framing](this.sink, this.health, limits.tailBytes);
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
