/**
 * tallyd's own numbers, gathered once from all parts and shown three ways: the health report,
 * Prometheus metrics, and series under `tallyd.` stored beside the rest. They never go through
 * StatsD aggregation and never to backends.
 */
import { UserError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import type { FlushTop } from '../wire/flush-top.ts';
import { NamedBatch } from '../wire/named-batch.ts';
import {
  addReport,
  emptyReport,
  type FlushBatch,
  PRODUCER_SELF_METRICS,
  type SampleBatch,
  type SampleReport,
} from '../wire/sample-batch.ts';
import { ClockWatch } from './clock-watch.ts';
import { FlushFigures } from './flush-figures.ts';
import { gather, type Gathered, type MeasuredParts } from './gathered.ts';
import { reportOf } from './health-report.ts';
import type { HealthReport } from './health.ts';
import { NewNames } from './new-names.ts';
import { counter, counterOf, type OwnMetric } from './own-metric.ts';
import {
  forwardMetrics,
  intakeMetrics,
  limitMetrics,
  receiveMetrics,
  seriesMetrics,
  storeMetrics,
} from './own-metrics.ts';
import { memoryMetrics, processMetrics } from './process-metrics.ts';
import type { SelfMetric } from './prometheus.ts';
import { ReasonWatch } from './reason-watch.ts';
import { type Reason, reasonsOf } from './reasons.ts';
import { countsOf } from './rejection-report.ts';

interface SelfMetricsOptions {
  version: string;
  nowMs(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs?(): number;
  log?: Log;
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
  private readonly clock: ClockWatch;
  private readonly flushes: FlushFigures;
  private readonly names: NewNames;
  private readonly watch: ReasonWatch;
  private parts: MeasuredParts | undefined;
  private unreadable = 0;
  private readonly points = emptyReport();
  private readonly samples = new NamedBatch(PRODUCER_SELF_METRICS);

  /** It starts now. */
  constructor(options: SelfMetricsOptions) {
    this.version = options.version;
    this.nowMs = options.nowMs;
    this.startedMs = options.nowMs();
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.startedAt = this.monotonicMs();
    this.clock = new ClockWatch(this.nowMs, this.monotonicMs);
    this.flushes = new FlushFigures(this.monotonicMs);
    this.names = new NewNames(this.monotonicMs);
    this.watch = new ReasonWatch(options.log ?? (() => {}), this.monotonicMs);
  }

  attach(parts: MeasuredParts): void {
    this.parts = parts;
    this.flushes.begin();
  }

  /** `stored` resolves when it is durable. */
  flushed(batch: FlushBatch, stored: Promise<unknown>): void {
    this.clock.look();
    this.flushes.take(batch, stored);
    this.names.take(batch.series);
  }

  /** Ready-made points came. */
  pointsCame(batch: SampleBatch): void {
    this.names.take(batch.series);
  }

  countPoints(report: SampleReport): void {
    addReport(this.points, report);
  }

  async metrics(): Promise<OwnMetric[]> {
    return this.parts === undefined ? [] : this.list(this.parts, await this.look(this.parts));
  }

  /** What was busiest in the last flush, and how many names were new in the last minute. */
  async top(): Promise<{ flush: FlushTop; newPerMinute: number } | undefined> {
    if (this.parts === undefined) return undefined;
    const flush = await this.parts.ingest.top();
    return { flush, newPerMinute: this.names.lastMinute() };
  }

  /** What only Prometheus' page shows: what runs, the process, and how long flushes take. */
  pageOnly(): SelfMetric[] {
    return [
      ...this.tried(() => processMetrics(this.version, this.startedMs)),
      ...this.flushes.histograms(),
    ];
  }

  /**
   * The same numbers as points of one moment, `tallyd.…`. What is wrong from then on is told to the
   * log.
   */
  async batch(time: number): Promise<SampleBatch> {
    const { samples, parts } = this;
    if (parts !== undefined) {
      const gathered = await this.look(parts);
      this.watch.tell(this.reasons(parts, gathered));
      for (const { series, value, stored } of this.list(parts, gathered))
        samples.put(samples.refOf(series), time, stored ?? value);
    }
    return samples.finish();
  }

  /** Throws `storeBusy` with what the start is at, until everything is attached. */
  async health(): Promise<HealthReport> {
    if (this.parts === undefined) throw new UserError('storeBusy', this.starting);
    const { parts } = this;
    const { idle, mismatch } = parts;
    const gathered = await this.look(parts);
    return reportOf(gathered, {
      version: this.version,
      uptimeSeconds: this.uptimeSeconds(),
      lastFlush: this.flushes.last,
      reasons: this.reasons(parts, gathered),
      places: this.places(),
      sources: parts.settings().sources,
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

  private async look(parts: MeasuredParts): Promise<Gathered> {
    this.clock.look();
    const gathered = await gather(parts, this.points);
    this.watch.count('flushes', gathered.store.droppedFlushes);
    this.watch.count('kernelDrops', gathered.ingest.kernelDrops ?? 0);
    return gathered;
  }

  private reasons(parts: MeasuredParts, gathered: Gathered): Reason[] {
    const { config } = parts.settings();
    return reasonsOf(gathered, {
      now: Math.floor(this.nowMs() / 1000),
      isRecent: (loss) => this.watch.isRecent(loss),
      setBack: this.clock.setBack(),
      sinceDurableSeconds: this.flushes.sinceDurableMs() / 1000,
      flushSeconds: config.aggregation.flushIntervalMs / 1000,
      headroomBytes: config.diskHeadroomBytes,
    });
  }

  /** A figure that cannot be had, such as memory when descriptors run out, takes no other along. */
  private list({ idle, mismatch, work, settings }: MeasuredParts, gathered: Gathered): OwnMetric[] {
    const { ingest, store, backends, intake, rejections } = gathered;
    const parts: (() => OwnMetric[])[] = [
      () => receiveMetrics(ingest),
      () =>
        countsOf(rejections).map(({ what, reason, help, count }) =>
          counterOf(what, help, reason, count),
        ),
      () => this.flushes.metrics(),
      () => this.names.metrics(),
      () => this.clock.metrics(),
      () => limitMetrics(settings().config),
      () => storeMetrics(store),
      () => seriesMetrics(idle.deleted, mismatch.count),
      () => intakeMetrics(intake),
      () => forwardMetrics(backends, ingest.packetsNotRepeated),
      () => [
        counter('tasks.failed', 'Writes and jobs that failed: the log says which.', work.failed),
      ],
      memoryMetrics,
    ];
    const metrics = parts.flatMap((part) => this.tried(part));
    const help = 'Parts of these figures that could not be had.';
    return [...metrics, counter('self_metrics.unreadable', help, this.unreadable)];
  }

  /** Nothing of what cannot be had, which is counted. */
  private tried<T>(part: () => T[]): T[] {
    try {
      return part();
    } catch {
      this.unreadable += 1;
      return [];
    }
  }
}
