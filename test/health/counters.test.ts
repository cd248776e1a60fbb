/**
 * The list of counters: everything that is counted in a running tallyd, and where it is shown. Each
 * number of every part's health gets a value of its own here; a field that is new breaks the types
 * or the first test until it is shown somewhere and stands in this list.
 *
 * Counted elsewhere: HTTP (`http/self.ts`: requests by status, renders refused and abandoned, cache
 * hits and misses, events kept and deleted, metadata and dashboards refused), the proxy (`status` of its console), StatsD's own
 * counters `statsd.*` (`aggregate/own-counters.ts`).
 */
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import type { BackendStats } from '../../src/forward/backends.ts';
import type { Gathered } from '../../src/health/gathered.ts';
import { reportOf } from '../../src/health/health-report.ts';
import {
  forwardMetrics,
  intakeMetrics,
  receiveMetrics,
  storeMetrics,
} from '../../src/health/own-metrics.ts';
import { SelfMetrics } from '../../src/health/self-metrics.ts';
import type { IngestHealth } from '../../src/ingest/ingest.ts';
import { LastMistimed } from '../../src/intake/last-mistimed.ts';
import { DEFAULT_SOURCES } from '../../src/intake/settings.ts';
import type { StoreHealth } from '../../src/storage/roles.ts';
import { assert, describe } from '../support/suite.ts';

/** By counter: the metric (`tallyd_…`, also the series `tallyd.…`), and the entry of /health. */
const SHOWN: Record<string, string> = {
  'ingest.datagrams': 'tallyd_datagrams_received_total, receive.datagrams',
  'ingest.truncated': 'tallyd_datagrams_truncated_total',
  'ingest.kernelDrops': 'tallyd_datagrams_dropped_total, receive.kernelDrops',
  'ingest.connections': 'tallyd_connections_open',
  'ingest.accepted': 'tallyd_connections_accepted_total',
  'ingest.heldBytes': 'tallyd_connections_held_bytes',
  'ingest.packetsNotRepeated':
    'tallyd_repeater_dropped_total{late}, refusals "repeater.dropped late"',
  'ingest.flush.flushes': 'tallyd_flushes_sent_total',
  'ingest.flush.framesInFlight': 'tallyd_flushes_in_flight',
  'ingest.flush.flushesHeld': 'tallyd_flushes_held_total',
  'ingest.flush.flushesSkipped': 'tallyd_flushes_skipped_total',
  'ingest.carbon.points': 'tallyd_carbon_points_total',
  'ingest.carbon.dropped': 'tallyd_carbon_dropped_total, refusals "carbon.dropped late"',
  'ingest.listeners.0.packets':
    'listeners.0.packets, tallyd_listeners_packets_total{statsd_udp_1009}',
  'ingest.aggregate.packets': 'tallyd_packets_received_total',
  'ingest.aggregate.lines': 'tallyd_lines_received_total',
  'ingest.aggregate.metrics': 'tallyd_metrics_received_total, receive.metrics',
  'ingest.aggregate.events': 'tallyd_events_received_total',
  'ingest.aggregate.checks': 'tallyd_checks_received_total',
  'ingest.aggregate.badLines.noType': 'receive.badLines, receive.badLinesByReason.noType',
  'ingest.aggregate.metricsLive': 'tallyd_metrics_live',
  'ingest.aggregate.series': 'tallyd_series_live',
  'ingest.aggregate.nameBytes': 'tallyd_metrics_name_bytes',
  'ingest.aggregate.spellingBytes': 'tallyd_metrics_spelling_bytes',
  'ingest.aggregate.timerBytes': 'tallyd_metrics_timer_bytes',
  'ingest.aggregate.setBytes': 'tallyd_metrics_set_bytes',
  'store.seriesCount': 'tallyd_store_series, store.seriesCount',
  'store.lastDurableFlush':
    'tallyd_store_last_durable_flush_timestamp_seconds, store.lastDurableFlush',
  'store.pendingFlushes': 'tallyd_store_pending_flushes, store.pendingFlushes',
  'store.droppedFlushes': 'tallyd_store_dropped_flushes_total, store.droppedFlushes',
  'store.refusedSeries': 'tallyd_store_refused_series_total, store.refusedSeries',
  'store.fileBytes': 'tallyd_store_file_bytes, store.fileBytes',
  'store.lastCommitMs': 'tallyd_store_commit_seconds, store.lastCommitMs',
  'store.pointsStored': 'tallyd_store_points_total, store.pointsStored',
  'store.lateMerged': 'tallyd_store_late_merged_total, store.lateMerged',
  'store.corruptRecords': 'tallyd_store_corrupt_records_total, store.corruptRecords',
  'ingest.aggregate.byKind.counters': 'tallyd_metrics_by_kind{counters}',
  'ingest.aggregate.byKind.timers': 'tallyd_metrics_by_kind{timers}',
  'ingest.aggregate.byKind.gauges': 'tallyd_metrics_by_kind{gauges}',
  'ingest.aggregate.byKind.sets': 'tallyd_metrics_by_kind{sets}',
  'ingest.aggregate.sources.0.metrics': 'receive.sources.0.metrics',
  'store.diskFreeBytes': 'tallyd_store_disk_free_bytes, store.diskFreeBytes',
  'store.searchBytes': 'tallyd_store_search_bytes, store.searchBytes',
  'backends.graphite.queuedPayloads': 'tallyd_graphite_queued',
  'backends.graphite.queuedBytes': 'tallyd_graphite_queued_bytes',
  'backends.graphite.diskPayloads': 'tallyd_graphite_disk_queued',
  'backends.graphite.diskBytes': 'tallyd_graphite_disk_bytes',
  'backends.graphite.sentPayloads': 'tallyd_graphite_sent_total',
  'backends.graphite.sentBytes': 'tallyd_graphite_sent_bytes_total',
  'backends.graphite.resentPayloads': 'tallyd_graphite_resent_total',
  'backends.graphite.droppedPayloads':
    'tallyd_graphite_dropped_total, refusals "graphite.dropped queueFull"',
  'backends.graphite.damagedPayloads':
    'tallyd_graphite_damaged_total, refusals "graphite.dropped damaged"',
  'backends.graphite.connects': 'tallyd_graphite_connects_total',
  'backends.graphite.gaveWayPayloads':
    'tallyd_graphite_gave_way_total, refusals "graphite.dropped diskLow"',
  'backends.graphite.unconfirmedPayloads': 'tallyd_graphite_unconfirmed',
  'backends.repeater.noAddress':
    'tallyd_repeater_dropped_total{noAddress}, refusals "repeater.dropped noAddress"',
  'backends.repeater.packets': 'tallyd_repeater_packets_total',
  'backends.repeater.errors':
    'tallyd_repeater_dropped_total{failed}, refusals "repeater.dropped failed"',
  'backends.repeater.dropped':
    'tallyd_repeater_dropped_total{queueFull}, refusals "repeater.dropped queueFull"',
  'backends.keyFlushLeftOut':
    'tallyd_key_flush_left_out_total, refusals "key_flush.left_out maxNames"',
  'intake.pointsNotStored': 'tallyd_points_not_stored_total, refusals "points notStored"',
  'intake.rejectedByLists': 'tallyd_points_refused_total',
  'intake.notAggregated': 'tallyd_points_not_aggregated_total',
  'intake.points.stored': 'tallyd_points_stored_total',
  'intake.points.notFinite': 'tallyd_points_not_finite_total, refusals "points notFinite"',
  'intake.points.tooOld': 'tallyd_points_too_old_total, refusals "points tooOld"',
  'intake.points.inFuture': 'tallyd_points_in_future_total, refusals "points inFuture"',
  'intake.points.overLimit': 'tallyd_points_over_limit_total, refusals "points overLimit"',
  'intake.timed.stored': 'tallyd_timed_stored_total',
  'intake.timed.notFinite':
    'tallyd_timed_refused_total{notFinite}, refusals "timed.refused notFinite"',
  'intake.timed.tooOld': 'tallyd_timed_refused_total{tooOld}, refusals "timed.refused tooOld"',
  'intake.timed.inFuture':
    'tallyd_timed_refused_total{inFuture}, refusals "timed.refused inFuture"',
  'intake.timed.overLimit':
    'tallyd_timed_refused_total{overLimit}, refusals "timed.refused overLimit"',
  'intake.timed.late': 'tallyd_timed_refused_total{late}, refusals "timed.refused late"',
  'rejections.0.count': 'refusals "lines.bad noType"',
};

/** Not numbers that grow, or shown by the management console as StatsD does. */
const ELSEWHERE = [
  /^ingest\.lastPacketMs$/, // stats: messages.last_msg_seen
  /^ingest\.aggregate\.(badLinesSeen|lastMessageTime)$/, // stats: messages.bad_lines_seen
  /^ingest\.(receiveBufferBytes|listeners\.0\.(port|receiveBufferBytes|kernelDrops))$/,
  /^ingest\.listeners\.0\.stream\./, // summed up above, and as connections.refused
  /^backends\.graphite\.(lastErrorMs|lastFlush|lastException|flushTimeMs|flushLength)$/, // stats
];

/** Every number of a gathered state its own. */
function numbered(): Gathered {
  let last = 1000;
  const next = (): number => ++last;
  const report = () => ({
    stored: next(),
    notFinite: next(),
    tooOld: next(),
    inFuture: next(),
    overLimit: next(),
  });
  const ingest: IngestHealth = {
    datagrams: next(),
    truncated: next(),
    kernelDrops: next(),
    connections: next(),
    accepted: next(),
    heldBytes: next(),
    lastPacketMs: next(),
    packetsNotRepeated: next(),
    listeners: [{ kind: 'statsd', transport: 'udp', address: '::', port: next(), packets: next() }],
    flush: {
      flushes: next(),
      framesInFlight: next(),
      flushesHeld: next(),
      flushesSkipped: next(),
    },
    carbon: { points: next(), dropped: next() },
    rejections: [],
    aggregate: {
      packets: next(),
      lines: next(),
      metrics: next(),
      events: next(),
      checks: next(),
      badLines: { noType: next() },
      lastBad: [],
      badLinesSeen: next(),
      metricsLive: next(),
      byKind: { counters: next(), timers: next(), gauges: next(), sets: next() },
      sources: [{ sender: '10.0.0.1', metrics: next() }],
      series: next(),
      nameBytes: next(),
      spellingBytes: next(),
      timerBytes: next(),
      setBytes: next(),
      lastMessageTime: next(),
    },
  };
  const store: StoreHealth = {
    state: 'ok',
    seriesCount: next(),
    lastDurableFlush: next(),
    pendingFlushes: next(),
    droppedFlushes: next(),
    refusedSeries: next(),
    fileBytes: next(),
    diskFreeBytes: next(),
    lastCommitMs: next(),
    pointsStored: next(),
    lateMerged: next(),
    corruptRecords: next(),
    searchBytes: next(),
  };
  const backends: BackendStats = {
    repeaterTroubles: [],
    graphite: {
      queuedPayloads: next(),
      queuedBytes: next(),
      diskPayloads: next(),
      diskBytes: next(),
      sentPayloads: next(),
      sentBytes: next(),
      resentPayloads: next(),
      unconfirmedPayloads: next(),
      droppedPayloads: next(),
      gaveWayPayloads: next(),
      damagedPayloads: next(),
      isAway: false,
      trouble: undefined,
      connects: next(),
      lastErrorMs: next(),
      lastError: '',
      lastFlush: next(),
      lastException: next(),
      flushTimeMs: next(),
      flushLength: next(),
    },
    repeater: { packets: next(), errors: next(), dropped: next(), noAddress: next() },
    keyFlushLeftOut: next(),
  };
  return {
    ingest,
    store,
    backends,
    intake: {
      points: report(),
      pointsNotStored: next(),
      timed: { ...report(), late: next() },
      lastMistimed: { points: new LastMistimed(), timed: new LastMistimed() },
      rejectedByLists: next(),
      notAggregated: next(),
    },
    slowRenders: undefined,
    rejections: [{ what: 'lines.bad', reason: 'noType', count: next() }],
  };
}

/** `a.b.0.c` to each number in it. */
function numbersOf(value: unknown, at = ''): [string, number][] {
  if (typeof value === 'number') return [[at, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    numbersOf(one, at === '' ? key : `${at}.${key}`),
  );
}

const CONTEXT = {
  version: '1.2.3',
  uptimeSeconds: 1,
  lastFlush: 2,
  reasons: [],
  places: {},
  sources: DEFAULT_SOURCES,
  expiredSeries: 4,
  mismatch: { count: undefined, hint: undefined },
};

/** As if all parts were there and told this. */
function attachTo(own: SelfMetrics, gathered: Gathered): void {
  const { ingest, store, backends, intake } = gathered;
  const none = { rejections: () => [] };
  own.attach({
    ingest: { health: () => Promise.resolve({ ...ingest, rejections: [] }), addresses: [] },
    store: { health: () => store },
    backends: { stats: () => backends, ...none },
    intake: {
      points: { rejected: { countOf: () => 0 }, lastMistimed: new LastMistimed() },
      timed: { report: intake.timed, lastMistimed: new LastMistimed() },
      pointsNotStored: 0,
      ...none,
    },
    idle: { deleted: 0 },
    mismatch: { count: 0 },
    console: undefined,
    wrongPort: none,
    work: { failed: 0 },
    settings: () => ({ config: DEFAULT_CONFIG, sources: DEFAULT_SOURCES }),
    http: undefined,
  } as unknown as Parameters<SelfMetrics['attach']>[0]);
}

describe('counters', (it) => {
  const gathered = numbered();
  const counted = new Map(numbersOf(gathered));

  it('none is without a reader', () => {
    const unread = [...counted.keys()].filter(
      (name) => SHOWN[name] === undefined && !ELSEWHERE.some((pattern) => pattern.test(name)),
    );
    assert.equal(unread, []);
    assert.equal(
      Object.keys(SHOWN).filter((name) => !counted.has(name)),
      [],
    );
  });

  it('each stands where the list says', () => {
    const metrics = new Map(
      [
        ...receiveMetrics(gathered.ingest),
        ...storeMetrics(gathered.store),
        ...intakeMetrics(gathered.intake),
        ...forwardMetrics(gathered.backends, gathered.ingest.packetsNotRepeated),
      ].map(({ name, labels, value, stored }) => [
        labels === undefined ? name : `${name}{${Object.values(labels).join()}}`,
        stored ?? value,
      ]),
    );
    const report = reportOf(gathered, CONTEXT);
    const inReport = new Map(numbersOf(report));
    for (const { what, reason, count } of report.refusals ?? []) {
      inReport.set(`refusals "${what} ${reason}"`, count);
    }
    for (const [name, places] of Object.entries(SHOWN)) {
      for (const place of places.split(', ')) {
        const shown = metrics.get(place) ?? inReport.get(place);
        assert.is(shown, counted.get(name), `${name}: ${place}`);
      }
    }
  });

  it('a figure that cannot be had takes no other along, and is counted', async () => {
    const own = new SelfMetrics({ version: '1.2.3', nowMs: () => 0 });
    attachTo(own, gathered);
    const { memoryUsage } = process;
    process.memoryUsage = (() => {
      throw new Error('EMFILE');
    }) as unknown as typeof memoryUsage;
    try {
      const metrics = new Map((await own.metrics()).map(({ name, value }) => [name, value]));
      assert.is(metrics.get('tallyd_datagrams_received_total'), gathered.ingest.datagrams);
      assert.is(metrics.get('tallyd_tasks_failed_total'), 0);
      assert.is(metrics.get('tallyd_self_metrics_unreadable_total'), 1);
      assert.is(metrics.get('tallyd_process_rss_bytes'), undefined);
    } finally {
      process.memoryUsage = memoryUsage;
    }
  });

  it('a clock that is set back is counted, a reason, and told once', async () => {
    const clock = { wall: 1_700_000_000_000, monotonic: 5000 };
    const told: string[] = [];
    const own = new SelfMetrics({
      version: '1.2.3',
      nowMs: () => clock.wall,
      monotonicMs: () => clock.monotonic,
      log: (level, message) => told.push(`${level} ${message}`),
    });
    attachTo(own, gathered);
    const isCounted = async (): Promise<number | undefined> =>
      (await own.metrics()).find(({ series }) => series === 'tallyd.clock.steps.back')?.value;
    assert.is(await isCounted(), 0);
    clock.wall -= 3_600_000;
    assert.is(await isCounted(), 1);
    clock.monotonic += 20_000;
    clock.wall += 20_000;
    const { status, reason, reasons } = await own.health();
    const sentence = 'the clock was set back by 3600 s, 20 s ago';
    assert.is(status, 'degraded');
    assert.ok(reason!.includes(sentence));
    assert.is(reasons!.find(({ alert }) => alert === 'TallydClockSetBack')?.reason, sentence);
    await own.batch(1);
    await own.batch(2);
    const saidOfClock = told.filter((line) => line.includes('set back'));
    assert.equal([saidOfClock.length, saidOfClock[0]!.startsWith(`warn ${sentence}: `)], [1, true]);
  });

  it('what was lost has a hint', () => {
    const losses = reportOf(gathered, CONTEXT).refusals!.filter(({ what, reason }) =>
      /dropped|left_out|truncated|notStored/.test(`${what} ${reason}`),
    );
    assert.is(losses.length, 10);
    assert.equal(
      losses.filter(({ hint }) => hint === undefined),
      [],
    );
  });
});
