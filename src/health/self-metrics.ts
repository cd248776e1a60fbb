/**
 * tallyd's own numbers, gathered once from all parts and shown three ways: the health report,
 * Prometheus metrics, and series under `tallyd.` stored beside the rest. They never go through
 * StatsD aggregation and never to backends.
 */
import type { ConsoleServer } from '../console/commands.ts';
import type { WrongPort } from '../console/wrong-port.ts';
import type { Backends } from '../forward/backends.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { BY_AGGREGATION, BY_LISTS } from '../intake/carbon-pipeline.ts';
import type { ReadyPoints } from '../intake/ready-points.ts';
import type { Settings } from '../intake/settings.ts';
import type { TimestampedIntake } from '../intake/timestamped-samples.ts';
import type { IdleSeries } from '../jobs/idle-series.ts';
import type { SchemaMismatch } from '../jobs/schema-mismatch.ts';
import { UserError } from '../lib/errors.ts';
import type { PendingWork } from '../lib/pending-work.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import { joinRejections, type Rejection } from '../rejections/rejections.ts';
import type { StoreLifecycle } from '../storage/roles.ts';
import { NamedBatch } from '../wire/named-batch.ts';
import {
  addReport,
  emptyReport,
  type FlushBatch,
  PRODUCER_SELF_METRICS,
  type SampleBatch,
  type SampleReport,
} from '../wire/sample-batch.ts';
import { type Gathered, reportOf } from './health-report.ts';
import type { HealthReport } from './health.ts';
import { counter, counterOf, gauge, type OwnMetric } from './own-metric.ts';
import { forwardMetrics, intakeMetrics, receiveMetrics, storeMetrics } from './own-metrics.ts';
import { countsOf } from './rejection-report.ts';

interface MeasuredParts {
  store: Pick<StoreLifecycle, 'health'>;
  ingest: Ingest;
  backends: Backends;
  intake: {
    points: ReadyPoints;
    timed: TimestampedIntake;
    pointsNotStored: number;
    rejections(): Rejection[];
  };
  idle: IdleSeries;
  mismatch: SchemaMismatch;
  /** Undefined where there is none. */
  console: Pick<ConsoleServer, 'rejections'> | undefined;
  wrongPort: WrongPort;
  settings(): Settings;
  work: PendingWork;
  /** Undefined where there is none; where it listens, for hints. */
  http: { port: number } | undefined;
}

interface SelfMetricsOptions {
  version: string;
  nowMs(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs?(): number;
}

export class SelfMetrics {
  /** What a start is at, until everything is attached. */
  starting = 'reading the configuration';
  private readonly version: string;
  private readonly nowMs: () => number;
  /** By the wall clock; how long ago that is, only the monotonic clock knows. */
  private readonly startedMs: number;
  private readonly monotonicMs: () => number;
  private readonly startedAt: number;
  private parts: MeasuredParts | undefined;
  private lastFlush = 0;
  private processingMs = 0;
  private unreadable = 0;
  private flushedSeries = 0;
  private readonly points = emptyReport();
  private readonly samples = new NamedBatch(PRODUCER_SELF_METRICS);

  /** It starts now. */
  constructor(options: SelfMetricsOptions) {
    this.version = options.version;
    this.nowMs = options.nowMs;
    this.startedMs = options.nowMs();
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.startedAt = this.monotonicMs();
  }

  attach(parts: MeasuredParts): void {
    this.parts = parts;
  }

  flushed({ times, refs, flush }: FlushBatch): void {
    this.lastFlush = times;
    this.processingMs = flush.processingMs;
    this.flushedSeries = refs.length;
  }

  countPoints(report: SampleReport): void {
    addReport(this.points, report);
  }

  async metrics(): Promise<OwnMetric[]> {
    return this.parts === undefined ? [] : this.list(this.parts, await this.gather(this.parts));
  }

  /** The same numbers as points of one moment, `tallyd.…`. */
  async batch(time: number): Promise<SampleBatch> {
    const { samples } = this;
    for (const { series, value } of await this.metrics())
      samples.put(samples.refOf(series), time, value);
    return samples.finish();
  }

  /** Throws `storeBusy` with what the start is at, until everything is attached. */
  async health(): Promise<HealthReport> {
    if (this.parts === undefined) throw new UserError('storeBusy', this.starting);
    const { idle, mismatch } = this.parts;
    return reportOf(await this.gather(this.parts), {
      version: this.version,
      uptimeSeconds: this.uptimeSeconds(),
      lastFlush: this.lastFlush,
      now: Math.floor(this.nowMs() / 1000),
      places: this.places(),
      sources: this.parts.settings().sources,
      expiredSeries: idle.deleted,
      mismatch,
    });
  }

  /** Where each protocol is spoken here, for hints. */
  places(): HintPlaces {
    if (this.parts === undefined) return {};
    const { ingest, http } = this.parts;
    const places: HintPlaces = http === undefined ? {} : { http: `port ${http.port}` };
    for (const { kind, transport, address, port } of ingest.addresses) {
      const isPath = transport.startsWith('unix');
      places[kind] ??= isPath ? `socket ${address}` : `${transport} port ${port}`;
    }
    return places;
  }

  /** Lines of the management console's `stats`, in StatsD's order. */
  async consoleStats(): Promise<[string, number][]> {
    const lines: [string, number][] = [['uptime', this.uptimeSeconds()]];
    if (this.parts === undefined) return lines;
    const { ingest, backends } = this.parts;
    const { lastPacketMs, aggregate } = await ingest.health();
    const now = Math.round(this.nowMs() / 1000);
    const lastSeen = lastPacketMs === 0 ? this.startedMs : lastPacketMs;
    lines.push(
      ['messages.last_msg_seen', now - Math.round(lastSeen / 1000)],
      ['messages.bad_lines_seen', aggregate.badLinesSeen],
    );
    lines.push(...backends.statusLines(now));
    return lines;
  }

  private uptimeSeconds(): number {
    return Math.round((this.monotonicMs() - this.startedAt) / 1000);
  }

  private async gather(parts: MeasuredParts): Promise<Gathered> {
    const { ingest, store, backends, intake, console, wrongPort } = parts;
    const [ingestHealth, storeHealth] = [await ingest.health(), store.health()];
    const { points, timed, pointsNotStored } = intake;
    return {
      ingest: ingestHealth,
      store: storeHealth,
      backends: backends.stats(),
      intake: {
        points: this.points,
        pointsNotStored,
        timed: timed.report,
        lastMistimed: { points: points.lastMistimed, timed: timed.lastMistimed },
        rejectedByLists: points.rejected.countOf(BY_LISTS),
        notAggregated: points.rejected.countOf(BY_AGGREGATION),
      },
      rejections: joinRejections([
        ...ingestHealth.rejections,
        ...intake.rejections(),
        ...(storeHealth.rejections ?? []),
        ...backends.rejections(),
        ...(console?.rejections() ?? []),
        ...wrongPort.rejections(),
      ]),
    };
  }

  /** A figure that cannot be had, such as memory when descriptors run out, takes no other along. */
  private list({ idle, mismatch, work }: MeasuredParts, gathered: Gathered): OwnMetric[] {
    const { ingest, store, backends, intake, rejections } = gathered;
    const parts: (() => OwnMetric[])[] = [
      () => receiveMetrics(ingest),
      () =>
        countsOf(rejections).map(({ what, reason, help, count }) =>
          counterOf(what, help, reason, count),
        ),
      () => this.flushMetrics(),
      () => storeMetrics(store),
      () => seriesMetrics(idle, mismatch),
      () => intakeMetrics(intake),
      () => forwardMetrics(backends, ingest.packetsNotRepeated),
      () => [
        counter('tasks.failed', 'Writes and jobs that failed: the log says which.', work.failed),
      ],
      memoryMetrics,
    ];
    const metrics = parts.flatMap((part) => {
      try {
        return part();
      } catch {
        this.unreadable += 1;
        return [];
      }
    });
    const help = 'Parts of these figures that could not be had.';
    return [...metrics, counter('self_metrics.unreadable', help, this.unreadable)];
  }

  private flushMetrics(): OwnMetric[] {
    return [
      gauge('flush.series', 'Values of the last flush.', this.flushedSeries),
      gauge('flush.processing_ms', 'Time the last flush took to compute.', this.processingMs),
    ];
  }
}

function seriesMetrics(idle: IdleSeries, mismatch: SchemaMismatch): OwnMetric[] {
  const expired = 'Series deleted because no value came for long.';
  const differing = 'Series that are kept otherwise than the rules say.';
  return [
    counter('store.expired_series', expired, idle.deleted),
    gauge('store.differing_series', differing, mismatch.count ?? 0),
  ];
}

function memoryMetrics(): OwnMetric[] {
  const memory = process.memoryUsage();
  return [
    gauge('process.rss_bytes', 'Memory of the process.', memory.rss),
    gauge('process.heap_bytes', 'JavaScript heap in use, main thread.', memory.heapUsed),
  ];
}
