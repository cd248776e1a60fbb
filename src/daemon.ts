/**
 * The running tallyd: builds every part in order, joins them, and stops them in the reverse order
 * so that nothing acknowledged is lost. A flush goes ingest → here → store and backends; the ingest
 * worker gets its acknowledgement as soon as the store has taken the batch into its bounded queue.
 */
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { namespacePrefixes } from './config/namespace-prefixes.ts';
import { type ConsoleServer, startConsole } from './console/console.ts';
import type { CarbonRules } from './intake/carbon-rules.ts';
import { Backends } from './forward/backends.ts';
import { printTo } from './forward/print-to.ts';
import { eventLogOf } from './intake/event-log.ts';
import { type StartupServer, openStartupServer } from './http/startup-server.ts';
import { type HttpDeps, type HttpServer, startHttp } from './http/server.ts';
import { WrongPort } from './console/wrong-port.ts';
import { EventsAndChecks } from './intake/events-and-checks.ts';
import { SchemaMismatch } from './jobs/schema-mismatch.ts';
import { IdleSeries } from './jobs/idle-series.ts';
import { type Ingest, startIngest } from './ingest/ingest.ts';
import { announceServer } from './storage/data-dir-lock.ts';
import { openStore } from './storage/open-store.ts';
import type { RetentionRules } from './storage/retention/rules.ts';
import type { SketchSettings } from './storage/retention/sketch-rules.ts';
import { ReadyPoints } from './intake/ready-points.ts';
import { TimestampedIntake } from './intake/timestamped-samples.ts';
import type { Store } from './storage/roles.ts';
import { SelfMetrics } from './health/self-metrics.ts';
import type { FlushBatch, NumberedPoints } from './wire/sample-batch.ts';
import type { EventOrCheck } from './wire/ingest-messages.ts';

/** How long a stop waits for Graphite and the repeater to take what is queued. */
const BACKEND_STOP_MS = 3000;
/** How often series are looked through for idle ones: as often as `lastSeen` is written. */
const IDLE_EVERY_MS = 600_000;
/** How often series are compared with the rules, and how soon after they were kept otherwise. */
const DIFFERING_EVERY_MS = 3_600_000;
const DIFFERING_TICK_MS = 60_000;

export interface DaemonOptions {
  config: Config;
  rules: RetentionRules;
  sketches: SketchSettings;
  carbonRules: CarbonRules;
  version: string;
  logger: Logger;
  /** The store worker is gone: nothing is stored any more. Whoever started it stops it then. */
  onStoreDead(sentence: string): void;
}

export interface Daemon {
  /** Every address that is listened on: `statsd udp 0.0.0.0:8125`. */
  addresses: string[];
  /** Takes over what may change while running. */
  reconfigure(
    config: Config,
    rules: RetentionRules,
    sketches: SketchSettings,
    carbonRules: CarbonRules,
  ): Promise<void>;
  /** Last flush, last commit, everything closed. */
  stop(): Promise<void>;
}

/** Starts everything; when one part cannot start, those that did are closed again. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const daemon = new RunningDaemon(options);
  try {
    await daemon.start();
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return daemon;
}

class RunningDaemon implements Daemon {
  addresses: string[] = [];
  private config: Config;
  private readonly rules: RetentionRules;
  private readonly sketches: SketchSettings;
  private readonly carbonRules: CarbonRules;
  private intake: ReadyPoints | undefined;
  private notices: EventsAndChecks | undefined;
  private readonly version: string;
  private readonly logger: Logger;
  private readonly vitals: SelfMetrics;
  private readonly onStoreDead: (sentence: string) => void;
  private store: Store | undefined;
  private ingest: Ingest | undefined;
  private backends: Backends | undefined;
  private http: HttpServer | undefined;
  private front: StartupServer | undefined;
  private console: ConsoleServer | undefined;
  private readonly misdirected = new WrongPort();
  private differing: SchemaMismatch | undefined;
  private differingTimer: NodeJS.Timeout | undefined;
  private idle: IdleSeries | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private nowUp: () => void = () => {};
  private stopping: Promise<void> | undefined;
  /** Appends under way, awaited by a stop. */
  private readonly pending = new Set<Promise<void>>();

  constructor(options: DaemonOptions) {
    this.config = options.config;
    this.rules = options.rules;
    this.sketches = options.sketches;
    this.carbonRules = options.carbonRules;
    this.version = options.version;
    this.logger = options.logger;
    this.onStoreDead = options.onStoreDead;
    this.vitals = new SelfMetrics({ version: options.version, startedMs: Date.now() });
  }

  async start(): Promise<void> {
    const { config, logger } = this;
    await this.startConsole();
    await this.openFront();
    this.store = await openStore({
      config,
      rules: this.rules,
      sketches: this.sketches,
      prefixes: {
        nodes: config.aggregation.prefixNodes,
        limit: config.maxStoredSeriesPerPrefix,
        skipped: namespacePrefixes(config.aggregation.namespace),
      },
      onDead: this.onStoreDead,
      onLog: (level, message, fields = {}) => logger[level](fields, message),
    });
    this.vitals.starting = 'reading what waits for Graphite';
    this.backends = await Backends.open(config, {
      nowSeconds: Math.round(Date.now() / 1000),
      onError: (backend, message) => {
        if (config.debug || backend === 'keyFlush') logger.warn({ backend }, message);
      },
      print: printTo(process.stdout, (message) => logger.warn(`standard output: ${message}`)),
    });
    this.intake = new ReadyPoints(this.store, this.carbonRules, {
      count: (report) => this.vitals.countPoints(report),
      onError: (error) => logger.error({ err: error }, 'points not stored'),
    });
    const timed = new TimestampedIntake(this.store, () => Math.floor(Date.now() / 1000));
    const { namespace } = config.aggregation;
    const events = eventLogOf(this.store);
    events.keeping = config.events;
    this.notices = new EventsAndChecks(this.store, events, namespace);
    const gauges = await this.store.lastGauges();
    await this.watchIdle(this.store);
    // What takes longest comes first: from here on flushes are counted.
    this.vitals.starting = 'opening the ports of metrics';
    await this.startHttp(this.store);
    this.ingest = await startIngest(
      config,
      {
        wantSketches: wantSketches(config, this.rules, this.sketches),
        wantPackets: this.backends.wantPackets,
        wantSnapshots: this.backends.wantSnapshots,
      },
      {
        onFlush: (batch) => this.takeFlush(batch),
        onPoints: (batch) => this.takePoints(batch),
        onTimed: (points) => this.track(timed.take(points), 'values with times not stored'),
        onNotices: (notices) => this.takeNotices(notices),
        onSnapshot: (snapshot) => this.backends?.takeSnapshot(snapshot),
        onPackets: (packets) => this.backends?.takePackets(packets),
        onLog: (level, message, fields = {}) => logger[level](fields, message),
        onError: (error) => {
          throw error; // the worker is gone: nothing is received any more, so crash aloud
        },
      },
    );
    await this.ingest.restoreGauges(gauges.names, gauges.values);
    for (const { kind, transport, address, port } of this.ingest.addresses) {
      const place = transport.startsWith('unix') ? address : hostPort(address, port);
      this.addresses.push(`${kind} ${transport} ${place}`);
    }
    const differing = this.countDiffering(this.store);
    const { store, ingest, backends, idle, intake, misdirected } = this;
    const httpPlace = this.http === undefined ? undefined : `port ${this.http.port}`;
    const intakes = { intake, timed };
    const parts = { store, ingest, backends, idle, ...intakes, differing, misdirected, httpPlace };
    this.vitals.attach(parts);
    this.nowUp();
    logger.info(
      {
        addresses: this.addresses,
        receiver: this.ingest.receiver,
        receiveBufferBytes: this.ingest.receiveBufferBytes,
        dialect: config.servers[0]?.dialect,
        dataDir: config.dataDir,
        flushIntervalMs: config.aggregation.flushIntervalMs,
      },
      `tallyd is up: ${this.addresses.join(', ')}`,
    );
  }

  /** Series that the rules, as they are now, would keep otherwise. */
  private countDiffering(store: Store): SchemaMismatch {
    const differing = new SchemaMismatch(store, this.rules);
    this.differing = differing;
    let countedMs = 0;
    let retained = -1;
    const count = (): void => {
      const nowMs = performance.now();
      if (nowMs - countedMs < DIFFERING_EVERY_MS && retained === store.retained) return;
      countedMs = nowMs;
      ({ retained } = store);
      this.track(differing.run(), 'series were not compared with the rules');
    };
    count();
    this.differingTimer = setInterval(count, DIFFERING_TICK_MS);
    this.differingTimer.unref();
    return differing;
  }

  /** Before the first flush, which ends the pause since the last one. */
  private async watchIdle(store: Store): Promise<void> {
    const { expireIdleSeconds, aggregation } = this.config;
    const idle = new IdleSeries(store, {
      expireSeconds: expireIdleSeconds,
      flushIntervalMs: aggregation.flushIntervalMs,
      onLog: (message) => this.logger.info(message),
    });
    await idle.begin(Math.floor(Date.now() / 1000));
    this.idle = idle;
    let running = false;
    this.idleTimer = setInterval(() => {
      if (running) return;
      running = true;
      const pass = async (): Promise<void> => {
        const now = Math.floor(Date.now() / 1000);
        await idle.run(now);
        await eventLogOf(store).prune(now);
      };
      const work = pass().finally(() => (running = false));
      this.track(work, 'idle series and old events not deleted');
    }, IDLE_EVERY_MS);
  }

  /** Whoever asks before there is an answer is told what the start is at. */
  private async openFront(): Promise<void> {
    const { config, vitals } = this;
    if (config.http === undefined) return;
    this.vitals.starting = 'reading the names of the series';
    this.front = await openStartupServer(config.http, () => vitals.starting);
  }

  private async startHttp(store: HttpDeps['store']): Promise<void> {
    const { config, vitals } = this;
    if (config.http === undefined) return;
    this.http = await startHttp(
      { ...config.http, front: this.front },
      {
        store,
        health: () => vitals.health(),
        selfMetrics: () => vitals.metrics(),
        logger: this.logger,
        nowSeconds: () => Math.floor(Date.now() / 1000),
        version: this.version,
        limits: config.httpLimits,
        cache: config.renderCache,
        define: config.define,
        adminPeers: config.adminPeers,
      },
    );
    this.addresses.push(`http ${hostPort(this.http.address, this.http.port)}`);
    announceServer(config.dataDir, `http://${hostPort(...reachable(this.http))}`);
  }

  /** Listens at once, answers when everything is up: who asks for health early waits for it. */
  private async startConsole(): Promise<void> {
    const { config, vitals, misdirected } = this;
    if (config.management === undefined) return;
    this.console = await startConsole(config.management, {
      ready: new Promise((resolve) => {
        this.nowUp = resolve;
      }),
      inspect: async (kind) => this.ingest?.inspect(kind) ?? [],
      deleteMetrics: async (kind, pattern) => this.ingest?.deleteMetrics(kind, pattern) ?? [],
      statsdNames: config.servers[0]?.dialect === 'statsd',
      misdirected: (text) =>
        misdirected.answer(text, vitals.places(), Math.floor(Date.now() / 1000)),
      stats: () => vitals.consoleStats(),
      config: () => this.config.raw,
      health: config.healthStatus,
      onError: (error) => this.logger.error({ err: error }, 'management console'),
    });
    const { address } = config.management;
    this.addresses.push(`console tcp ${hostPort(address, this.console.port)}`);
  }

  async reconfigure(
    config: Config,
    rules: RetentionRules,
    sketches: SketchSettings,
    carbonRules: CarbonRules,
  ): Promise<void> {
    this.config = config;
    await this.intake?.setRules(carbonRules);
    if (this.idle !== undefined) this.idle.expireSeconds = config.expireIdleSeconds;
    this.store?.setRules(rules, sketches);
    if (this.store !== undefined) eventLogOf(this.store).keeping = config.events;
    if (this.differing !== undefined) {
      this.differing.setRules(rules);
      this.track(this.differing.run(), 'series were not compared with the rules');
    }
    await this.ingest?.reconfigure(config, { wantSketches: wantSketches(config, rules, sketches) });
    this.logger.info({ file: config.file }, 'configuration read again');
  }

  async stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    await this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    clearInterval(this.idleTimer);
    clearInterval(this.differingTimer);
    this.differing?.stop();
    this.idle?.stop();
    await this.console?.close();
    // The last flush passes through takeFlush before this resolves.
    await this.ingest?.stop();
    await this.intake?.stop();
    await this.backends?.stop(BACKEND_STOP_MS);
    await Promise.allSettled(this.pending);
    await (this.http ?? this.front)?.close();
    await this.store?.close();
  }

  private takeFlush(batch: FlushBatch): void {
    this.track(this.store!.append(batch), 'flush not stored'); // flushes come after the store opened
    this.ingest?.acknowledge(batch.sequence);
    this.backends!.flush(batch);
    this.vitals.flushed(batch);
    // During a stop the ingest worker no longer answers questions about its health.
    if (this.stopping === undefined) {
      this.track(this.storeVitals(batch.times), 'own metrics not stored');
    }
  }

  private async storeVitals(time: number): Promise<void> {
    const batch = await this.vitals.batch(time);
    if (batch.names.length > 0) await this.store!.appendPoints(batch, time);
  }

  private takePoints(batch: NumberedPoints): void {
    const stored = this.intake!.take(batch); // points come after the store opened
    this.track(
      // Given up on or not: whoever sends the next ones must not wait for ever.
      stored.finally(() => this.ingest?.acknowledgePoints(batch.slot)),
      'points not stored',
    );
  }

  private takeNotices(notices: EventOrCheck[]): void {
    const now = Math.floor(Date.now() / 1000);
    this.track(this.notices!.take(notices, now), 'events not stored'); // the store is open
  }

  private track(work: Promise<void>, what: string): void {
    const tracked = work
      .catch((error: unknown) => this.logger.error({ err: error }, what))
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }
}

/** Whether timers and sets cross as sketches: to be kept, or merged where flushes share a slot. */
function wantSketches(config: Config, rules: RetentionRules, sketches: SketchSettings): boolean {
  if (sketches.schemas.some(({ archives }) => archives.length > 0)) return true;
  const { flushIntervalMs } = config.aggregation;
  const unmatched = rules.resolve('\u0001').archives;
  const schemas = [unmatched, ...rules.schemas.map(({ archives }) => archives)];
  return schemas.some(([finest]) => finest !== undefined && finest.step * 1000 > flushIntervalMs);
}

/** Where this machine reaches a listener: the wildcard address is no place to connect to. */
function reachable({ address, port }: HttpServer): [address: string, port: number] {
  if (address === '0.0.0.0') return ['127.0.0.1', port];
  return [address === '::' ? '::1' : address, port];
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
