/**
 * A history that can be told from any point of it: which flushes, late points and deletions a store
 * was given, and what it must answer after each one. Pure: everything follows from the number of the
 * step, so that a process that was killed needs no log of what it had written.
 *
 *     step n    frame(n)    late(n) where n % 7 = 3    delete(n) where n % 20 = 15
 *
 * Operations are numbered 3n, 3n + 1, 3n + 2. Series are whole numbers, decimals, full doubles and
 * sparse ones; some are born later; `temp.*` come and go; `phoenix` is deleted while it goes on.
 */
import type { RetentionRules } from '../../src/storage/retention/rules.ts';
import { rulesOf } from '../storage/rules-of.ts';

export const STEP = 10;
export const COARSE_STEP = 60;
export const FINE_ROWS = 240;
export const COARSE_ROWS = 240;
/** A multiple of COARSE_STEP. */
export const EPOCH = 1_699_999_980;

/** Four chunks of a finest ring, so that a few hundred steps go round it. */
export const RULES: RetentionRules = rulesOf({ '': 'sum 10s:40m,1m:4h' });

export const FRAME = 0;
export const LATE = 1;
export const DELETE = 2;

const TEMPS = 3;
const LATE_STRIDE = 50;
const NEAR = 4;
/** Older than the rows: such a point goes into a compacted chunk. */
const FAR = 150;

export interface HistorySeries {
  name: string;
  /** The value of the flush of step n, NaN when the flush has none. */
  sent(n: number): number;
  /** Whether the store knows the series after operation `last`. */
  exists(last: number): boolean;
  /** What is stored for step n after operation `last`. */
  stored(n: number, last: number): number;
}

export function timeOf(n: number): number {
  return EPOCH + n * STEP;
}

export function operationOf(n: number, kind: number): number {
  return n * 3 + kind;
}

export function hasLate(n: number): boolean {
  return n % 7 === 3;
}

export function hasDelete(n: number): boolean {
  return n % 20 === 15;
}

/** Names that the deletion of step n is of. */
export function deletedNames(n: number): string[] {
  return [`temp.t${Math.floor(n / 20) % TEMPS}`, 'phoenix'];
}

/** Points that come late with step n: index of the steady series, step they are of, value. */
export function latePoints(n: number, steadyCount: number): [number, number, number][] {
  const points: [number, number, number][] = [];
  for (let i = n % LATE_STRIDE; i < steadyCount; i += LATE_STRIDE) {
    for (const age of [NEAR, FAR]) {
      const of = n - age;
      if (of >= 0 && bornStep(i, steadyCount) <= of) points.push([i, of, lateValue(n, i, of)]);
    }
  }
  return points;
}

/** Steady series first, then those that come and go. Frame ids are positions in this list. */
export function historySeries(steadyCount: number): HistorySeries[] {
  const steady = Array.from({ length: steadyCount }, (_, i) => steadySeries(i, steadyCount));
  const temps = Array.from({ length: TEMPS }, (_, j) => tempSeries(j));
  return [...steady, ...temps, phoenix()];
}

/** The last third of the series is born one by one. */
function bornStep(i: number, steadyCount: number): number {
  return Math.max(0, i - Math.floor((steadyCount * 2) / 3));
}

function lateValue(n: number, i: number, of: number): number {
  return -(n * 100 + i) - of / 4;
}

function steadyValue(i: number, n: number): number {
  if (i % 4 === 0) return n * 1000 + i;
  if (i % 4 === 1) return ((n * 31 + i * 7) % 9973) / 8;
  if (i % 4 === 2) return Math.sin(n * 0.7 + i) * 1e3;
  return (n + i) % 5 === 0 ? n + i : NaN;
}

function steadySeries(i: number, steadyCount: number): HistorySeries {
  const born = bornStep(i, steadyCount);
  const sent = (n: number) => (n < born ? NaN : steadyValue(i, n));
  let first = born;
  while (Number.isNaN(sent(first))) first += 1;
  return {
    name: `steady.s${i}`,
    sent,
    exists: (last) => last >= operationOf(first, FRAME),
    stored: (n, last) => {
      if (n < 0 || last < operationOf(n, FRAME)) return NaN;
      for (const by of [n + NEAR, n + FAR]) {
        const hits = hasLate(by) && by % LATE_STRIDE === i % LATE_STRIDE && n >= born;
        if (hits && last >= operationOf(by, LATE)) return lateValue(by, i, n);
      }
      return sent(n);
    },
  };
}

/** Lives for fifteen steps of every sixty. */
function tempSeries(j: number): HistorySeries {
  const lives = (n: number) => Math.floor(n / 20) % TEMPS === j && n % 20 < 15;
  const sent = (n: number) => (n >= 0 && lives(n) ? n * 3 + j : NaN);
  const bornOf = (last: number) => {
    const n = Math.floor(last / 3);
    const turn = Math.floor(n / 20);
    if (turn % TEMPS !== j || last < operationOf(turn * 20, FRAME)) return -1;
    return last >= operationOf(turn * 20 + 15, DELETE) ? -1 : turn * 20;
  };
  return {
    name: `temp.t${j}`,
    sent,
    exists: (last) => bornOf(last) >= 0,
    stored: (n, last) => {
      const born = bornOf(last);
      return born < 0 || n < born || last < operationOf(n, FRAME) ? NaN : sent(n);
    },
  };
}

/** Deleted again and again while its flushes go on: it comes back with the next one. */
function phoenix(): HistorySeries {
  const sent = (n: number) => (n < 0 ? NaN : n + 0.5);
  /** The last step whose deletion is done, -1 when there is none. */
  const deleted = (last: number) => {
    const n = Math.floor(last / 3);
    for (let at = n; at >= 0 && at > n - 21; at--) {
      if (hasDelete(at) && last >= operationOf(at, DELETE)) return at;
    }
    return -1;
  };
  return {
    name: 'phoenix',
    sent,
    exists: (last) => last >= operationOf(deleted(last) + 1, FRAME),
    stored: (n, last) => (n <= deleted(last) || last < operationOf(n, FRAME) ? NaN : sent(n)),
  };
}
