/**
 * HTTP of a server, as two services: a port that is open from the first moment of a start, and the
 * routes that take it over once there is a store.
 */
import type { Config } from '../config/config.ts';
import { rulesInForce, type Settings } from '../intake/settings.ts';
import type { SelfMetrics } from '../health/self-metrics.ts';
import { hostPort, reachable } from '../lib/host-port.ts';
import type { Service } from '../lib/services.ts';
import { announceServer, ownToken } from '../storage/data-dir-lock.ts';
import type { HttpDeps } from './http-deps.ts';
import { type HttpServer, startHttp } from './server.ts';
import { openStartupServer, type StartupServer } from './startup-server.ts';

/** Answers requests during the start with what the start is at. */
export function startupService(
  { config, tls }: Pick<Settings, 'config' | 'tls'>,
  doing: () => string,
): Service<StartupServer | undefined> {
  return {
    name: 'startup server',
    start: async () =>
      config.http === undefined
        ? undefined
        : openStartupServer({ ...config.http, tls }, doing, config.httpLimits),
    stop: (server) => server?.close(),
  };
}

/** Takes the startup server's port over, and tells the verbs of this machine where it is. */
export function httpService(
  config: Config,
  startup: StartupServer | undefined,
  deps: Pick<HttpDeps, 'store' | 'logger' | 'version' | 'nowSeconds'> & {
    selfMetrics: SelfMetrics;
    /** What may be read again. */
    inForce: () => Settings;
  },
): Service<HttpServer | undefined> {
  return {
    name: 'http',
    async start() {
      if (config.http === undefined) return undefined;
      const server = await startHttp(
        { ...config.http, startup },
        {
          store: deps.store,
          health: () => deps.selfMetrics.health(),
          selfMetrics: () => deps.selfMetrics.metrics(),
          top: () => deps.selfMetrics.top(),
          pageOnly: () => deps.selfMetrics.pageOnly(),
          logger: deps.logger,
          version: deps.version,
          nowSeconds: deps.nowSeconds,
          limits: config.httpLimits,
          cache: config.renderCache,
          slowRenderMs: config.slowRenderMs,
          define: config.define,
          timeZone: config.timeZone,
          partialFirstBucket: config.partialFirstBucket,
          adminPeers: config.adminPeers,
          httpHosts: config.httpHosts,
          corsOrigins: config.corsOrigins,
          access: () => deps.inForce().access,
          metadata: config.metadata,
          dashboards: config.dashboards,
          nameTags: config.nameTags,
          owner: ownToken(config.dataDir),
          rules: () => rulesInForce(deps.inForce()),
          templates: deps.inForce().templates,
        },
      );
      announceServer(
        config.dataDir,
        `${server.isTls ? 'https' : 'http'}://${hostPort(reachable(server))}`,
      );
      return server;
    },
    stop: (server) => server?.close(),
  };
}
