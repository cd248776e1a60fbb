/**
 * What two servers answer to the same target, side by side: series that one lacks, other steps, values
 * and nulls that differ. Only times that both answers have count, and the newest points are left out: of
 * two servers one may be a flush behind.
 */
import { groupBy } from '../lib/group-by.ts';
import { utcText } from '../lib/last-second.ts';
import type { GraphiteSeries } from './graphite-server.ts';

export interface Difference {
  series: string;
  kind: 'values' | 'nulls' | 'missing' | 'step' | 'range' | 'error';
  /** How it differs, where that is no number of points. */
  detail?: string;
  /** Points that differ, of those that were compared. */
  points?: number;
  of?: number;
  /** The point that differs most; of nulls the first one. Epoch seconds. */
  time?: number;
  old?: number | null;
  new?: number | null;
  /** Their difference, as a part of the greater one. */
  by?: number;
}

export interface Compared {
  differences: Difference[];
  /** Series that both have. */
  series: number;
  /** Of those, the ones of which there was a point to compare, and all were equal. */
  same: number;
  /** Those that have no value on either in all that time. */
  silent: number;
  /** That have a value on one at least. */
  points: number;
}

export interface Closeness {
  /** Part of the greater value by which two may differ. */
  tolerance: number;
  /** Newest points that are not compared. */
  skipNewest: number;
}

/** Series of one name are told apart by their order. */
export function compareAnswers(
  old: readonly GraphiteSeries[],
  fresh: readonly GraphiteSeries[],
  closeness: Closeness,
): Compared {
  const compared: Compared = { differences: [], series: 0, same: 0, silent: 0, points: 0 };
  const nameOf = ({ target }: GraphiteSeries): string => target;
  const [left, right] = [groupBy(old, nameOf), groupBy(fresh, nameOf)];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [ours, theirs] = [left.get(name) ?? [], right.get(name) ?? []];
    const both = Math.min(ours.length, theirs.length);
    for (let i = 0; i < both; i++) compareSeries(ours[i]!, theirs[i]!, closeness, compared); // i < both
    for (let i = both; i < Math.max(ours.length, theirs.length); i++) {
      const detail = ours.length > theirs.length ? 'not in new' : 'not in old';
      compared.differences.push({ series: name, kind: 'missing', detail });
    }
  }
  return compared;
}

function compareSeries(
  old: GraphiteSeries,
  fresh: GraphiteSeries,
  { tolerance, skipNewest }: Closeness,
  into: Compared,
): void {
  into.series += 1;
  const series = old.target;
  const [a, b] = [old.datapoints, fresh.datapoints];
  const [step, other] = [stepOf(a), stepOf(b)];
  if (step !== undefined && other !== undefined && step !== other) {
    const detail = `${step} s in old, ${other} s in new`;
    into.differences.push({ series, kind: 'step', detail });
    return;
  }
  const values: Difference = { series, kind: 'values', points: 0, of: 0, by: 0 };
  const nulls: Difference = { series, kind: 'nulls', points: 0, of: 0 };
  const until = Math.min(a.at(-1)?.[1] ?? -Infinity, b.at(-1)?.[1] ?? -Infinity);
  const last = until - skipNewest * (step ?? other ?? 0);
  let [shared, compared] = [0, 0];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    const [[left, time], [right, beside]] = [a[i]!, b[j]!]; // i and j are within
    if (time <= beside) i += 1;
    if (beside <= time) j += 1;
    if (time !== beside) continue;
    shared += 1;
    if (time > last || (left === null && right === null)) continue;
    compared += 1;
    if (left === right) continue;
    const by = left === null || right === null ? undefined : partOf(left, right);
    if (by === undefined) note(nulls, time, left, right);
    else if (by > tolerance) note(values, time, left, right, by);
  }
  if (shared === 0 && (a.length > 0 || b.length > 0)) {
    const detail = `${spanOf(a)} in old, ${spanOf(b)} in new`;
    into.differences.push({ series, kind: 'range', detail });
    return;
  }
  into.points += compared;
  const found = [values, nulls].filter(({ points }) => points! > 0); // both begin at 0
  into.differences.push(...found.map((one) => ({ ...one, of: compared })));
  if (compared === 0) into.silent += 1;
  else if (found.length === 0) into.same += 1;
}

/** Counts a point; the one that differs most, or the first, is shown. */
function note(
  found: Difference,
  time: number,
  old: number | null,
  fresh: number | null,
  by?: number,
): void {
  if (found.points === 0 || by! > found.by!) {
    Object.assign(found, { time, old, new: fresh, ...(by === undefined ? {} : { by }) });
  }
  found.points! += 1; // begins at 0
}

function partOf(a: number, b: number): number {
  const part = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  return Number.isNaN(part) ? 1 : part; // of infinite values
}

function stepOf(points: GraphiteSeries['datapoints']): number | undefined {
  return points.length < 2 ? undefined : points[1]![1] - points[0]![1]; // there are two
}

function spanOf(points: GraphiteSeries['datapoints']): string {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined ? 'nothing' : `${utcText(first[1])} to ${utcText(last![1])}`;
}
