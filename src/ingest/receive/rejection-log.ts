/**
 * What is rejected, in the log: each reason at once when it first occurs and then once a minute at
 * most, with the last example and a hint. Used by the ingest engine, which looks once a second.
 */
import type { Rejection } from '../../rejections/rejections.ts';
import type { HintPlaces } from '../../rejections/mistakes.ts';
import { hintFor, titleOf } from '../../rejections/catalogue.ts';
import { timesText } from '../../lib/counted.ts';

const EVERY_MS = 60_000;

interface RejectionEntry {
  message: string;
  fields: Record<string, unknown>;
}

export class RejectionLog {
  private readonly places: () => HintPlaces;
  private readonly told = new Map<string, { count: number; ms: number }>();

  constructor(places: () => HintPlaces) {
    this.places = places;
  }

  /** What is to be said at this time, epoch milliseconds. */
  of(rejections: readonly Rejection[], nowMs: number): RejectionEntry[] {
    return rejections.flatMap((rejection) => {
      const { what, reason, count } = rejection;
      if (count === 0) return [];
      const key = `${what} ${reason}`;
      const before = this.told.get(key);
      if (before?.count === count) return [];
      if (before !== undefined && Math.abs(nowMs - before.ms) < EVERY_MS) return [];
      this.told.set(key, { count, ms: nowMs });
      return [this.complaint(rejection, count - (before?.count ?? 0))];
    });
  }

  private complaint({ what, reason, last }: Rejection, count: number): RejectionEntry {
    const hint = hintFor(what, reason, this.places());
    const shown = last === undefined ? '' : `, the last: "${last.example}"`;
    const from = last?.sender === undefined ? '' : ` from ${last.sender}`;
    const advice = hint === undefined ? '' : `: ${hint}`;
    return {
      message: `${titleOf(what)} (${reason}, ${timesText(count)})${shown}${from}${advice}`,
      fields: {
        what,
        reason,
        count,
        ...(last === undefined ? {} : { example: last.example }),
        ...(last?.sender === undefined ? {} : { sender: last.sender }),
        ...(hint === undefined ? {} : { hint }),
      },
    };
  }
}
