/**
 * Sketches of the slot that is still open, by timer or set, where a slot is longer than the flush
 * interval, however finely they are kept: a statistic of the whole slot is computed from the sketches of its flushes, joined, and
 * never from their statistics. What the slot got from an earlier process is in the sketch archives.
 */
import { decodeSketch, mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import {
  decodeDistinct,
  DISTINCT_VERSION,
  mergeEncodedDistinct,
} from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { statistic } from '../../../sketch/statistics.ts';
import { eachBytes } from '../../../wire/packed-strings.ts';
import type { FlushBatch } from '../../../wire/sample-batch.ts';

type OpenSketch = Sketch | DistinctSketch;

/** The sketch of a timer's or set's slot, by its ref, as far as it is stored; to be kept. */
type StoredSketch = (timer: number) => OpenSketch | undefined;

export class SlotSketches {
  private row = -1;
  private last: FlushBatch | undefined;
  private readonly byTimer = new Map<number, OpenSketch>();
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
    if (sketch instanceof DistinctSketch) return sketch.estimate();
    const value = statistic(sketch, stat, argument, trafficMs / 1000);
    return value === value ? value : undefined;
  }

  private add({ sketches }: FlushBatch): void {
    if (sketches === undefined) return;
    eachBytes(sketches.bytes, (bytes, i) => {
      const timer = sketches.refs[i]!;
      const known = this.byTimer.get(timer);
      if (known === undefined) this.byTimer.set(timer, this.stored?.(timer) ?? decoded(bytes));
      else if (known instanceof DistinctSketch) mergeEncodedDistinct(bytes, known);
      else mergeEncoded(bytes, known);
    });
  }
}

function decoded(bytes: Uint8Array): OpenSketch {
  return bytes[0] === DISTINCT_VERSION ? decodeDistinct(bytes) : decodeSketch(bytes);
}
