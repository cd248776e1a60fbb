/**
 * Sketches of the slot that is still open, by timer, where a slot is longer than the flush
 * interval: a statistic of the whole slot is computed from the sketches of its flushes, joined, and
 * never from their statistics. What the slot got from an earlier process is in the sketch archives.
 */
import { decodeSketch, mergeEncoded } from '../../../sketch/codec.ts';
import { DISTINCT_VERSION } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { statistic } from '../../../sketch/statistics.ts';
import { eachBytes } from '../../../wire/packed-strings.ts';
import type { FlushBatch } from '../../../wire/sample-batch.ts';

/** The sketch of a timer's slot, by its ref, as far as it is stored. */
type StoredSketch = (timer: number) => Sketch | undefined;

export class SlotSketches {
  private row = -1;
  private last: FlushBatch | undefined;
  private readonly byTimer = new Map<number, Sketch>();
  private stored: StoredSketch | undefined;

  /**
   * Takes in the sketches of a flush that falls into `row`, once, however many classes have such
   * slots. `stored` gives, by timer, what the slot had before that is not here, with the batch.
   */
  addFlush(row: number, batch: FlushBatch, stored?: StoredSketch): void {
    if (row !== this.row) {
      this.byTimer.clear();
      this.row = row;
      this.last = this.stored = undefined;
    }
    if (batch !== this.last) this.add(batch);
    this.last = batch;
    if (stored === undefined || this.stored !== undefined) return;
    this.stored = stored;
    for (const [timer, sketch] of this.byTimer) this.byTimer.set(timer, stored(timer) ?? sketch);
  }

  /** Of a row begun by `addFlush`: what came before it is not here. */
  lacks(row: number): boolean {
    return row !== this.row;
  }

  /** A statistic of the slot with so much traffic; undefined when no sketch of the timer came. */
  value(
    row: number,
    timer: number,
    stat: number,
    argument: number,
    trafficMs: number,
  ): number | undefined {
    const sketch = row === this.row ? this.byTimer.get(timer) : undefined;
    if (sketch === undefined) return undefined;
    const value = statistic(sketch, stat, argument, trafficMs / 1000);
    return value === value ? value : undefined;
  }

  private add({ sketches }: FlushBatch): void {
    if (sketches === undefined) return;
    eachBytes(sketches.bytes, (bytes, i) => {
      if (bytes[0] === DISTINCT_VERSION) return; // of a set
      const timer = sketches.refs[i]!;
      const known = this.byTimer.get(timer);
      if (known !== undefined) mergeEncoded(bytes, known);
      else this.byTimer.set(timer, this.stored?.(timer) ?? decodeSketch(bytes));
    });
  }
}
