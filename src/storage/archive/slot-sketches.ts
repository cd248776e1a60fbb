/**
 * Sketches of the slot that is still open, by timer, where a slot is longer than the flush
 * interval: a statistic of the whole slot is computed from the sketches of its flushes, joined, and
 * never from their statistics.
 */
import { decodeSketch } from '../../sketch/codec.ts';
import { Sketch } from '../../sketch/log-linear.ts';
import { statistic } from '../../sketch/statistics.ts';
import type { FlushFrame } from '../../wire.ts';

export class SlotSketches {
  private row = -1;
  /** Milliseconds of traffic in the slot so far. */
  private trafficMs = 0;
  private readonly byTimer = new Map<number, Sketch>();
  private readonly decoded = new Sketch();

  /** Takes in the sketches of a flush that falls into `row`; a new row starts empty. */
  addFrame(row: number, frame: FlushFrame): void {
    if (row !== this.row) {
      this.byTimer.clear();
      this.row = row;
      this.trafficMs = 0;
    }
    this.trafficMs += frame.intervalMs;
    let from = 0;
    for (let i = 0; i < frame.sketchTimers.length; i++) {
      const timer = frame.sketchTimers[i]!;
      const end = frame.sketchEnds[i]!;
      const known = this.byTimer.get(timer);
      const bytes = frame.sketchBytes.subarray(from, end);
      if (known === undefined) this.byTimer.set(timer, decodeSketch(bytes));
      else {
        this.decoded.clear();
        known.merge(decodeSketch(bytes, this.decoded));
      }
      from = end;
    }
  }

  /** A statistic of the slot; undefined when no sketch of the timer came. */
  value(row: number, timer: number, stat: number, argument: number): number | undefined {
    const sketch = row === this.row ? this.byTimer.get(timer) : undefined;
    if (sketch === undefined) return undefined;
    const value = statistic(sketch, stat, argument, this.trafficMs / 1000);
    return value === value ? value : undefined;
  }
}
