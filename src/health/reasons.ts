/**
 * Everything that is wrong at one moment, the gravest first: what it is, and what to do. Each is named
 * as its alert in config/prometheus/alerts.yml, whose paragraph in config/runbook.md says more.
 */
import { counted } from '../lib/counted.ts';
import { LAST_SECOND, utcText } from '../lib/last-second.ts';
import type { Gathered } from './gathered.ts';
import { namesRejected } from './rejection-report.ts';

/** What is over is told for so long, in the health report. */
export const RECENT_MS = 600_000;

/** What to do. The runbook has it at length. */
const REMEDIES = {
  TallydClockPastEnd: 'set the clock of this machine: nothing is stored until it is right',
  TallydStoreFailing:
    'make the disk of dataDir writable: df -h, df -i, dmesg; writing resumes by itself, unless the ' +
    'sentence asks for a restart',
  TallydFlushLate:
    'look at the disk (iostat -x 1) and the processors (top -H): both are shared with what else runs',
  TallydFlushesLost: 'as for TallydStoreFailing; maxPendingFlushes bridges longer pauses',
  TallydDiskFilling:
    'free space on the disk of dataDir, shorten retentions or set expireIdleSeries; below ' +
    'diskHeadroomBytes new series are refused',
  TallydKernelDrops:
    'raise receiveBufferBytes and net.core.rmem_max, or have clients send several lines a datagram',
  TallydNamesRefused:
    'tallyd top shows what makes new names: have it stop, or raise the limit that the sentence names',
  TallydGraphiteAway:
    'look at the Graphite behind (graphiteHost): what is queued goes out once it is back',
  TallydGraphiteBehind:
    'Graphite takes less than comes in: look at its load, or raise graphiteQueueBytes',
  TallydRepeaterAway: 'look at the targets of the repeater, their names and what listens there',
  TallydClockSetBack:
    'have the clock steered and not set: chronyc tracking, timedatectl timesync-status',
  TallydSlowRenders:
    'GET /admin/renders shows what is under way, the log which were slow and who asked',
} as const;

export type Alert = keyof typeof REMEDIES;

export interface Reason {
  alert: Alert;
  /** What is wrong, with its figures. */
  reason: string;
  todo: string;
}

/** What of it this moment alone does not tell. */
export interface Lately {
  /** Epoch seconds. */
  now: number;
  /** Losses that were counted in the last ten minutes. */
  isRecent(what: 'flushes' | 'kernelDrops'): boolean;
  setBack: { seconds: number; agoSeconds: number } | undefined;
  /** Since the last flush that became durable, or the start. */
  sinceDurableSeconds: number;
  flushSeconds: number;
  headroomBytes: number;
}

/** A flush is late after so many intervals, and some seconds of grace. */
const LATE_INTERVALS = 3;
const LATE_GRACE_SECONDS = 10;

export function reasonsOf(gathered: Gathered, lately: Lately): Reason[] {
  const { store, ingest, rejections } = gathered;
  const reasons: Reason[] = [];
  const add = (alert: Alert, reason: string | undefined): void => {
    if (reason !== undefined) reasons.push({ alert, reason, todo: REMEDIES[alert] });
  };
  if (lately.now > LAST_SECOND) {
    const last = utcText(LAST_SECOND);
    const sentence = `the clock says ${utcText(lately.now)}: times after ${last} are not stored`;
    add('TallydClockPastEnd', sentence);
  }
  if (store.state === 'behind') add('TallydFlushLate', store.reason);
  else if (store.state !== 'ok') {
    add('TallydStoreFailing', store.reason ?? `the store is ${store.state}`);
  }
  if (store.droppedFlushes > 0 && lately.isRecent('flushes')) {
    const flushes = counted(store.droppedFlushes, 'flush', 'flushes');
    add('TallydFlushesLost', `${flushes} could not be stored`);
  }
  // A store that fails or is behind has said why.
  if (store.state === 'ok') {
    add('TallydFlushLate', lateText(lately));
    add('TallydDiskFilling', store.reason ?? fillingText(store.diskFreeBytes, lately));
  }
  const { kernelDrops = 0 } = ingest;
  if (kernelDrops > 0 && lately.isRecent('kernelDrops')) {
    const datagrams = counted(kernelDrops, 'datagram');
    add('TallydKernelDrops', `the kernel dropped ${datagrams} before tallyd read`);
  }
  addBackends(gathered, add);
  add('TallydNamesRefused', namesRejected(rejections, lately.now));
  if (lately.setBack !== undefined) {
    const { seconds, agoSeconds } = lately.setBack;
    add('TallydClockSetBack', `the clock was set back by ${seconds} s, ${agoSeconds} s ago`);
  }
  add('TallydSlowRenders', gathered.slowRenders);
  return reasons;
}

function addBackends({ backends }: Gathered, add: (alert: Alert, reason?: string) => void): void {
  const { graphite, repeaterTroubles } = backends;
  add('TallydGraphiteAway', graphite?.trouble);
  for (const trouble of repeaterTroubles) add('TallydRepeaterAway', trouble);
  if (graphite === undefined || graphite.queuedPayloads <= 1) return;
  const { queuedPayloads, droppedPayloads, gaveWayPayloads, trouble } = graphite;
  const dropped = droppedPayloads + gaveWayPayloads;
  const slow = trouble === undefined ? 'Graphite is slow, ' : '';
  const lost = dropped === 0 ? '' : `, ${counted(dropped, 'was', 'were')} dropped`;
  add('TallydGraphiteBehind', `${slow}${queuedPayloads} flushes wait for it${lost}`);
}

function lateText({ sinceDurableSeconds, flushSeconds }: Lately): string | undefined {
  if (sinceDurableSeconds <= LATE_INTERVALS * flushSeconds + LATE_GRACE_SECONDS) return undefined;
  const seconds = Math.round(sinceDurableSeconds);
  return `no flush became durable for ${seconds} s, one is due every ${flushSeconds} s`;
}

/** Twice the headroom is not much more than the headroom. */
function fillingText(free: number | undefined, { headroomBytes }: Lately): string | undefined {
  if (free === undefined || free >= 2 * headroomBytes) return undefined;
  const [has, limit] = [mebibytes(free), mebibytes(headroomBytes)];
  return `the disk of the data has ${has} free: below ${limit} new series are refused`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
