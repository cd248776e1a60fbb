/**
 * The HTTP server: Graphite's API, `/health`, `/metrics` and the page, on fastify. Every body is
 * taken as text and read by its route, because Grafana's forms are not always encoded. `daemon.ts`
 * starts it; tests start it on port 0.
 */
import compress from '@fastify/compress';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { DEFAULT_CONFIG } from '../config/load.ts';
import { readDefines } from '../query/target/define.ts';
import { localAdmin } from '../storage/admin/local-admin.ts';
import { adminRoutes } from './admin.ts';
import { answerError, answerErrors, clientErrorHandler } from './answers.ts';
import { deleteSeriesRoute } from './delete-series.ts';
import { answerConditionally } from './etag.ts';
import { eventRoutes } from './events.ts';
import { findRoutes } from './find.ts';
import { type StartupServer, openStartupServer } from './startup-server.ts';
import { functionRoutes } from './functions.ts';
import { DEFAULT_LIMITS, RenderGate } from './limits.ts';
import { metadataRoutes } from './metadata.ts';
import { RequestCounts } from './request-counts.ts';
import { pageRoutes } from './pages.ts';
import { RenderCache } from './render-cache.ts';
import { renderRoutes } from './render.ts';
import { healthRoutes } from './self.ts';
import type { HttpContext, HttpDeps } from './http-deps.ts';
import { tagRoutes } from './tags.ts';

export type { HttpDeps } from './http-deps.ts';

/** Answers shorter than this are sent as they are, bytes. */
const COMPRESS_FROM = 1024;

export interface HttpServer {
  address: string;
  port: number;
  /** Refuses new requests, ends idle connections and waits for the running ones. */
  close(): Promise<void>;
}

/** Listens, unless `front` does already; throws a `portTaken` UserError when the port is not free. */
export async function startHttp(
  options: { address: string; port: number; front?: StartupServer | undefined },
  sources: HttpDeps,
): Promise<HttpServer> {
  const front =
    options.front ?? (await openStartupServer(options, () => 'making the routes ready'));
  const { address, port } = front.place;
  const app = await buildApp(sources, front);
  await app.listen({ host: options.address, port: options.port });
  return { address, port, close: () => app.close() };
}

async function buildApp(sources: HttpDeps, front: StartupServer): Promise<FastifyInstance> {
  const limits = { ...DEFAULT_LIMITS, ...sources.limits };
  const cache = { ...DEFAULT_CONFIG.renderCache, ...sources.cache };
  const app = fastify({
    loggerInstance: quieter(sources.logger),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    // Keep-alive connections of a dashboard must not hold up a shutdown.
    forceCloseConnections: true,
    serverFactory: (handler) => front.handOver(handler),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  const context: HttpContext = {
    sources,
    limits,
    gate: new RenderGate(limits),
    cache: new RenderCache(sources.store, cache),
    cacheSeconds: cache.timeoutSeconds,
    defines: readDefines(sources.define ?? {}),
    counts: new RequestCounts(),
    admin: localAdmin(sources.store, 'this server', limits.points),
  };
  context.counts.install(app);
  answerErrors(app);
  answerConditionally(app);
  await app.register(compress, {
    encodings: ['gzip', 'deflate'],
    threshold: COMPRESS_FROM,
    zlibOptions: { level: 1 },
  });
  renderRoutes(app, context);
  findRoutes(app, context);
  metadataRoutes(app, context);
  functionRoutes(app, context);
  tagRoutes(app, context);
  eventRoutes(app, context);
  healthRoutes(app, context);
  adminRoutes(app, context);
  deleteSeriesRoute(app, context);
  await pageRoutes(app);
  return app;
}

/** fastify announces its address at `info`; the daemon's one start-up line says it already. */
function quieter(logger: Logger): Logger {
  return logger.isLevelEnabled('info') ? logger.child({}, { level: 'warn' }) : logger;
}
