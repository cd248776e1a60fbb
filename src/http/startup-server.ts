/**
 * The HTTP port from the first moment of a start: reading the names of a million series takes a
 * while, and requests are answered 503 with the reason meanwhile, instead of finding no server.
 * `server.ts` takes the port over when its routes are ready; connections stay.
 */
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { serverOptions, type TlsTexts } from '../access/read-tls.ts';
import { listening } from '../lib/listen.ts';
import { Bodies } from './body.ts';
import { CHECKING_MS, HttpConnections } from './connections.ts';
import { installFront, NO_SNIFFING } from './front.ts';
import { DEFAULT_LIMITS, type HttpLimits } from './limits.ts';
import { RequestCounts } from './request-counts.ts';

/** Longer than Grafana's proxy and most others keep a connection that is idle. */
const KEEP_ALIVE_MS = 72_000;
/** When to ask again. */
const RETRY_SECONDS = 2;

export class StartupServer {
  readonly server: http.Server | https.Server;
  readonly counts = new RequestCounts();
  readonly connections: HttpConnections;
  readonly bodies: Bodies;
  private handler: RequestListener;

  /** `doing` says what the start is at: `reading the names of the series`. */
  constructor(doing: () => string, limits: HttpLimits, tls?: TlsTexts) {
    this.handler = (request, response) => sayStarting(request, response, doing());
    // The front says more about a missing Host than Node would.
    const options = {
      maxHeaderSize: limits.headBytes,
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(CHECKING_MS, limits.receiveMs),
    };
    this.connections = new HttpConnections(limits);
    this.bodies = new Bodies(limits.heldBodyBytes);
    this.server =
      tls === undefined
        ? http.createServer(options)
        : https.createServer({ ...options, ...serverOptions(tls) });
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.counts.install(this.server);
    this.connections.install(this.server);
    installFront(this.server, this, (request, response) => this.handler(request, response));
  }

  asked(request: http.IncomingMessage, response: http.ServerResponse): string | undefined {
    this.bodies.follow(request, response);
    return this.connections.asked(request, response);
  }

  answered(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.connections.answered(request);
    if (response.writableFinished) this.counts.count(response.statusCode);
  }

  get isTls(): boolean {
    return this.server instanceof https.Server;
  }

  /** Certificate and key of the connections from here on; plain HTTP stays plain. */
  renewTls(tls: TlsTexts): void {
    if (this.server instanceof https.Server) this.server.setSecureContext(tls);
  }

  get addressInfo(): AddressInfo {
    return this.server.address() as AddressInfo; // it listens on TCP
  }

  /**
   * For a framework that makes its handler first and listens when it is ready: its call of `listen`
   * is when requests go to it.
   */
  handOver(handler: RequestListener): http.Server {
    const { server } = this;
    server.listen = () => {
      this.handler = handler;
      process.nextTick(() => server.emit('listening'));
      return server;
    };
    return server;
  }

  /** Closes a server that was not taken over. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Listens; throws a `portTaken` UserError when the port is not free. */
export async function openStartupServer(
  { address, port, tls }: { address: string; port: number; tls?: TlsTexts | undefined },
  doing: () => string,
  limits = DEFAULT_LIMITS,
): Promise<StartupServer> {
  const startup = new StartupServer(doing, limits, tls);
  const { server } = startup;
  server.listen(port, address);
  await listening(server, `HTTP port ${port} on ${address}`, {
    rival: 'another tallyd',
    flag: '--http-port',
    addressFlag: '--http-address',
  });
  return startup;
}

function sayStarting(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  doing: string,
): void {
  const isHealth = /^\/health\/?(\?|$)/.test(request.url ?? '');
  response.writeHead(503, {
    'content-type': isHealth ? 'application/json' : 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...NO_SNIFFING,
    'retry-after': String(RETRY_SECONDS),
  });
  response.end(isHealth ? startingReport(doing) : `tallyd is starting: ${doing}\n`);
  request.resume();
}

/** Answer of `/health` during the start. */
export function startingReport(doing: string): string {
  return JSON.stringify({ status: 'starting', reason: `tallyd is starting: ${doing}` }, null, 2);
}
