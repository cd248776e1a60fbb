/**
 * Two chunks of different times fall into one slot: which one is kept. Ordinarily the newer one.
 * Where the clock was set back (RingSet.rewind), what the ring reaches from where it stands comes
 * first, so that neither a leap ahead nor the return from it wipes what can be read. What is less
 * than half the ring ahead counts as reached: that time comes again soon.
 */
import { chunkOfRow } from './ring.ts';

/** Where the ring of an archive is and goes to. */
export interface RingPlace {
  /** Chunk that the head is in. */
  headChunk: number;
  /** Chunk that the head is on its way to, when it moves. */
  toChunk: number;
  /** How far rows had come when the clock was set back; undefined when it never was. */
  ahead: number | undefined;
  slots: number;
}

/** Whether the chunk in the slot stays; -1 is an empty slot. */
export function keepsSlot(inSlot: number, chunk: number, place: RingPlace): boolean {
  if (inSlot < 0 || inSlot === chunk) return false;
  const { headChunk, toChunk, ahead, slots } = place;
  if (ahead === undefined) return inSlot > chunk;
  const aheadChunk = chunkOfRow(ahead);
  const top = aheadChunk > toChunk && aheadChunk - toChunk < slots / 2 ? aheadChunk : toChunk;
  const reaches = (from: number, one: number): boolean => one > from - slots && one <= from;
  if (reaches(top, inSlot)) return true;
  return inSlot > chunk && !reaches(top, chunk) && !reaches(headChunk, chunk);
}

/** Whether rows written up to `head` are met again soon, when the clock is set back to `row`. */
export function isNear(head: number, row: number, slots: number): boolean {
  return chunkOfRow(head) - chunkOfRow(row) < slots / 2;
}
