/**
 * Every number of tallyd's own, by part: a counter that is incremented somewhere is shown here, in
 * `/health`, or in both (test/health/counters.test.ts has the list).
 */
import type { Config } from '../config/config.ts';
import type { BackendStats } from '../forward/backends.ts';
import type { IngestHealth } from '../ingest/ingest.ts';
import type { LastMistimed } from '../intake/last-mistimed.ts';
import type { TimestampedReport } from '../intake/timestamped-samples.ts';
import type { StoreHealth } from '../storage/roles.ts';
import type { SampleCounts } from '../wire/sample-batch.ts';
import {
  counter,
  counterOf,
  duration,
  gauge,
  labelled,
  moment,
  type OwnMetric,
} from './own-metric.ts';

export function receiveMetrics(ingest: IngestHealth): OwnMetric[] {
  const { aggregate, flush, carbon, kernelDrops } = ingest;
  const metrics = [
    counter('datagrams.received', 'UDP datagrams read.', ingest.datagrams),
    counter('datagrams.truncated', 'Unix datagrams that were cut off.', ingest.truncated),
    counter('packets.received', 'Packets of StatsD lines, of streams too.', aggregate.packets),
    counter('lines.received', 'StatsD lines read, good and bad.', aggregate.lines),
    counter('metrics.received', 'StatsD samples counted.', aggregate.metrics),
    counter('events.received', 'DogStatsD events read.', aggregate.events),
    counter('checks.received', 'DogStatsD service checks read.', aggregate.checks),
    gauge('series.live', 'Metrics in the aggregation tables.', aggregate.series),
    gauge('metrics.live', 'Names that are counted, their series apart.', aggregate.metricsLive),
    ...Object.entries(aggregate.byKind).map(([kind, count]) =>
      labelled(gauge('metrics.by_kind', 'Names that are counted, by kind.', count), 'kind', kind),
    ),
    gauge('metrics.name_bytes', 'Memory of their names.', aggregate.nameBytes),
    gauge(
      'metrics.spelling_bytes',
      'Memory of how their lines are spelled.',
      aggregate.spellingBytes,
    ),
    gauge('metrics.timer_bytes', "Memory of the timers' values.", aggregate.timerBytes),
    gauge('metrics.set_bytes', "Memory of the sets' members.", aggregate.setBytes),
    gauge('connections.open', 'Open stream connections.', ingest.connections),
    counter('connections.accepted', 'Stream connections taken.', ingest.accepted),
    gauge('connections.held_bytes', 'Bytes of unfinished lines and pickles.', ingest.heldBytes),
  ];
  if (carbon !== undefined) {
    metrics.push(
      counter('carbon.points', 'Points read on the carbon ports.', carbon.points),
      counter('carbon.dropped', 'Points dropped because the store was late (UDP).', carbon.dropped),
    );
  }
  for (const [i, { packets }] of ingest.listeners.entries()) {
    const help = 'Packets by listener: datagrams, or reads of streams with a whole line.';
    const listener = listenerName(ingest.listeners, i);
    const series = `tallyd.listeners.${listener}.packets`;
    metrics.push({ ...counter('listeners.packets', help, packets), series, labels: { listener } });
  }
  metrics.push(
    counter('flushes.sent', 'Flushes handed over to be stored.', flush.flushes),
    gauge('flushes.in_flight', 'Of them, those not taken yet.', flush.framesInFlight),
    counter('flushes.held', 'Flushes joined to the next one, main was late.', flush.flushesHeld),
    counter('flushes.skipped', 'Flush times slept through.', flush.flushesSkipped),
  );
  if (kernelDrops !== undefined) {
    metrics.push(counter('datagrams.dropped', 'Datagrams the kernel dropped.', kernelDrops));
  }
  return metrics;
}

/** A word for a listener, as one node of a name: `statsd_udp_8125`; one without a port has a number. */
export function listenerName(listeners: IngestHealth['listeners'], at: number): string {
  const { kind, transport, port } = listeners[at]!; // one of them
  return `${kind}_${transport}_${transport.startsWith('unix') ? at : port}`;
}

const STORE_STATES: readonly StoreHealth['state'][] = ['ok', 'behind', 'failing', 'closed'];

export function storeMetrics(store: StoreHealth): OwnMetric[] {
  return [
    gauge('store.series', 'Series in the store.', store.seriesCount),
    gauge('store.file_bytes', 'Size of the data file.', store.fileBytes),
    duration('store.commit', 'Time the last commit took.', store.lastCommitMs),
    ...STORE_STATES.map((state) => {
      const isIt = store.state === state ? 1 : 0;
      return labelled(gauge('store.state', '1 of the state it is in.', isIt), 'state', state);
    }),
    moment(
      'store.last_durable_flush',
      'The newest flush that survives a power cut.',
      store.lastDurableFlush,
    ),
    gauge('store.pending_flushes', 'Flushes not yet durable.', store.pendingFlushes),
    counter('store.dropped_flushes', 'Flushes given up, the queue was full.', store.droppedFlushes),
    counter('store.refused_series', 'Series refused at the limit.', store.refusedSeries),
    counter('store.points', 'Datapoints made durable.', store.pointsStored),
    counter('store.late_merged', 'Values joined to slots of before.', store.lateMerged),
    counter('store.corrupt_records', 'Records whose checksum was wrong.', store.corruptRecords),
    ...(store.diskFreeBytes === undefined
      ? []
      : [gauge('store.disk_free_bytes', 'Free on the disk of the data.', store.diskFreeBytes)]),
    gauge('store.search_bytes', 'Memory of the index of parts of names.', store.searchBytes),
  ];
}

/** `differing`: undefined until they were counted. */
export function seriesMetrics(expired: number, differing: number | undefined): OwnMetric[] {
  const help = 'Series that are kept otherwise than the rules say.';
  return [
    counter('store.expired_series', 'Series deleted because no value came for long.', expired),
    gauge('store.differing_series', help, differing ?? 0),
  ];
}

/** What other figures are compared with. */
export function limitMetrics({ aggregation, diskHeadroomBytes }: Config): OwnMetric[] {
  const headroom = 'Free bytes of the disk below which new series are refused.';
  return [
    duration('flush.interval', 'How often it flushes.', aggregation.flushIntervalMs),
    gauge('store.disk_headroom_bytes', headroom, diskHeadroomBytes),
  ];
}

export interface IntakeCounts {
  /** What became of ready-made points. */
  points: SampleCounts;
  /** Points that the store did not take: its queue was full, or the disk refused. */
  pointsNotStored: number;
  timed: TimestampedReport;
  /** Of both, the last samples whose times the store had no place for. */
  lastMistimed: { points: LastMistimed; timed: LastMistimed };
  /** Points that carbon's lists reject, and values that its aggregation has no place for. */
  rejectedByLists: number;
  notAggregated: number;
}

export function intakeMetrics(counts: IntakeCounts): OwnMetric[] {
  const { points, timed } = counts;
  return [
    counter('timed.stored', 'Points of values with times of their own.', timed.stored),
    ...Object.entries(rejectedOf(timed)).map(([reason, value]) =>
      counterOf('timed.refused', 'Such points refused, by reason.', reason, value),
    ),
    counter('points.stored', 'Ready-made points stored.', points.stored),
    counter('points.not_finite', 'Ready-made points dropped: NaN or inf.', points.notFinite),
    counter('points.too_old', 'Ready-made points older than retention.', points.tooOld),
    counter('points.in_future', 'Ready-made points from the future.', points.inFuture),
    counter('points.over_limit', 'Ready-made points of refused series.', points.overLimit),
    counter('points.not_stored', 'Ready-made points lost, writing failed.', counts.pointsNotStored),
    counter(
      'points.refused',
      "Ready-made points that carbon's lists refuse.",
      counts.rejectedByLists,
    ),
    counter(
      'points.not_aggregated',
      'Values that aggregation rules had no room for.',
      counts.notAggregated,
    ),
  ];
}

/** A report without what is no loss. */
export function rejectedOf({ stored: _stored, ...rejected }: SampleCounts): Record<string, number> {
  return rejected;
}

/** `late`: packets that the main thread was too late for. */
export function forwardMetrics(stats: BackendStats, late: number): OwnMetric[] {
  const { graphite, repeater, keyFlushLeftOut } = stats;
  const metrics: OwnMetric[] = [];
  if (graphite !== undefined) {
    metrics.push(
      gauge('graphite.queued', 'Flushes waiting for Graphite.', graphite.queuedPayloads),
      gauge('graphite.queued_bytes', 'Bytes waiting for Graphite.', graphite.queuedBytes),
      gauge('graphite.disk_queued', 'Those of the flushes on disk.', graphite.diskPayloads),
      gauge('graphite.disk_bytes', 'Those of them on disk.', graphite.diskBytes),
      counter('graphite.sent', 'Flushes sent to Graphite.', graphite.sentPayloads),
      counter('graphite.sent_bytes', 'Bytes sent to Graphite.', graphite.sentBytes),
      counter('graphite.resent', 'Flushes sent once more.', graphite.resentPayloads),
      counter('graphite.dropped', 'Flushes dropped, queue full.', graphite.droppedPayloads),
      counter(
        'graphite.gave_way',
        'Flushes dropped because the store needed the room on disk.',
        graphite.gaveWayPayloads,
      ),
      gauge(
        'graphite.unconfirmed',
        'Flushes written, and not yet known to have been read.',
        graphite.unconfirmedPayloads,
      ),
      gauge('graphite.up', '0 while Graphite is away.', graphite.isAway ? 0 : 1),
      counter('graphite.damaged', 'Flushes on disk found damaged.', graphite.damagedPayloads),
      counter('graphite.connects', 'Connections to Graphite.', graphite.connects),
    );
  }
  if (repeater !== undefined) {
    const help = 'Packets that the repeater did not send on, by reason.';
    metrics.push(
      counter('repeater.packets', 'Packets that the repeater took.', repeater.packets),
      counterOf('repeater.dropped', help, 'queueFull', repeater.dropped),
      counterOf('repeater.dropped', help, 'late', late),
      counterOf('repeater.dropped', help, 'failed', repeater.errors),
      counterOf('repeater.dropped', help, 'noAddress', repeater.noAddress),
    );
  }
  if (keyFlushLeftOut !== undefined) {
    const help = 'Lines over the number of names that the key flush log counts.';
    metrics.push(counter('key_flush.left_out', help, keyFlushLeftOut));
  }
  return metrics;
}
