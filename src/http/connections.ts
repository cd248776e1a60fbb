/**
 * The connections of the HTTP port, bounded in number, in time and in what they hold. Whoever is late
 * or many gives way: of the address with the most connections the one that has waited longest for
 * bytes. A few connections beyond the limit are taken for `/health`, and to say why others are not.
 *
 *     waiting     idle, or a request whose bytes are still to come       gives way
 *     answering   the request is there, its answer is made or sent       stays
 */
import type http from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpLimits } from '../config/config.ts';
import { openFilesMax } from '../lib/open-files.ts';
import { counter, gauge } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';

/** Beyond the limit, for a moment each. */
const SPARE_MAX = 16;
const SPARE_MS = 2000;
/** Bytes of answers that nobody has read yet, of all connections. */
const UNREAD_BYTES_MAX = 256 * 2 ** 20;
/** They are counted no more often, for there may be thousands of connections. */
const UNREAD_EVERY_MS = 20;
/** The head of a request is one packet or a few. */
const HEAD_MS_MAX = 20_000;
/** How often Node looks for requests that are late. */
export const CHECKING_MS = 2000;

type Reason = 'gaveWay' | 'tooMany' | 'notRead';

interface Connection {
  socket: Socket;
  source: string;
  /** Taken beyond the limit. */
  isSpare: boolean;
  /** Since when it waits, milliseconds. */
  since: number;
  /** The last request, until it is answered. */
  request: http.IncomingMessage | undefined;
  /** Idle between two requests. */
  state: 'new' | 'asked' | 'idle';
}

export class HttpConnections {
  /** Of them with a place of their own. */
  readonly max: number;
  private readonly refused: Record<Reason, number> = { gaveWay: 0, tooMany: 0, notRead: 0 };
  private readonly limits: HttpLimits;
  private readonly open = new Map<Socket, Connection>();
  private readonly bySource = new Map<string, Set<Connection>>();
  private spare = 0;
  /** When the unread bytes were last counted, milliseconds. */
  private unreadAt = -Infinity;

  constructor(limits: HttpLimits) {
    this.limits = limits;
    // Half of the descriptors are for the other ports, the data file and the log.
    this.max = Math.min(limits.connections, Math.max(8, Math.floor(openFilesMax() / 2)));
  }

  install(server: Server): void {
    server.requestTimeout = this.limits.receiveMs;
    server.headersTimeout = Math.min(this.limits.receiveMs, HEAD_MS_MAX);
    server.timeout = this.limits.receiveMs;
    server.on('connection', (socket) => this.take(socket));
    server.on('secureConnection', (secure: Socket) => this.secured(secure));
    server.on('timeout', (socket) => this.lookAt(socket));
  }

  metrics(): SelfMetric[] {
    const help = 'HTTP connections that gave way, found no place, or did not read their answers.';
    return [
      gauge('http.connections_open', 'HTTP connections that are open.', this.open.size),
      ...Object.entries(this.refused).map(([reason, value]) => {
        return { ...counter('http.connections_refused', help, value), labels: { reason } };
      }),
    ];
  }

  private take(socket: Socket): void {
    let isSpare = this.open.size - this.spare >= this.max;
    if (isSpare && this.makeRoom()) isSpare = false;
    if (isSpare && this.spare >= SPARE_MAX) {
      this.refused.tooMany += 1;
      socket.destroy();
      return;
    }
    const source = socket.remoteAddress ?? '';
    const now = performance.now();
    const connection: Connection = {
      socket,
      source,
      isSpare,
      since: now,
      request: undefined,
      state: 'new',
    };
    this.open.set(socket, connection);
    if (isSpare) {
      this.spare += 1;
      const timer = setTimeout(() => socket.destroy(), SPARE_MS);
      socket.once('close', () => clearTimeout(timer));
    } else {
      const siblings = this.bySource.get(source) ?? new Set();
      this.bySource.set(source, siblings.add(connection));
    }
    socket.once('close', () => this.forget(connection));
  }

  /** With TLS requests come on a socket of their own, of the same two ends. */
  private secured(secure: Socket): void {
    const ends = endsOf(secure);
    for (const [socket, connection] of this.open) {
      if (connection.state !== 'new' || endsOf(socket) !== ends) continue;
      connection.socket = secure;
      this.open.delete(socket);
      this.open.set(secure, connection);
      secure.once('close', () => this.forget(connection));
      return;
    }
  }

  private forget(connection: Connection): void {
    const { socket, source, isSpare } = connection;
    if (!this.open.delete(socket)) return;
    if (isSpare) this.spare -= 1;
    const siblings = this.bySource.get(source);
    siblings?.delete(connection);
    if (siblings?.size === 0) this.bySource.delete(source);
  }

  /** Before a request is answered: the sentence for one on a connection without a place of its own. */
  asked(request: http.IncomingMessage, response: http.ServerResponse): string | undefined {
    const connection = this.open.get(request.socket);
    if (connection === undefined) return undefined;
    const now = performance.now();
    connection.request = request;
    connection.state = 'asked';
    connection.since = now;
    this.boundUnread(now);
    if (!connection.isSpare) return undefined;
    response.shouldKeepAlive = false;
    if (/^\/+health\/*(\?|$)/.test(request.url ?? '')) return undefined;
    this.refused.tooMany += 1;
    return `${this.max} connections are open, as many as httpLimits.connections and the descriptors allow: try again later`;
  }

  /** When its answer is sent, or will not be. */
  answered(request: http.IncomingMessage): void {
    const connection = this.open.get(request.socket);
    if (connection?.request !== request) return;
    connection.request = undefined;
    connection.state = 'idle';
    connection.since = performance.now();
  }

  /** Ends the connection that waits longest, of the address with the most; false: none waits. */
  private makeRoom(): boolean {
    const sources = [...this.bySource.values()].sort((a, b) => b.size - a.size);
    for (const siblings of sources) {
      let longest: Connection | undefined;
      for (const connection of siblings) {
        if (connection.request?.complete === true) continue;
        if (longest === undefined || connection.since < longest.since) longest = connection;
      }
      if (longest === undefined) continue;
      this.refused.gaveWay += 1;
      this.end(longest);
      return true;
    }
    return false;
  }

  /** What is not read stays in memory: the largest part of too much goes. */
  private boundUnread(now: number): void {
    if (now - this.unreadAt < UNREAD_EVERY_MS) return;
    this.unreadAt = now;
    let unread = 0;
    for (const { writableLength } of this.open.keys()) unread += writableLength;
    while (unread > UNREAD_BYTES_MAX) {
      const [largest] = [...this.open.values()].sort(
        (a, b) => b.socket.writableLength - a.socket.writableLength,
      );
      if (largest === undefined) return;
      unread -= largest.socket.writableLength;
      this.refused.notRead += 1;
      this.end(largest);
    }
  }

  /** No byte came or went for a while: the answer is not read, or the client has gone. */
  private lookAt(socket: Socket): void {
    const connection = this.open.get(socket);
    // Node answers requests that are late, which is better.
    if (socket.writableLength === 0 && connection?.state !== 'idle') return;
    if (socket.writableLength > 0) this.refused.notRead += 1;
    socket.destroy();
  }

  private end(connection: Connection): void {
    connection.socket.destroy();
    this.forget(connection);
  }
}

function endsOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
