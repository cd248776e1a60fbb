/** Starts the HTTP server on a free loopback port for a test, and asks it. */
import http from 'node:http';
import pino from 'pino';
import type { StartupServer } from '../../src/http/startup-server.ts';
import { type HttpServer, type HttpDeps, startHttp } from '../../src/http/server.ts';
import type { HealthReport } from '../../src/health/health.ts';
import { DEFAULT_SOURCES } from '../../src/intake/settings.ts';
import type { Store } from '../../src/storage/roles.ts';
import { HEALTHY } from '../model/model-store.ts';

export const NOW = 1_700_000_000;

/** Of the answer cache, whose tables are made whole at the start of a server. */
const FEW_ENTRIES = { entries: 50 };

export const REPORT: HealthReport = {
  status: 'ok',
  version: '1.2.3',
  uptimeSeconds: 5,
  lastFlush: NOW,
  receive: {
    datagrams: 1,
    metrics: 2,
    badLines: 0,
    badLinesByReason: {},
    lastBadLines: [],
    kernelDrops: null,
  },
  store: HEALTHY,
  sources: DEFAULT_SOURCES,
  listeners: [],
};

export interface Answer {
  status: number;
  type: string;
  headers: http.IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

export interface TestServer extends HttpServer {
  /** Sends one request; `body` makes it a POST of a form unless told otherwise. */
  ask(path: string, options?: AskOptions): Promise<Answer>;
  json(path: string, options?: AskOptions): Promise<unknown>;
}

interface AskOptions {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

export async function testServer(
  store: Store,
  changes: Partial<HttpDeps> = {},
  port = 0,
  startup?: StartupServer,
): Promise<TestServer> {
  const server = await startHttp(
    { address: '127.0.0.1', port, startup },
    {
      store,
      health: async () => REPORT,
      selfMetrics: async () => [],
      logger: pino({ level: 'silent' }),
      nowSeconds: () => NOW,
      version: '1.2.3',
      cache: FEW_ENTRIES,
      ...changes,
    },
  );
  const ask = (path: string, options: AskOptions = {}): Promise<Answer> =>
    send(server.port, path, options);
  return {
    ...server,
    ask,
    async json(path, options) {
      const { status, text } = await ask(path, options);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return JSON.parse(text) as unknown;
    },
  };
}

function send(port: number, path: string, options: AskOptions): Promise<Answer> {
  const { body, headers } = options;
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const given = body === undefined ? headers : { ...form, ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, method, headers: given ?? {}, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            type: (response.headers['content-type'] ?? '').split(';')[0]!,
            headers: response.headers,
            bytes,
            text: bytes.toString('utf8'),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
