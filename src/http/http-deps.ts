/**
 * What HTTP needs from the rest of the daemon, and what its route files share. Each route family is
 * a function in a file of its own, listed in routes.ts.
 */
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AccessRules } from '../access/access-file.ts';
import type { NameTagRule } from '../config/name-tags.ts';
import type { RenderCacheConfig } from '../config/config.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import type { RulesInForce } from '../storage/retention/sketch-rules.ts';
import type { RecordStore, SeriesAdmin, StoreReader, StoreViews } from '../storage/roles.ts';
import type { PicturePool } from '../picture/picture-pool.ts';
import type { Templates } from '../query/chart/templates.ts';
import type { HealthReport } from '../health/health.ts';
import type { HttpLimits, RenderGate } from './limits.ts';
import type { OwnMetric } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import type { Renders } from './renders.ts';
import type { StartupServer } from './startup-server.ts';
import { type EvaluateLimits, RequestLimit } from '../query/evaluate/request-limit.ts';
import { sendListJson } from './list-answer.ts';
import { parseForm, parseJsonParams, type Params } from './params.ts';
import type { DashboardKeeping, DashboardRecords } from '../dashboards/dashboard-records.ts';
import type { MetadataKeeping, MetadataRecords } from './metadata-records.ts';
import type { FlushTop } from '../wire/flush-top.ts';
import type { RenderCache } from './render-cache.ts';
import type { RenderRules } from './render-request.ts';
import { type Visitor, visitorOf, type Visitors } from './visitors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What one request may cost. */
    limits: HttpLimits;
    /** What of it bounds a request that lists names. */
    listLimits: EvaluateLimits;
  }
}

export interface HttpDeps {
  store: StoreReader & StoreViews & SeriesAdmin & RecordStore;
  health(): Promise<HealthReport>;
  selfMetrics(): Promise<OwnMetric[]>;
  /** What Prometheus' page has beside them. */
  pageOnly?(): SelfMetric[];
  /** What was busiest in the last flush, and how many names were new in the last minute. */
  top?(): Promise<{ flush: FlushTop; newPerMinute: number } | undefined>;
  logger: Logger;
  /** Epoch seconds. */
  nowSeconds(): number;
  version: string;
  limits?: Partial<HttpLimits>;
  cache?: Partial<RenderCacheConfig>;
  /** Renders that take longer are told to the log, milliseconds; 0: none is. */
  slowRenderMs?: number;
  /** Macros of targets: templates by name. */
  define?: Record<string, string>;
  /** Zone of times that name none: UTC by default. */
  timeZone?: string;
  partialFirstBucket?: boolean;
  /** Of retention, those in force. */
  rules?: () => RulesInForce;
  /** Token under which this process has the data folder. */
  owner?: string | undefined;
  /** Addresses and networks, beside this machine, that may change the store over HTTP. */
  adminPeers?: readonly string[];
  /** Names, beside this machine's, under which the store may be changed over HTTP. */
  httpHosts?: readonly string[];
  /** Sites whose pages may read answers. */
  corsOrigins?: readonly string[];
  /** Who may what; undefined where everybody may everything. */
  access?: () => AccessRules | undefined;
  metadata?: MetadataKeeping;
  dashboards?: DashboardKeeping;
  /** Rules by which dotted names have tags. */
  nameTags?: readonly NameTagRule[];
  /** Styles of pictures by name: tallyd's own by default. */
  templates?: Templates | undefined;
}

export interface HttpContext extends RenderRules {
  deps: Omit<HttpDeps, 'store'>;
  /** The store with all its names. What is answered comes from that of the visitor (`visitorOf`). */
  whole: HttpDeps['store'];
  visitors: Visitors;
  gate: RenderGate;
  cache: RenderCache;
  /** What is counted from the first moment on. */
  traffic: Pick<StartupServer, 'counts' | 'connections' | 'bodies'>;
  admin: StoreAdmin;
  metadata: MetadataRecords;
  dashboards: DashboardRecords;
  renders: Renders;
  pictures: PicturePool;
  templates: Templates | undefined;
}

export type RouteFamily = (app: FastifyInstance, context: HttpContext) => void | Promise<void>;

/** Routes of GET and POST whose answer is the JSON of a value made from the parameters. */
export function jsonRoute(
  app: FastifyInstance,
  url: string,
  answer: (params: Params, limit: RequestLimit, visitor: Visitor) => unknown,
  config: FastifyContextConfig = {},
): void {
  app.route({
    method: ['GET', 'POST'],
    url,
    config,
    handler: async (request, reply) => {
      const params = requestParams(request);
      const limit = requestLimit(request);
      return sendListJson(reply, params, limit, await answer(params, limit, visitorOf(request)));
    },
  });
}

/** The query string and the body (form or JSON) as one set of parameters. */
export function requestParams(request: FastifyRequest): Params {
  const mark = request.url.indexOf('?');
  const { limits } = request.server;
  const params = parseForm(mark === -1 ? '' : request.url.slice(mark + 1), limits);
  const body = bodyText(request);
  if (body === '') return params;
  params.addAll(isJson(request) ? parseJsonParams(body, limits) : parseForm(body.trim(), limits));
  return params;
}

/**
 * Time and turns of a request that lists names: it lets others run, and ends when its time is up or
 * its sender has gone.
 */
export function requestLimit(request: FastifyRequest): RequestLimit {
  return new RequestLimit(request.server.listLimits, isWaiting(request));
}

/** Whether the sender of a request still waits for its answer. */
export function isWaiting(request: FastifyRequest): () => boolean {
  const { socket } = request.raw;
  return () => !socket.destroyed;
}

/** The body as it came; bodies of every content type are read as text. */
export function bodyText(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : '';
}

export function isJson(request: FastifyRequest): boolean {
  return (request.headers['content-type'] ?? '').toLowerCase().includes('json');
}
