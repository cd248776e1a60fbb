/**
 * Puts the values of flushes into the finest slots of one class. Where a slot is longer than the
 * flush interval, values are joined instead of overwritten (archive/slot-merge.ts), statistics of
 * timers are computed anew from the joined sketches.
 */
import type { RingSet } from '../archive/ring-set.ts';
import { SEGMENT_SERIES } from '../archive/ring.ts';
import { mergeSlot } from '../archive/slot-merge.ts';
import { SlotSketches } from '../archive/slot-sketches.ts';
import { type FlushFrame, MERGE_SKETCH } from '../../wire.ts';
import type { FrameIds } from './frame-ids.ts';

export class SlotWriter {
  /** Values that met another one in their slot. */
  lateMerged = 0;
  private readonly rings: RingSet;
  private readonly stepMs: number;
  private row = -1;
  private intervalMs = 0;
  /** The row is not the head any more. */
  private late = false;
  /** Traffic in the head row by sid, kept where a slot takes several flushes. */
  private weights = new Float64Array(0);
  private weightsRow = -1;
  /** Traffic in the head row as stored by an earlier process. */
  private storedMs = 0;
  private readonly sketches = new SlotSketches();

  constructor(rings: RingSet) {
    this.rings = rings;
    this.stepMs = rings.archives[0]!.step * 1000; // never empty
  }

  /** Comes before the values of a frame. */
  begin(frame: FlushFrame): void {
    const { rings } = this;
    this.row = Math.floor(frame.time / (this.stepMs / 1000));
    this.intervalMs = frame.intervalMs;
    const state = rings.state(0);
    this.late = this.row < state.head;
    if (this.late) return;
    rings.advance(this.row);
    if (frame.intervalMs < this.stepMs) {
      if (this.weightsRow !== this.row) this.clearWeights(state.headMs);
      this.sketches.addFrame(this.row, frame);
    }
    state.headMs += frame.intervalMs;
  }

  /** One value of the frame, finite. */
  add(sid: number, frameId: number, ids: FrameIds, value: number): void {
    if (this.late) {
      this.addLate(sid, ids.merges[frameId]!, value);
      return;
    }
    const segment = this.rings.headSegment(sid);
    const index = sid % SEGMENT_SERIES;
    const before = segment.values[index]!;
    const shared = this.intervalMs < this.stepMs;
    if (before !== before) {
      segment.set(index, value);
      if (shared) this.setWeight(sid, 0);
      return;
    }
    this.lateMerged += 1;
    const merge = ids.merges[frameId]!;
    const beforeMs = this.weightOf(sid);
    let merged = mergeSlot(merge, before, beforeMs, value, this.intervalMs);
    if (merge === MERGE_SKETCH && shared) {
      const { timers, stats, arguments: args } = ids;
      merged =
        this.sketches.value(this.row, timers[frameId]!, stats[frameId]!, args[frameId]!) ?? merged;
    }
    segment.set(index, merged);
    if (shared) this.setWeight(sid, beforeMs);
  }

  private addLate(sid: number, merge: number, value: number): void {
    const before = this.rings.valueAt(0, this.row, sid);
    if (before === before) this.lateMerged += 1;
    const merged = mergeSlot(merge, before, this.intervalMs, value, this.intervalMs);
    if (this.rings.put(0, this.row, sid, merged)) this.rings.touch(0, this.row, sid);
  }

  private clearWeights(storedMs: number): void {
    const { count } = this.rings.members;
    if (this.weights.length < count) this.weights = new Float64Array(count * 2);
    else this.weights.fill(0);
    this.weightsRow = this.row;
    this.storedMs = storedMs;
  }

  private weightOf(sid: number): number {
    if (this.weightsRow !== this.row) return this.intervalMs;
    const weight = this.weights[sid] ?? 0;
    return weight > 0 ? weight : this.storedMs;
  }

  /** `beforeMs` is what the slot's value was made of, 0 for an empty slot. */
  private setWeight(sid: number, beforeMs: number): void {
    if (sid >= this.weights.length) {
      const wider = new Float64Array(Math.max(sid + 1, this.weights.length * 2));
      wider.set(this.weights);
      this.weights = wider;
    }
    this.weights[sid] = beforeMs + this.intervalMs;
  }
}
