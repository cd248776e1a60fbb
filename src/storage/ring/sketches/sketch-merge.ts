/**
 * Encoded sketches into one: what the archives do with those that fall into one slot. Merging is
 * associative and commutative, so slots may be merged again into coarser ones.
 */
import { DamagedSketch } from '../../../sketch/bytes.ts';
import { encodeSketch, mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { encodeDistinct, mergeEncodedDistinct } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { SKETCH_TIMER, type SketchKind } from '../../../wire/statistics.ts';

/** In archives with longer steps, bins have 6 bits: half the bytes, error 0.8 %. */
const FINE_STEP_MAX = 600;

/** Whether sketches of an archive are kept with 6 bits. */
export function isCoarse(step: number): boolean {
  return step > FINE_STEP_MAX;
}

export class SketchMerger {
  /** Sketches that could not be read and were left out. */
  damaged = 0;
  private readonly timer = new Sketch();
  private readonly set = new DistinctSketch();

  /** The bytes of one as they are, fresh ones of several; undefined of none. */
  merge(
    kind: SketchKind,
    sketches: readonly Uint8Array[],
    coarse: boolean,
  ): Uint8Array | undefined {
    if (sketches.length === 0) return undefined;
    if (kind !== SKETCH_TIMER) {
      return sketches.length === 1 ? sketches[0] : encodeDistinct(this.mergeSets(sketches));
    }
    if (sketches.length === 1 && !coarse) return sketches[0];
    const merged = this.mergeTimers(sketches);
    if (coarse && !merged.isRaw) merged.coarsen();
    return encodeSketch(merged);
  }

  /** Valid until the next merge. */
  mergeTimers(sketches: readonly Uint8Array[]): Sketch {
    return this.merged(sketches, this.timer, mergeEncoded);
  }

  /** Valid until the next merge. */
  mergeSets(sketches: readonly Uint8Array[]): DistinctSketch {
    return this.merged(sketches, this.set, mergeEncodedDistinct);
  }

  /** What a damaged one leaves behind before it is found out is left out as well. */
  private merged<T extends { clear(): void }>(
    sketches: readonly Uint8Array[],
    into: T,
    take: (bytes: Uint8Array, into: T) => void,
  ): T {
    into.clear();
    for (const [i, bytes] of sketches.entries()) {
      try {
        take(bytes, into);
      } catch (error) {
        if (!(error instanceof DamagedSketch)) throw error;
        this.damaged += 1;
        return this.merged(sketches.toSpliced(i, 1), into, take);
      }
    }
    return into;
  }
}
