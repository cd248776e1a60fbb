/**
 * What all parts of tallyd rejected (rejections/rejections.ts), as people and machines see it: the
 * newest first in `/health`, as counters, and as one sentence while names are being rejected.
 */
import { helpOf, hintFor, isOfMistakes, isOfNames } from '../rejections/catalogue.ts';
import type { HintPlaces } from '../rejections/mistakes.ts';
import type { Rejection } from '../rejections/rejections.ts';
import { timesText } from '../lib/counted.ts';

/** Names that are rejected make a report degraded for so long. */
const RECENT_SECONDS = 600;

/** What occurred, the newest first, each with what could be done. */
export function occurredOf(rejections: readonly Rejection[], places: HintPlaces): Rejection[] {
  return rejections
    .filter(({ count }) => count > 0)
    .map((rejection) => {
      const hint = hintFor(rejection.what, rejection.reason, places);
      return hint === undefined ? rejection : { ...rejection, hint };
    })
    .sort((a, b) => (b.last?.time ?? 0) - (a.last?.time ?? 0));
}

/** One sentence when names were rejected in the last ten minutes; `now` in epoch seconds. */
export function namesRejected(rejections: readonly Rejection[], now: number): string | undefined {
  for (const { what, reason, count, last } of rejections) {
    if (last === undefined || !isOfNames(what, reason)) continue;
    if (now - last.time > RECENT_SECONDS) continue;
    const hint = hintFor(what, reason, {}) ?? reason;
    return `new names are refused (${timesText(count)}, the last "${last.example}"): ${hint}`;
  }
  return undefined;
}

interface RejectionCount {
  what: string;
  reason: string;
  help: string;
  count: number;
}

/** Counters: of mistakes those that occurred, of the rest all, so that they exist before they count. */
export function countsOf(rejections: readonly Rejection[]): RejectionCount[] {
  return rejections
    .filter(({ what, count }) => count > 0 || !isOfMistakes(what))
    .map(({ what, reason, count }) => ({ what, reason, count, help: helpOf(what) }));
}
