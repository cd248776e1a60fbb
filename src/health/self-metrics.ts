/**
 * tallyd's own numbers, gathered once from ingest, store and backends and shown three ways: the
 * health report, Prometheus metrics, and series under `tallyd.` stored beside the rest. They never
 * go through StatsD aggregation and never to backends.
 */
import type { Backends } from '../forward/backends.ts';
import type { GraphiteBackendStats } from '../forward/graphite.ts';
import type { HealthReport } from './health.ts';
import type { SelfMetric } from './prometheus.ts';
import type { SchemaMismatch } from '../jobs/schema-mismatch.ts';
import type { IdleSeries } from '../jobs/idle-series.ts';
import type { ReadyPoints } from '../intake/ready-points.ts';
import type { TimestampedIntake } from '../intake/timestamped-samples.ts';
import type { Ingest, IngestHealth } from '../ingest/ingest.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import { UserError } from '../lib/errors.ts';
import { joinRejections, type Rejection } from '../rejections/rejections.ts';
import type { WrongPort } from '../console/wrong-port.ts';
import { complaintOf, countsOf, reportOf } from './rejection-report.ts';
import type { StoreHealth, StoreLifecycle } from '../storage/roles.ts';
import type { FlushBatch, PointBatch, PointReport } from '../wire/sample-batch.ts';

interface Parts {
  store: Pick<StoreLifecycle, 'health'>;
  ingest: Ingest;
  backends: Backends;
  idle?: IdleSeries | undefined;
  points?: ReadyPoints | undefined;
  timed?: TimestampedIntake | undefined;
  mismatch?: SchemaMismatch | undefined;
  wrongPort?: WrongPort | undefined;
  /** Where HTTP listens, for hints. */
  httpPort?: number | undefined;
}

const NO_POINTS: PointReport = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };

/** A metric and the series it is stored as. */
interface Vital extends SelfMetric {
  series: string;
}

interface Gathered {
  ingest: IngestHealth;
  store: StoreHealth;
  graphite: GraphiteBackendStats | undefined;
  /** Of all parts. */
  refusals: Rejection[];
}

export class SelfMetrics {
  /** What a start is at, until everything is attached. */
  starting = 'reading the configuration';
  private readonly version: string;
  private readonly startedMs: number;
  private parts: Parts | undefined;
  private lastFlush = 0;
  private processingMs = 0;
  private flushedSeries = 0;
  private readonly points: PointReport = { ...NO_POINTS };

  constructor(options: { version: string; startedMs: number }) {
    this.version = options.version;
    this.startedMs = options.startedMs;
  }

  attach(parts: Parts): void {
    this.parts = parts;
  }

  flushed({ times, refs, flush }: FlushBatch): void {
    this.lastFlush = times;
    this.processingMs = flush.processingMs;
    this.flushedSeries = refs.length;
  }

  countPoints(report: PointReport): void {
    for (const key of Object.keys(this.points) as (keyof PointReport)[]) {
      this.points[key] += report[key];
    }
  }

  async metrics(): Promise<SelfMetric[]> {
    return this.parts === undefined ? [] : this.list(await this.gather(this.parts));
  }

  /** The same numbers as points of one moment, `tallyd.…`. */
  async batch(time: number): Promise<PointBatch> {
    const vitals = this.parts === undefined ? [] : this.list(await this.gather(this.parts));
    return {
      kind: 'points',
      names: vitals.map(({ series }) => series),
      times: new Float64Array(vitals.length).fill(time),
      values: Float64Array.from(vitals, ({ value }) => value),
    };
  }

  async health(): Promise<HealthReport> {
    if (this.parts === undefined) throw new UserError('storeBusy', this.starting);
    const { ingest, store, graphite, refusals } = await this.gather(this.parts);
    const { aggregate } = ingest;
    const kernelDrops = ingest.kernelDrops ?? null;
    const now = Math.floor(Date.now() / 1000);
    const complaint = complain(store, kernelDrops, graphite) ?? complaintOf(refusals, now);
    const { refusals: _, ...storeHealth } = store;
    return {
      status: store.state === 'failing' ? 'failing' : complaint === undefined ? 'ok' : 'degraded',
      ...(complaint === undefined ? {} : { reason: complaint }),
      version: this.version,
      uptimeSeconds: this.uptimeSeconds(),
      lastFlush: this.lastFlush,
      receive: {
        datagrams: ingest.datagrams,
        metrics: aggregate.metrics,
        badLines: sum(aggregate.badLines),
        badLinesByReason: onlyCounted(aggregate.badLines),
        lastBadLines: aggregate.lastBad.map(({ reason, text }) => `${reason}: ${text}`),
        kernelDrops,
      },
      refusals: reportOf([...refusals, ...this.refusedPoints()], this.places()),
      store: storeHealth,
      expiredSeries: this.parts.idle?.deleted ?? 0,
      ...differingOf(this.parts.mismatch),
      listeners: ingest.listeners.map(({ kind, transport, address, port }) => ({
        name: `${kind} ${transport}`,
        address: transport.startsWith('unix') ? address : `${address}:${port}`,
      })),
    };
  }

  /** Where each protocol is spoken here, for hints. */
  places(): HintPlaces {
    if (this.parts === undefined) return {};
    const { ingest, httpPort } = this.parts;
    const places: HintPlaces = httpPort === undefined ? {} : { http: `port ${httpPort}` };
    for (const { kind, transport, address, port } of ingest.addresses) {
      const isPath = transport.startsWith('unix');
      places[kind] ??= isPath ? `socket ${address}` : `${transport} port ${port}`;
    }
    return places;
  }

  /** Counted when they are stored, without examples. */
  private refusedPoints(): Rejection[] {
    const all: [string, PointReport][] = [['points', this.points]];
    if (this.parts?.timed !== undefined) all.push(['timed.refused', this.parts.timed.report]);
    return all.flatMap(([what, report]) =>
      Object.entries(refusedOf(report)).map(([reason, count]) => ({ what, reason, count })),
    );
  }

  /** Lines of the management console's `stats`, in StatsD's order. */
  async consoleStats(): Promise<[string, number][]> {
    const lines: [string, number][] = [['uptime', this.uptimeSeconds()]];
    if (this.parts === undefined) return lines;
    const { ingest } = await this.gather(this.parts);
    const now = Math.round(Date.now() / 1000);
    const lastSeen = ingest.lastPacketMs === 0 ? this.startedMs : ingest.lastPacketMs;
    lines.push(
      ['messages.last_msg_seen', now - Math.round(lastSeen / 1000)],
      ['messages.bad_lines_seen', ingest.aggregate.badLinesSeen],
    );
    lines.push(...this.parts.backends.statusLines(now));
    return lines;
  }

  private uptimeSeconds(): number {
    return Math.round((Date.now() - this.startedMs) / 1000);
  }

  private async gather(parts: Parts): Promise<Gathered> {
    const { ingest, store, backends, points, wrongPort } = parts;
    const [ingestHealth, storeHealth] = [await ingest.health(), store.health()];
    const refusals = joinRejections([
      ...ingestHealth.refusals,
      ...(points?.refusals() ?? []),
      ...(storeHealth.refusals ?? []),
      ...(wrongPort?.refusals() ?? []),
    ]);
    return {
      ingest: ingestHealth,
      store: storeHealth,
      graphite: backends.graphiteStats(),
      refusals,
    };
  }

  private list({ ingest, store, graphite, refusals }: Gathered): Vital[] {
    const { aggregate } = ingest;
    const memory = process.memoryUsage();
    const vitals = [
      total('datagrams.received', 'UDP datagrams read.', ingest.datagrams),
      total('lines.received', 'StatsD lines read, good and bad.', aggregate.lines),
      total('metrics.received', 'StatsD samples counted.', aggregate.metrics),
      ...countsOf(refusals).map(({ what, reason, help, count }) =>
        ofReason(what, help, reason, count),
      ),
      gauge('series.live', 'Metrics in the aggregation tables.', aggregate.series),
      gauge('connections.open', 'Open stream connections.', ingest.connections),
      ...carbonVitals(ingest.carbon),
      total(
        'flushes.held',
        'Flushes joined to the next one, main was late.',
        ingest.flush.flushesHeld,
      ),
      total('flushes.skipped', 'Flush times slept through.', ingest.flush.flushesSkipped),
      gauge('flush.series', 'Values of the last flush.', this.flushedSeries),
      gauge('flush.processing_ms', 'Time the last flush took to compute.', this.processingMs),
      gauge('store.series', 'Series in the store.', store.seriesCount),
      gauge('store.file_bytes', 'Size of the data file.', store.fileBytes),
      gauge('store.commit_ms', 'Time the last commit took.', store.lastCommitMs),
      total(
        'store.expired_series',
        'Series deleted because no value came for long.',
        this.parts?.idle?.deleted ?? 0,
      ),
      gauge(
        'store.differing_series',
        'Series that are kept otherwise than the rules say.',
        this.parts?.mismatch?.count ?? 0,
      ),
      gauge('store.pending_flushes', 'Flushes not yet durable.', store.pendingFlushes),
      total('store.dropped_flushes', 'Flushes given up, the queue was full.', store.droppedFlushes),
      total('store.refused_series', 'Series refused at the limit.', store.refusedSeries),
      total('store.points', 'Datapoints made durable.', store.pointsStored),
      total('store.corrupt_records', 'Records whose checksum was wrong.', store.corruptRecords),
      ...timedVitals(this.parts?.timed),
      total('points.stored', 'Ready-made points stored.', this.points.stored),
      total('points.not_finite', 'Ready-made points dropped: NaN or inf.', this.points.notFinite),
      total('points.too_old', 'Ready-made points older than retention.', this.points.tooOld),
      total('points.in_future', 'Ready-made points from the future.', this.points.inFuture),
      total('points.over_limit', 'Ready-made points of refused series.', this.points.overLimit),
      total(
        'points.refused',
        "Ready-made points that carbon's lists refuse.",
        this.parts?.points?.counts.refused ?? 0,
      ),
      total(
        'points.not_aggregated',
        'Values that aggregation rules had no room for.',
        this.parts?.points?.counts.overLimit ?? 0,
      ),
      gauge('process.rss_bytes', 'Memory of the process.', memory.rss),
      gauge('process.heap_bytes', 'JavaScript heap in use, main thread.', memory.heapUsed),
    ];
    if (ingest.kernelDrops !== undefined) {
      vitals.push(total('datagrams.dropped', 'Datagrams the kernel dropped.', ingest.kernelDrops));
    }
    if (graphite !== undefined) {
      vitals.push(
        gauge('graphite.queued', 'Flushes waiting for Graphite.', graphite.queuedPayloads),
        gauge('graphite.queued_bytes', 'Bytes waiting for Graphite.', graphite.queuedBytes),
        gauge('graphite.disk_bytes', 'Those of them on disk.', graphite.diskBytes),
        total('graphite.sent', 'Flushes sent to Graphite.', graphite.sentPayloads),
        total('graphite.resent', 'Flushes sent once more.', graphite.resentPayloads),
        total('graphite.dropped', 'Flushes dropped, queue full.', graphite.droppedPayloads),
      );
    }
    return vitals;
  }
}

function timedVitals(timed: TimestampedIntake | undefined): Vital[] {
  if (timed === undefined) return [];
  const { report } = timed;
  return [
    total('timed.stored', 'Points of values with times of their own.', report.stored),
    ...byReason('timed.refused', 'Such points refused, by reason.', refusedOf(report)),
  ];
}

function refusedOf({ stored: _stored, ...refused }: PointReport): Record<string, number> {
  return refused;
}

/** Not a fault: series keep what they have until somebody decides. */
function differingOf(differing: SchemaMismatch | undefined): Partial<HealthReport> {
  if (differing?.count === undefined) return {};
  const { count, hint } = differing;
  return { differingSeries: count, ...(hint === undefined ? {} : { hint }) };
}

/** One sentence on what is wrong, the gravest first; undefined when nothing is. */
function complain(
  store: StoreHealth,
  kernelDrops: number | null,
  graphite: GraphiteBackendStats | undefined,
): string | undefined {
  if (store.state !== 'ok') return store.reason ?? `the store is ${store.state}`;
  if (store.reason !== undefined) return store.reason;
  if (store.droppedFlushes > 0) return `${store.droppedFlushes} flushes could not be stored`;
  if (kernelDrops !== null && kernelDrops > 0) {
    return `the kernel dropped ${kernelDrops} datagrams before they were read`;
  }
  if (graphite !== undefined && graphite.queuedPayloads > 1) {
    return `Graphite is away, ${graphite.queuedPayloads} flushes wait: ${graphite.lastError}`;
  }
  return undefined;
}

function carbonVitals(carbon: IngestHealth['carbon']): Vital[] {
  if (carbon === undefined) return [];
  return [
    total('carbon.points', 'Points read on the carbon ports.', carbon.points),
    total('carbon.dropped', 'Points dropped because the store was late (UDP).', carbon.dropped),
  ];
}

/** Reasons that occurred: a report is read by people. */
function onlyCounted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** `store.file_bytes` is the series `tallyd.store.file_bytes`, the metric `tallyd_store_file_bytes`. */
function gauge(name: string, help: string, value: number): Vital {
  return { series: `tallyd.${name}`, name: prometheus(name), help, type: 'gauge', value };
}

function total(name: string, help: string, value: number): Vital {
  const metric = `${prometheus(name)}_total`;
  return { series: `tallyd.${name}`, name: metric, help, type: 'counter', value };
}

function byReason(name: string, help: string, counts: Record<string, number>): Vital[] {
  return Object.entries(counts).map(([reason, value]) => ofReason(name, help, reason, value));
}

function ofReason(name: string, help: string, reason: string, value: number): Vital {
  return {
    ...total(name, help, value),
    series: `tallyd.${name}.${reason}`,
    labels: { reason },
  };
}

function prometheus(name: string): string {
  return `tallyd_${name.replaceAll('.', '_')}`;
}
