/** Makes the health report of what was gathered: what is wrong in one sentence, the gravest first. */
import type { BackendStats } from '../forward/backends.ts';
import type { IngestHealth } from '../ingest/ingest.ts';
import type { LastMistimed } from '../intake/last-mistimed.ts';
import type { SchemaMismatch } from '../jobs/schema-mismatch.ts';
import type { RejectedKind } from '../rejections/catalogue.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import type { Rejection } from '../rejections/rejections.ts';
import type { StoreHealth } from '../storage/roles.ts';
import type { HealthReport } from './health.ts';
import { LAST_SECOND, utcText } from '../lib/last-second.ts';
import { type IntakeCounts, listenerName, rejectedOf } from './own-metrics.ts';
import { complaintOf, occurredOf } from './rejection-report.ts';
import { counted } from '../lib/counted.ts';

/** Of all parts, at one moment. */
export interface Gathered {
  ingest: IngestHealth;
  store: StoreHealth;
  backends: BackendStats;
  intake: IntakeCounts;
  rejections: Rejection[];
}

interface ReportContext {
  version: string;
  uptimeSeconds: number;
  lastFlush: number;
  /** Epoch seconds. */
  now: number;
  places: HintPlaces;
  sources: HealthReport['sources'];
  expiredSeries: number;
  mismatch: Pick<SchemaMismatch, 'count' | 'hint'>;
}

export function reportOf(gathered: Gathered, context: ReportContext): HealthReport {
  const { ingest, store, rejections } = gathered;
  const { version, uptimeSeconds, lastFlush, now, places, sources, expiredSeries, mismatch } =
    context;
  const { aggregate } = ingest;
  const ofNames = complaintOf(rejections, now);
  const complaints = [...complaintsOf(gathered), ...(ofNames === undefined ? [] : [ofNames])];
  const isPast = now > LAST_SECOND;
  if (isPast) {
    const last = utcText(LAST_SECOND);
    complaints.unshift(`the clock says ${utcText(now)}: times after ${last} are not stored`);
  }
  const isFailing = isPast || store.state === 'failing';
  const { rejections: _, ...storeHealth } = store;
  return {
    status: isFailing ? 'failing' : complaints.length === 0 ? 'ok' : 'degraded',
    ...(complaints.length === 0 ? {} : { reason: complaints.join('; ') }),
    version,
    uptimeSeconds,
    lastFlush,
    receive: {
      datagrams: ingest.datagrams,
      metrics: aggregate.metrics,
      badLines: sum(aggregate.badLines),
      badLinesByReason: onlyCounted(aggregate.badLines),
      lastBadLines: aggregate.lastBad.map(({ reason, text }) => `${reason}: ${text}`),
      kernelDrops: ingest.kernelDrops ?? null,
      sources: aggregate.sources,
    },
    refusals: occurredOf([...rejections, ...lossesOf(gathered)], places),
    store: storeHealth,
    expiredSeries,
    ...mismatchOf(mismatch),
    sources,
    listeners: ingest.listeners.map((at, i) => ({
      name: `${at.kind} ${at.transport}`,
      address: at.transport.startsWith('unix') ? at.address : `${at.address}:${at.port}`,
      packets: at.packets,
      series: `tallyd.listeners.${listenerName(ingest.listeners, i)}.packets`,
    })),
  };
}

type Loss = [
  what: RejectedKind,
  reason: string,
  count: number | undefined,
  last?: Rejection['last'],
];

/** What was lost where it was to be stored or sent; few of them have an example. */
function lossesOf({ ingest, backends, intake }: Gathered): Rejection[] {
  const { graphite, repeater, keyFlushLeftOut } = backends;
  const counts: Loss[] = [
    ...lossesIn('points', rejectedOf(intake.points), intake.lastMistimed.points),
    ['points', 'notStored', intake.pointsNotStored],
    ...lossesIn('timed.refused', rejectedOf(intake.timed), intake.lastMistimed.timed),
    ['carbon.dropped', 'late', ingest.carbon?.dropped],
    ['repeater.dropped', 'late', repeater && ingest.packetsNotRepeated],
    ['repeater.dropped', 'queueFull', repeater?.dropped],
    ['repeater.dropped', 'failed', repeater?.errors],
    ['repeater.dropped', 'noAddress', repeater?.noAddress],
    ['graphite.dropped', 'queueFull', graphite?.droppedPayloads],
    ['graphite.dropped', 'diskLow', graphite?.gaveWayPayloads],
    ['graphite.dropped', 'damaged', graphite?.damagedPayloads],
    ['key_flush.left_out', 'maxNames', keyFlushLeftOut],
  ];
  return counts.map(([what, reason, count, last]) => {
    return { what, reason, count: count ?? 0, ...(last === undefined ? {} : { last }) };
  });
}

function lossesIn(what: RejectedKind, counts: Record<string, number>, lasts: LastMistimed): Loss[] {
  return Object.entries(counts).map(([reason, count]) => [what, reason, count, lasts.of(reason)]);
}

/** Not a fault: series keep what they have until somebody decides. */
function mismatchOf({ count, hint }: ReportContext['mismatch']): Partial<HealthReport> {
  if (count === undefined) return {};
  return { differingSeries: count, ...(hint === undefined ? {} : { hint }) };
}

/** Everything that is wrong, the gravest first: what is behind it may be the second. */
function complaintsOf({ store, ingest, backends }: Gathered): string[] {
  const { kernelDrops } = ingest;
  const complaints: string[] = [];
  if (store.state !== 'ok') complaints.push(store.reason ?? `the store is ${store.state}`);
  else if (store.reason !== undefined) complaints.push(store.reason);
  if (store.droppedFlushes > 0) {
    complaints.push(`${counted(store.droppedFlushes, 'flush', 'flushes')} could not be stored`);
  }
  if (kernelDrops !== undefined && kernelDrops > 0) {
    complaints.push(`the kernel dropped ${counted(kernelDrops, 'datagram')} before tallyd read`);
  }
  return [...complaints, ...backends.troubles, ...waitingOf(backends)];
}

function waitingOf({ graphite }: BackendStats): string[] {
  if (graphite === undefined || graphite.queuedPayloads <= 1) return [];
  const { queuedPayloads, droppedPayloads, gaveWayPayloads, trouble } = graphite;
  const dropped = droppedPayloads + gaveWayPayloads;
  const slow = trouble === undefined ? 'Graphite is slow, ' : '';
  const lost = dropped === 0 ? '' : `, ${counted(dropped, 'was', 'were')} dropped`;
  return [`${slow}${queuedPayloads} flushes wait for it${lost}`];
}

/** Reasons that occurred: a report is read by people. */
function onlyCounted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
