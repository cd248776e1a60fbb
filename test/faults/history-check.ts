/**
 * Compares a reopened store with the history (history.ts): which operation it stands at, whether
 * that is at least the last acknowledged one, every point of both archives, every record's checksum.
 */
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import {
  COARSE_ROWS,
  COARSE_STEP,
  DELETE,
  EPOCH,
  FINE_ROWS,
  FRAME,
  type HistorySeries,
  LATE,
  STEP,
  hasDelete,
  hasLate,
  historySeries,
  operationOf,
  timeOf,
} from './history.ts';
import { openFaultStore } from './open-fault-store.ts';
import { HistoryWriter } from './history-writer.ts';
import { badRecordsIn } from './records.ts';

export interface Standing {
  /** Step of the newest flush, -1 for an empty store. */
  step: number;
  /** Acknowledged operations that are not there. */
  lost: number;
  badRecords: number;
  points: number;
  /** The first thing that was not as it should be. */
  complaint?: string;
}

/**
 * Checks a folder after a crash and goes on in it: the operations of the last step that the crash
 * cut off are done, and a few steps more when `goOn` says so, then all is checked once more.
 */
export async function checkAfterCrash(
  dataDir: string,
  steadyCount: number,
  acknowledged: number,
  goOn = 0,
): Promise<Standing> {
  const store = await openFaultStore(dataDir);
  let standing: Standing;
  try {
    const found = await compare(store, steadyCount, acknowledged);
    standing = found.standing;
    if (standing.complaint === undefined) {
      await completeAndGoOn(store, steadyCount, found.last, standing, goOn);
    }
  } finally {
    await store.close();
  }
  const bad = await badRecordsIn(dataDir);
  standing.badRecords = Math.max(standing.badRecords, bad.length);
  if (bad.length > 0) standing.complaint ??= bad[0]!;
  return standing;
}

async function completeAndGoOn(
  store: LmdbStore,
  steadyCount: number,
  last: number,
  standing: Standing,
  goOn: number,
): Promise<void> {
  const writer = new HistoryWriter(store, steadyCount);
  const { step } = standing;
  if (step >= 0) {
    for (const kind of [LATE, DELETE]) {
      if (operationOf(step, kind) > last) await writer.extra(step, kind);
    }
  }
  for (let n = step + 1; n <= step + goOn; n++) await writer.step(n, () => {});
  if (goOn === 0) return;
  const after = await compare(store, steadyCount, operationOf(step + goOn, DELETE));
  standing.step = after.standing.step;
  standing.points += after.standing.points;
  standing.badRecords += after.standing.badRecords;
  if (after.standing.complaint !== undefined) {
    standing.complaint = `after going on: ${after.standing.complaint}`;
    standing.lost += after.standing.lost;
  }
}

interface Comparison {
  standing: Standing;
  /** The operation that the store stands at. */
  last: number;
}

/** An operation is there wholly or not at all, so the store equals the history at one of them. */
export async function compare(
  store: LmdbStore,
  steadyCount: number,
  acknowledged: number,
): Promise<Comparison> {
  const { lastDurableFlush } = store.health();
  const step = lastDurableFlush === 0 ? -1 : (lastDurableFlush - EPOCH) / STEP;
  const candidates = candidatesOf(step).filter((operation) => operation >= acknowledged);
  const standing: Standing = { step, lost: 0, badRecords: 0, points: 0 };
  if (candidates.length === 0) {
    standing.lost = Math.floor(acknowledged / 3) - step || 1;
    standing.complaint = `operation ${acknowledged} was acknowledged, step ${step} is the newest`;
    return { standing, last: -1 };
  }
  const complaints: string[] = [];
  for (const last of candidates) {
    const { complaint, points } = await differenceFrom(store, steadyCount, step, last);
    standing.points += points;
    standing.badRecords = store.health().corruptRecords;
    if (complaint === undefined) return { standing, last };
    complaints.push(`not as after operation ${last}: ${complaint}`);
  }
  standing.lost = 1;
  standing.complaint = complaints.join('; ');
  return { standing, last: -1 };
}

function candidatesOf(step: number): number[] {
  if (step < 0) return [-1];
  const candidates = [operationOf(step, FRAME)];
  if (hasLate(step)) candidates.push(operationOf(step, LATE));
  if (hasDelete(step)) candidates.push(operationOf(step, DELETE));
  // Steps without these operations are as far as those that have them.
  if (!hasLate(step) && !hasDelete(step)) candidates[0] = operationOf(step, DELETE);
  else if (!hasDelete(step)) candidates[1] = operationOf(step, DELETE);
  return candidates;
}

async function differenceFrom(
  store: LmdbStore,
  steadyCount: number,
  step: number,
  last: number,
): Promise<{ complaint?: string; points: number }> {
  if (step < 0) return { points: 0 };
  const now = timeOf(step);
  const present: HistorySeries[] = [];
  for (const series of historySeries(steadyCount)) {
    const found = store.lookup(series.name) !== undefined;
    if (found !== series.exists(last)) {
      return { complaint: `${series.name} is ${found ? '' : 'not '}there`, points: 0 };
    }
    if (found) present.push(series);
  }
  const ids = present.map(({ name }) => store.lookup(name)!.id);
  let points = 0;
  for (const [age, archiveStep] of [
    [FINE_ROWS * STEP, STEP],
    [COARSE_ROWS * COARSE_STEP, COARSE_STEP],
  ] as const) {
    const fetched = await store.fetch(ids, now - age, now, now);
    for (const [position, series] of present.entries()) {
      const { start, values } = fetched[position]!;
      points += values.length;
      for (let j = 0; j < values.length; j++) {
        const time = start + j * archiveStep;
        const expected = expectedAt(series, time, archiveStep, last);
        if (!same(values[j]!, expected, archiveStep === STEP)) {
          const where = `${series.name} step ${(time - EPOCH) / STEP} (${archiveStep} s)`;
          return { complaint: `${where}: ${values[j]}, not ${expected}`, points };
        }
      }
    }
  }
  return { points };
}

function expectedAt(
  series: HistorySeries,
  time: number,
  archiveStep: number,
  last: number,
): number {
  if (archiveStep === STEP) return series.stored((time - EPOCH) / STEP, last);
  let sum = NaN;
  for (let at = time; at < time + archiveStep; at += STEP) {
    const value = series.stored((at - EPOCH) / STEP, last);
    if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  }
  return sum;
}

function same(actual: number, expected: number, exactly: boolean): boolean {
  if (Number.isNaN(actual) || Number.isNaN(expected)) {
    return Number.isNaN(actual) && Number.isNaN(expected);
  }
  if (exactly) return actual === expected;
  return Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}
