/**
 * Previous retentions of series (series-names.ts) as columns: a list a series, linked through one
 * pool of numbers, because after a change of retention every series has one. Kept by
 * series-columns.ts.
 */
import { grown } from '../../../lib/grown.ts';
import { NOT_CHANGED, type PreviousRetention } from './series-names.ts';

const NONE = 0xffffffff;
const INITIAL_CAPACITY = 64;

export class PreviousRetentions {
  /** By series: the first of its list. */
  private heads = new Uint32Array(0);
  private classIds = new Uint16Array(INITIAL_CAPACITY);
  private columns = new Uint32Array(INITIAL_CAPACITY);
  private sinceTimes = new Uint32Array(INITIAL_CAPACITY);
  private untils = new Uint32Array(INITIAL_CAPACITY);
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  /** The next of the list, or of the free ones. */
  private nexts = new Uint32Array(INITIAL_CAPACITY);
  private end = 0;
  private free = NONE;

  has(id: number): boolean {
    return id >= 0 && id < this.heads.length && this.heads[id] !== NONE;
  }

  get(id: number): readonly PreviousRetention[] {
    if (!this.has(id)) return NOT_CHANGED;
    const retentions: PreviousRetention[] = [];
    for (let at = this.heads[id]!; at !== NONE; at = this.nexts[at]!) {
      retentions.push({
        classId: this.classIds[at]!,
        column: this.columns[at]!,
        since: this.sinceTimes[at]!,
        until: this.untils[at]!,
        method: this.methods[at]!,
        xFilesFactor: this.xFilesFactors[at]!,
      });
    }
    return retentions;
  }

  set(id: number, retentions: readonly PreviousRetention[]): void {
    if (this.has(id)) this.clear(id);
    if (retentions.length === 0) return;
    if (id >= this.heads.length) {
      const capacity = Math.max(id + 1, this.heads.length * 2);
      this.heads = grown(this.heads, new Uint32Array(capacity).fill(NONE));
    }
    for (let i = retentions.length - 1; i >= 0; i--) {
      const at = this.take();
      const { classId, column, since, until, method, xFilesFactor } = retentions[i]!;
      this.classIds[at] = classId;
      this.columns[at] = column;
      this.sinceTimes[at] = since;
      this.untils[at] = until;
      this.methods[at] = method;
      this.xFilesFactors[at] = xFilesFactor;
      this.nexts[at] = this.heads[id]!;
      this.heads[id] = at;
    }
  }

  private clear(id: number): void {
    let at = this.heads[id]!;
    while (at !== NONE) {
      const next = this.nexts[at]!;
      this.nexts[at] = this.free;
      this.free = at;
      at = next;
    }
    this.heads[id] = NONE;
  }

  private take(): number {
    if (this.free !== NONE) {
      const at = this.free;
      this.free = this.nexts[at]!;
      return at;
    }
    const at = this.end++;
    if (at >= this.columns.length) {
      const capacity = at * 2;
      this.classIds = grown(this.classIds, new Uint16Array(capacity));
      this.columns = grown(this.columns, new Uint32Array(capacity));
      this.sinceTimes = grown(this.sinceTimes, new Uint32Array(capacity));
      this.untils = grown(this.untils, new Uint32Array(capacity));
      this.methods = grown(this.methods, new Uint8Array(capacity));
      this.xFilesFactors = grown(this.xFilesFactors, new Float64Array(capacity));
      this.nexts = grown(this.nexts, new Uint32Array(capacity));
    }
    return at;
  }
}
