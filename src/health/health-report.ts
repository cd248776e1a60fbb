/** Makes the health report of what was gathered, and of what is wrong with it. */
import type { LastMistimed } from '../intake/last-mistimed.ts';
import type { SchemaMismatch } from '../jobs/schema-mismatch.ts';
import type { RejectedKind } from '../rejections/catalogue.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import type { Rejection } from '../rejections/rejections.ts';
import type { Gathered } from './gathered.ts';
import type { HealthReport } from './health.ts';
import { listenerName, rejectedOf } from './own-metrics.ts';
import { type Alert, type Reason } from './reasons.ts';
import { occurredOf } from './rejection-report.ts';

/** With one of these no probe should send traffic here. */
const FAILING: readonly Alert[] = ['TallydClockPastEnd', 'TallydStoreFailing'];

interface ReportContext {
  version: string;
  uptimeSeconds: number;
  lastFlush: number;
  /** The gravest first. */
  reasons: Reason[];
  places: HintPlaces;
  sources: HealthReport['sources'];
  expiredSeries: number;
  mismatch: Pick<SchemaMismatch, 'count' | 'hint'>;
}

export function reportOf(gathered: Gathered, context: ReportContext): HealthReport {
  const { ingest, store, rejections } = gathered;
  const { version, uptimeSeconds, lastFlush, reasons, places } = context;
  const { sources, expiredSeries, mismatch } = context;
  const { aggregate } = ingest;
  const isFailing = reasons.some(({ alert }) => FAILING.includes(alert));
  const { rejections: _, ...storeHealth } = store;
  return {
    status: isFailing ? 'failing' : reasons.length === 0 ? 'ok' : 'degraded',
    ...(reasons.length === 0
      ? {}
      : { reason: reasons.map(({ reason }) => reason).join('; '), reasons }),
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
      ...(at.receiver === undefined ? {} : { receiver: at.receiver }),
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

/** Reasons that occurred: a report is read by people. */
function onlyCounted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
