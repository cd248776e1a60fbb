/**
 * Listeners on TCP and unix stream sockets: StatsD lines, carbon lines, carbon pickles. What a
 * connection brings is cut into packets by `framing.ts`. Connections in all and from one address,
 * unfinished packets and idle time are bounded; going over is counted. Used by the ingest engine.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import {
  HINT_CODES,
  hintOf,
  type HintPort,
  WRONG_PROTOCOL,
  NO_HINT,
} from '../../rejections/mistakes.ts';
import { bindError, type ListenerKind, pathError } from '../../lib/bind-error.ts';
import { FRAMERS, type Framer } from './framing.ts';
import { untilDrained } from './drain-wait.ts';
import { Places } from './places.ts';
import type { PacketSink } from './receiver.ts';

export interface StreamLimits {
  connections: number;
  /** Of them from one address; unix sockets have none. */
  connectionsPerSource: number;
  tailBytes: number;
  idleMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  connections: 1024,
  connectionsPerSource: 512,
  tailBytes: 64 * 1024,
  // Clients may hold a connection open between rare metrics; dead peers fall to keep-alive sooner.
  idleMs: 3_600_000,
};
const KEEP_ALIVE_MS = 60_000;
/** Reads of 64 KiB that the kernel may hold of a connection: 8 MiB, more than tcp_rmem lets it by default. */
const READS_HELD_MAX = 128;

/** Reasons, in the order of `REASONS`. */
const TOO_MANY = 0;
const TOO_MANY_FROM_SOURCE = 1;
const ACCEPT_FAILED = 2;
const LINE_TOO_LONG = 3;
const LINE_CUT_OFF = 4;
const IDLE = 5;
const FRAME_TOO_LONG = 6;
const FRAME_EMPTY = 7;
const REASONS = [
  'tooMany',
  'tooManyFromSource',
  'acceptFailed',
  'lineTooLong',
  'lineCutOff',
  'idle',
  'frameTooLong',
  'frameEmpty',
];

export interface StreamOptions {
  address: string;
  port: number;
  socketPath: string | undefined;
  socketMode: number | undefined;
  framing: keyof typeof FRAMERS;
  /** What is spoken here, for hints. */
  expects: HintPort;
  /** Whether a tail without newline counts as a line when the peer closes. */
  keepTail: boolean;
  limits: StreamLimits;
  kind: ListenerKind;
}

export interface StreamHealth {
  connections: number;
  accepted: number;
  packets: number;
  /** Bytes that unfinished lines and messages take up. */
  heldBytes: number;
}

export interface StreamListener {
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  readonly health: StreamHealth;
  /** What was rejected or cut off, with examples. */
  rejections(): Rejection[];
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
    heldBytes: 0,
  };
  address = '';
  port = 0;
  private readonly options: StreamOptions;
  private readonly sink: PacketSink;
  private readonly server: Server;
  private readonly connections = new Map<Socket, Framer>();
  private readonly places: Places;
  private readonly rejected = new Rejections('connections.refused', REASONS);
  private readonly mistakes: Rejections;
  private readsSeen = 0;
  private paused = false;

  constructor(options: StreamOptions, sink: PacketSink) {
    this.options = options;
    this.sink = sink;
    this.server = createServer((socket) => this.accept(socket));
    this.places = new Places(options.limits);
    this.mistakes = new Rejections(WRONG_PROTOCOL[options.expects], HINT_CODES);
  }

  async listen(): Promise<void> {
    const { address, port, socketPath, socketMode, kind } = this.options;
    if (socketPath === undefined) {
      const place = `TCP port ${port} on ${address}`;
      await this.bind({ host: address, port }, (error) => bindError(error, place, kind));
      const bound = this.server.address();
      if (typeof bound !== 'object' || bound === null) throw new Error(`${place} has no address`);
      this.address = bound.address;
      this.port = bound.port;
      return;
    }
    await removeStale(socketPath);
    const place = `unix socket ${socketPath}`;
    await this.bind({ path: socketPath }, (error) => pathError(error, place, socketPath, kind));
    if (socketMode !== undefined) chmodSync(socketPath, socketMode);
    this.address = socketPath;
  }

  private async bind(
    where: { host: string; port: number } | { path: string },
    told: (error: Error) => Error,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(told(error)));
      this.server.listen(where, () => resolve());
    });
    this.server.removeAllListeners('error');
    // An accept that fails (no descriptors left) concerns one peer, who sees it; we go on.
    this.server.on('error', (error) => this.reject(ACCEPT_FAILED, error.message));
  }

  rejections(): Rejection[] {
    return [...this.rejected.list(), ...this.mistakes.list()];
  }

  pause(): void {
    this.paused = true;
    for (const socket of this.connections.keys()) socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.places.heardAll();
    for (const socket of this.connections.keys()) socket.resume();
  }

  async stop(): Promise<void> {
    this.resume();
    await untilDrained(() => this.readsSeen, (this.connections.size + 1) * READS_HELD_MAX);
    const closed = new Promise<void>((resolve) => {
      // Node unlinks the path of a unix socket here.
      this.server.close(() => resolve());
    });
    for (const [socket, connection] of this.connections) {
      this.finish(connection, this.options.keepTail, undefined);
      socket.destroy();
    }
    this.connections.clear();
    this.places.clear();
    this.health.connections = 0;
    await closed;
  }

  private accept(socket: Socket): void {
    const { limits, keepTail, framing } = this.options;
    const source = addressOf(socket);
    const sender = source ?? `${this.address}#${this.health.accepted + 1}`;
    // Nothing to do on an error but to forget the connection, which `close` does.
    socket.on('error', () => undefined);
    const obstacle = this.places.take(socket, source, (silent) => this.endSilent(silent));
    if (obstacle !== undefined) {
      const reason = obstacle === 'tooMany' ? TOO_MANY : TOO_MANY_FROM_SOURCE;
      this.reject(reason, peerText(socket), source);
      socket.destroy();
      return;
    }
    const sink: PacketSink = (bytes, from, to) => this.sink(bytes, from, to, sender);
    const connection = FRAMERS[framing](sink, this.health, limits.tailBytes);
    this.connections.set(socket, connection);
    this.health.accepted += 1;
    this.health.connections = this.connections.size;
    this.readsSeen += 1;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(limits.idleMs, () => this.endSilent(socket));
    let isFirst = true;
    socket.on('data', (chunk: Buffer) => {
      this.readsSeen += 1;
      this.places.heard(socket);
      const { tail, emptyFrames } = connection;
      const result = connection.read(chunk);
      const first = tail.length > 0 ? tail : chunk;
      if (result === 'tooLong') this.tooLong(LINE_TOO_LONG, first, isFirst, sender);
      if (result === 'frameTooLong') this.tooLong(FRAME_TOO_LONG, first, isFirst, sender);
      const empty = connection.emptyFrames - emptyFrames;
      if (empty > 0) {
        this.rejected.note(FRAME_EMPTY, first, 0, first.length, nowSeconds(), sender);
        this.rejected.count(FRAME_EMPTY, empty - 1);
      }
      if (result !== 'ok') socket.destroy();
      isFirst = false;
    });
    socket.on('end', () => this.finish(connection, keepTail, sender));
    socket.on('close', () => {
      this.finish(connection, false, sender);
      this.connections.delete(socket);
      this.places.leave(socket);
      this.health.connections = this.connections.size;
    });
    if (this.paused) socket.pause();
  }

  private endSilent(socket: Socket): void {
    this.reject(IDLE, peerText(socket), addressOf(socket));
    socket.destroy();
  }

  /** Ends a connection's packets; a tail that is dropped is noted. */
  private finish(connection: Framer, keepTail: boolean, sender: string | undefined): void {
    const { tail } = connection;
    if (!connection.finish(keepTail)) return;
    this.rejected.note(LINE_CUT_OFF, tail, 0, tail.length, nowSeconds(), sender);
  }

  /** Another protocol shows in the first bytes of a connection. */
  private tooLong(reason: number, bytes: Uint8Array, isFirst: boolean, sender: string): void {
    const now = nowSeconds();
    this.rejected.note(reason, bytes, 0, bytes.length, now, sender);
    if (!isFirst) return;
    // Behind the length of a frame stand lines; only the length itself may be another protocol's.
    const length = reason === FRAME_TOO_LONG ? Math.min(bytes.length, 5) : bytes.length;
    const mistake = hintOf(bytes, 0, length, this.options.expects);
    if (mistake !== NO_HINT) this.mistakes.note(mistake, bytes, 0, bytes.length, now, sender);
  }

  private reject(reason: number, example: string, sender?: string): void {
    this.rejected.noteText(reason, example, nowSeconds(), sender);
  }
}

/** Undefined for a unix socket. An IPv4 address on an IPv6 socket is written as IPv4. */
function addressOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress?.replace(/^::ffff:/, '');
}

function peerText({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'a local process' : `${remoteAddress} port ${remotePort}`;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Removes the path that a killed process left behind: a socket nobody answers on. */
export async function removeStale(path: string): Promise<void> {
  // Connecting to a plain file is refused too, and that is nobody's leftover.
  if (!isSocket(path)) return;
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

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false; // what is in the way is told when it is bound
  }
}
