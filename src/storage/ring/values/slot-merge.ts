/**
 * Joins two values of one series that fall into one slot (MERGE_* in wire/merge.ts): where the finest
 * step is longer than the flush interval nothing may be overwritten, as StatsD on a coarser
 * whisper does.
 */
import { MERGE_MAX, MERGE_MIN, MERGE_RATE, MERGE_SUM } from '../../../wire/merge.ts';

/**
 * A ready-made value with what its slot has: a count adds to it; a rate of `valueMs` adds what it
 * means to the `slotMs` of traffic that the slot's rate is of. Others overwrite it.
 */
export function addToSlot(
  merge: number,
  before: number,
  value: number,
  valueMs: number,
  slotMs: number,
): number {
  if (merge !== MERGE_SUM && merge !== MERGE_RATE) return value;
  const added = merge === MERGE_RATE ? value * (valueMs / slotMs) : value;
  return before === before ? sumOf(before, added) : added;
}

/**
 * `before` is the slot's value (NaN: empty), made of `beforeMs` of traffic; `value` comes from
 * `valueMs`. Statistics of sketches that could not be merged, gauges and ready-made points: the
 * later one wins.
 */
export function mergeSlot(
  merge: number,
  before: number,
  beforeMs: number,
  value: number,
  valueMs: number,
): number {
  if (before !== before) return value;
  if (merge === MERGE_SUM) return sumOf(before, value);
  if (merge === MERGE_MAX) return Math.max(before, value);
  if (merge === MERGE_MIN) return Math.min(before, value);
  if (merge === MERGE_RATE && beforeMs + valueMs > 0) {
    return (before * beforeMs + value * valueMs) / (beforeMs + valueMs);
  }
  return value;
}

/** Of counts that are too great together the greatest number stands for all: no gap in their place. */
function sumOf(before: number, value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(before + value, Number.MAX_VALUE));
}
