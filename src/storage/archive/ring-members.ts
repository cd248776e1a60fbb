/**
 * What the rings of one class know of their series, as columns by sid: how to roll them up, and
 * since when the sid is theirs.
 */
import type { RingSeries } from './columns.ts';

const INITIAL_CAPACITY = 256;

export class RingMembers {
  /** Sids in use or used before: 0 up to `count`. */
  count = 0;
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  private borns = new Uint32Array(INITIAL_CAPACITY);

  set(sid: number, method: number, xFilesFactor: number, born: number): void {
    if (sid >= this.methods.length) this.grow(sid + 1);
    if (sid >= this.count) this.count = sid + 1;
    this.methods[sid] = method;
    this.xFilesFactors[sid] = xFilesFactor;
    this.borns[sid] = born;
  }

  /** Whatever the sid holds up to `time` is no longer to be seen. */
  hideUntil(sid: number, time: number): void {
    this.borns[sid] = time;
  }

  born(sid: number): number {
    return this.borns[sid]!;
  }

  /** Sids from `first` up to `end`, as far as there are any. */
  range(first: number, end: number): Uint32Array {
    const last = Math.max(first, Math.min(end, this.count));
    const sids = new Uint32Array(last - first);
    for (let i = 0; i < sids.length; i++) sids[i] = first + i;
    return sids;
  }

  series(sids: Uint32Array): RingSeries {
    return {
      sids,
      methods: new Uint8Array(sids.length).map((_, i) => this.methods[sids[i]!]!),
      xFilesFactors: new Float64Array(sids.length).map((_, i) => this.xFilesFactors[sids[i]!]!),
      borns: new Uint32Array(sids.length).map((_, i) => this.borns[sids[i]!]!),
    };
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.methods.length * 2);
    const { methods, xFilesFactors, borns } = this;
    this.methods = new Uint8Array(capacity);
    this.xFilesFactors = new Float64Array(capacity);
    this.borns = new Uint32Array(capacity);
    this.methods.set(methods);
    this.xFilesFactors.set(xFilesFactors);
    this.borns.set(borns);
  }
}
