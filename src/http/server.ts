/**
 * The HTTP server: Graphite's API, `/health`, `/metrics` and the page, on fastify. Every body is
 * taken as text and read by its route, because Grafana's forms are not always encoded. `daemon.ts`
 * starts it; tests start it on port 0.
 */
import compress from '@fastify/compress';
import fastify, { type FastifyInstance } from 'fastify';
import type { TlsTexts } from '../access/read-tls.ts';
import { DEFAULT_CONFIG } from '../config/load.ts';
import { DashboardRecords } from '../dashboards/dashboard-records.ts';
import { logTo } from '../lib/log.ts';
import { PicturePool } from '../picture/picture-pool.ts';
import { evaluateLimits } from '../query/evaluate/request-limit.ts';
import { readDefines } from '../query/target/define.ts';
import { localAdmin } from '../storage/admin/local-admin.ts';
import { answerAsSaid, answerError, answerErrors } from './answers.ts';
import { readBodies } from './body.ts';
import { guardChanges } from './change-check.ts';
import { answerOtherSites } from './cors.ts';
import { answerConditionally } from './etag.ts';
import { answerOtherMethods } from './method-answers.ts';
import { type StartupServer, openStartupServer } from './startup-server.ts';
import { DEFAULT_LIMITS, type HttpLimits, RenderGate } from './limits.ts';
import { RenderCache } from './render-cache.ts';
import type { HttpContext, HttpDeps, RouteFamily } from './http-deps.ts';
import { MetadataRecords } from './metadata-records.ts';
import { Renders } from './renders.ts';
import { admitVisitors, type Visitors } from './visitors.ts';
import * as routes from './routes.ts';

export type { HttpDeps } from './http-deps.ts';

/** Answers shorter than this are sent as they are, bytes. */
const COMPRESS_FROM = 1024;

export interface HttpServer {
  address: string;
  port: number;
  isTls: boolean;
  renewTls(tls: TlsTexts): void;
  /** A sentence about slow renders of the last ten minutes. */
  slowLately(): string | undefined;
  /** Rejects new requests, closes idle connections and waits for the running requests. */
  close(): Promise<void>;
}

/**
 * Listens, unless `startup` does already; throws a `portTaken` UserError when the port is not free.
 */
export async function startHttp(
  options: {
    address: string;
    port: number;
    tls?: TlsTexts | undefined;
    startup?: StartupServer | undefined;
  },
  deps: HttpDeps,
): Promise<HttpServer> {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const startup =
    options.startup ?? (await openStartupServer(options, () => 'making the routes ready', limits));
  const { address, port } = startup.addressInfo;
  const renders = new Renders({
    slowMs: deps.slowRenderMs ?? DEFAULT_CONFIG.slowRenderMs,
    log: logTo(deps.logger),
    nowSeconds: deps.nowSeconds,
  });
  const app = await buildApp(deps, limits, startup, renders);
  await app.listen({ host: options.address, port: options.port });
  return {
    address,
    port,
    isTls: startup.isTls,
    renewTls: (tls) => startup.renewTls(tls),
    slowLately: () => renders.slowLately(),
    close: () => app.close(),
  };
}

async function buildApp(
  deps: HttpDeps,
  limits: HttpLimits,
  startup: StartupServer,
  renders: Renders,
): Promise<FastifyInstance> {
  const app = fastify({
    // A logger for each request costs as much as many a request; what is to be told is told here.
    logger: false,
    bodyLimit: limits.bodyBytes,
    // Keep-alive connections of a dashboard must not hold up a shutdown.
    forceCloseConnections: true,
    serverFactory: (handler) => startup.handOver(handler),
    frameworkErrors: (error, request, reply) =>
      void answerError(error, request, reply, deps.logger),
    // They are answered where they are counted (request-counts.ts), from the start on.
    clientErrorHandler: () => undefined,
    // Base URLs that end in a slash make `//render`, which Graphite answers as well.
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: 2000,
    },
    rewriteUrl: ({ url = '/' }) => withoutOrigin(url),
  }) as unknown as FastifyInstance;
  readBodies(app, startup.bodies);
  answerOtherSites(app, deps.corsOrigins ?? []);
  const visitors = admitVisitors(app, deps.store, deps.access ?? (() => undefined));
  const context = contextOf(deps, { limits, startup, renders, visitors });
  app.addHook('onClose', () => context.pictures.close());
  app.decorate('limits', limits);
  const { requestMs: timeMs, steps: stepsMax } = limits;
  app.decorate('listLimits', evaluateLimits({ timeMs, stepsMax }));
  answerErrors(app, deps.logger);
  answerAsSaid(app, deps.logger);
  guardChanges(app, deps.httpHosts ?? []);
  answerConditionally(app);
  await app.register(compress, {
    encodings: ['gzip', 'deflate'],
    threshold: COMPRESS_FROM,
    zlibOptions: { level: 1 },
    globalDecompression: false,
  });
  const answerTheRest = answerOtherMethods(app);
  for (const addRoutes of Object.values<RouteFamily>(routes)) await addRoutes(app, context);
  answerTheRest();
  return app;
}

interface Shared {
  limits: HttpLimits;
  startup: StartupServer;
  renders: Renders;
  visitors: Visitors;
}

/** What the routes share. */
function contextOf(deps: HttpDeps, { limits, startup, renders, visitors }: Shared): HttpContext {
  const cache = { ...DEFAULT_CONFIG.renderCache, ...deps.cache };
  return {
    deps,
    whole: deps.store,
    visitors,
    limits,
    gate: new RenderGate(limits),
    cache: new RenderCache(deps.store, cache),
    cacheSeconds: cache.timeoutSeconds,
    defines: readDefines(deps.define ?? {}),
    timeZone: deps.timeZone ?? DEFAULT_CONFIG.timeZone,
    partialFirstBucket: deps.partialFirstBucket ?? DEFAULT_CONFIG.partialFirstBucket,
    traffic: startup,
    admin: localAdmin(deps.store, 'this server', limits.points, deps.rules),
    pictures: new PicturePool({
      threads: limits.drawingThreads,
      waiting: limits.waitingPictures,
      waitingBytes: limits.waitingPictureBytes,
      drawMs: limits.requestMs,
    }),
    templates: deps.templates,
    renders,
    metadata: new MetadataRecords(deps.store, deps.metadata ?? DEFAULT_CONFIG.metadata),
    dashboards: new DashboardRecords(deps.store, deps.dashboards ?? DEFAULT_CONFIG.dashboards),
  };
}

/** Proxies may ask by the whole URL: `GET http://host/render`. */
function withoutOrigin(url: string): string {
  if (url.startsWith('/')) return url;
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1];
  if (rest === undefined) return url;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
