/**
 * The running tallyd: its services, started in order and stopped in reverse, so that nothing
 * acknowledged is lost. HTTP and the console listen first and answer when there is something to say;
 * ingest, where flushes come from, starts last and stops before what it writes to.
 */
import type { Logger } from 'pino';
import { storedPrefixes } from './config/namespace-prefixes.ts';
import { consoleService } from './console/console-service.ts';
import { WrongPort } from './console/wrong-port.ts';
import { backendsService } from './forward/backends-service.ts';
import { sayUp } from './health/start-line.ts';
import { SelfMetrics } from './health/self-metrics.ts';
import { httpService, startupService } from './http/http-service.ts';
import type { Ingest } from './ingest/ingest.ts';
import { eventLogOf } from './intake/event-log.ts';
import { Intake } from './intake/intake.ts';
import { type Settings, wantSketches } from './intake/settings.ts';
import { agedEvents } from './jobs/aged-events.ts';
import { dueAggregates } from './jobs/due-aggregates.ts';
import { IdleSeries } from './jobs/idle-series.ts';
import { jobsService } from './jobs/job-runner.ts';
import { SchemaMismatch } from './jobs/schema-mismatch.ts';
import { type Log, logTo } from './lib/log.ts';
import { PendingWork } from './lib/pending-work.ts';
import { Services } from './lib/services.ts';
import { unlessHopeless } from './lib/unless-hopeless.ts';
import { openStore } from './storage/open-store.ts';
import type { StoreHealth } from './storage/roles.ts';

interface DaemonOptions {
  settings: Settings;
  version: string;
  logger: Logger;
  /** The store worker is gone: nothing is stored any more. Whoever started it stops it then. */
  onStoreDead(sentence: string): void;
}

export interface Daemon {
  /** Every address that is listened on: `statsd udp 0.0.0.0:8125`. */
  addresses: string[];
  /** Takes over what may change while running. */
  reconfigure(settings: Settings): Promise<void>;
  threadsAnswer(): Promise<unknown>;
  /** Last flush, last commit, everything closed. */
  stop(): Promise<void>;
  /** What a stop is at, and what the store has still to write. */
  stopping(): Pick<StoreHealth, 'pendingFlushes' | 'lastDurableFlush'> & { waitsFor: string };
}

/** Starts everything; when one service cannot start, those that did are stopped again. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { settings, version, logger } = options;
  const log = logTo(logger);
  const base: Base = {
    ...options,
    services: new Services(),
    work: new PendingWork(logger),
    selfMetrics: new SelfMetrics({ version, nowMs: Date.now, log }),
    wrongPort: new WrongPort(),
    log,
    nowSeconds: () => Math.floor(Date.now() / 1000),
    ingest: undefined,
  };
  const front = await startFront(base);
  const flow = await startFlow(base, front);
  return {
    addresses: sayUp({ ...front, ...flow }, settings.config, base.log),
    async reconfigure(changed) {
      base.settings = changed;
      await flow.intake.setRules(changed);
      flow.idle.expireSeconds = changed.config.expireIdleSeconds;
      if (changed.tls !== undefined) front.http?.renewTls(changed.tls);
      front.store.setRules(changed.rules, changed.sketches);
      flow.mismatch.setRules(changed.rules);
      flow.jobs.runAnew(flow.mismatch);
      await flow.ingest.reconfigure(changed.config, { wantSketches: wantSketches(changed) });
      logger.info(changed.sources, 'configuration read again');
    },
    threadsAnswer: () => base.selfMetrics.health(),
    stop: () => base.services.stop(),
    stopping: () => ({
      ...front.store.progress(),
      waitsFor: base.services.waitsFor ?? 'nothing more',
    }),
  };
}

/** There before the first service. */
interface Base extends DaemonOptions {
  services: Services;
  work: PendingWork;
  selfMetrics: SelfMetrics;
  wrongPort: WrongPort;
  log: Log;
  nowSeconds(): number;
  /** For those that start before it. */
  ingest: Ingest | undefined;
}

type Front = Awaited<ReturnType<typeof startFront>>;

/** Those that are asked, and the store that answers. */
async function startFront(base: Base) {
  const { services, selfMetrics, log, onStoreDead } = base;
  const { config, rules, sketches } = base.settings;
  let up = (): void => {};
  const ready = new Promise<void>((resolve) => (up = resolve));
  const console = await services.start(consoleService(config, ready, base));
  selfMetrics.starting = 'reading the names of the series';
  const startup = await services.start(startupService(base.settings, () => selfMetrics.starting));
  const told = { prefixes: storedPrefixes(config), onDead: onStoreDead, onLog: log };
  const store = await services.start({
    name: 'store',
    start: () => openStore({ config, rules, sketches, isServer: true, ...told }),
    stop: (opened) => opened.close(),
  });
  const http = await services.start(
    httpService(config, startup, { ...base, store, inForce: () => base.settings }),
  );
  return { console, up, store, http };
}

/** Those that samples flow through, and the jobs. */
async function startFlow(base: Base, { console, up, store, http }: Front) {
  const { services, selfMetrics, settings, work, log } = base;
  const { config } = settings;
  // A disk that takes nothing holds up no stop: the store's says what was not written.
  const hopefully = (end: Promise<void>): Promise<void> =>
    unlessHopeless(end, () => store.health().state === 'failing');
  await services.start({ name: 'writes under way', stop: () => hopefully(work.settled()) });
  selfMetrics.starting = 'reading what waits for Graphite';
  const backends = await services.start(backendsService(config, base));
  const intake = new Intake(settings, { ...base, store, backends });
  await services.start({ name: 'intake', stop: () => hopefully(intake.points.stop()) });
  const { expireIdleSeconds, aggregation } = config;
  const idle = new IdleSeries(store, expireIdleSeconds, aggregation.flushIntervalMs, log);
  // Before the first flush, which ends the pause since the last one.
  await services.start({ name: 'idle series', start: () => idle.begin(base.nowSeconds()) });
  // What takes longest came first: from here on flushes are counted.
  selfMetrics.starting = 'opening the ports of metrics';
  const ingest = await services.start(intake.ingestService(settings, log));
  base.ingest = ingest;
  const mismatch = new SchemaMismatch(store, settings.rules);
  const parts = { ...base, store, ingest, backends, intake, idle, mismatch, console };
  selfMetrics.attach({ ...parts, http, settings: () => base.settings });
  await services.start({ name: 'console', start: up, stop: () => console?.close() });
  const list = [mismatch, idle, agedEvents(eventLogOf(store)), dueAggregates(intake.points)];
  const jobs = await services.start(jobsService(list, work));
  return { ingest, intake, idle, mismatch, jobs };
}
