/**
 * What all parts of tallyd refused (rejections/rejections.ts), as people and machines see it: the newest first
 * in `/health`, as counters, and as one sentence when names are being refused right now. For
 * `self-metrics.ts`.
 */
import { type HintPlaces, portOfMistakes } from '../rejections/mistakes.ts';
import { helpOf, hintFor } from '../rejections/hints.ts';
import type { Rejection } from '../rejections/rejections.ts';

/** Names that are refused make a report degraded for so long. */
const RECENT_SECONDS = 600;
const OF_NAMES = new Set([
  'series.refused series',
  'series.refused prefix',
  'series.refused source',
  'store.refused limit',
  'store.refused prefix',
]);

/** What occurred, the newest first, each with what could be done. */
export function occurredOf(refusals: readonly Rejection[], places: HintPlaces): Rejection[] {
  return refusals
    .filter(({ count }) => count > 0)
    .map((refusal) => {
      const hint = hintFor(refusal.what, refusal.reason, places);
      return hint === undefined ? refusal : { ...refusal, hint };
    })
    .sort((a, b) => (b.last?.time ?? 0) - (a.last?.time ?? 0));
}

/** One sentence when names were refused in the last ten minutes; `now` in epoch seconds. */
export function complaintOf(refusals: readonly Rejection[], now: number): string | undefined {
  for (const { what, reason, count, last } of refusals) {
    const isOfNames = OF_NAMES.has(`${what} ${reason}`);
    if (last === undefined || !isOfNames || now - last.time > RECENT_SECONDS) continue;
    const hint = hintFor(what, reason, {}) ?? reason;
    return `new names are refused (${count} times, the last "${last.example}"): ${hint}`;
  }
  return undefined;
}

export interface RejectionCount {
  what: string;
  reason: string;
  help: string;
  count: number;
}

/** Counters: of mistakes those that occurred, of the rest all, so that they exist before they count. */
export function countsOf(refusals: readonly Rejection[]): RejectionCount[] {
  return refusals
    .filter(({ what, count }) => count > 0 || portOfMistakes(what) === undefined)
    .map(({ what, reason, count }) => ({ what, reason, count, help: helpOf(what) }));
}
