/** What is known of each series by its id, as columns: kept by the writer and by the reader. */
import type { SeriesRecord } from './series-record.ts';

const PACKED_NUMBERS = 7;
const INITIAL_CAPACITY = 1024;
/** No class: the id is free. */
const FREE = 0xffff;

export class SeriesColumns {
  private classIds = new Uint16Array(INITIAL_CAPACITY).fill(FREE);
  private sids = new Uint32Array(INITIAL_CAPACITY);
  private borns = new Uint32Array(INITIAL_CAPACITY);
  private merges = new Uint8Array(INITIAL_CAPACITY);
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  /** Ids are below this. */
  end = 0;

  set(series: SeriesRecord): void {
    const { id } = series;
    if (id >= this.classIds.length) this.grow(id + 1);
    if (id >= this.end) this.end = id + 1;
    this.classIds[id] = series.classId;
    this.sids[id] = series.sid;
    this.borns[id] = series.born;
    this.merges[id] = series.merge;
    this.methods[id] = series.method;
    this.xFilesFactors[id] = series.xFilesFactor;
  }

  has(id: number): boolean {
    return id >= 0 && id < this.end && this.classIds[id] !== FREE;
  }

  remove(id: number): void {
    this.classIds[id] = FREE;
  }

  classOf(id: number): number {
    return this.classIds[id]!;
  }

  sidOf(id: number): number {
    return this.sids[id]!;
  }

  mergeOf(id: number): number {
    return this.merges[id]!;
  }

  get(id: number): SeriesRecord {
    return {
      id,
      classId: this.classIds[id]!,
      sid: this.sids[id]!,
      born: this.borns[id]!,
      merge: this.merges[id]!,
      method: this.methods[id]!,
      xFilesFactor: this.xFilesFactors[id]!,
    };
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.classIds.length * 2);
    const classIds = new Uint16Array(capacity).fill(FREE);
    classIds.set(this.classIds);
    this.classIds = classIds;
    this.sids = copied(new Uint32Array(capacity), this.sids);
    this.borns = copied(new Uint32Array(capacity), this.borns);
    this.merges = copied(new Uint8Array(capacity), this.merges);
    this.methods = copied(new Uint8Array(capacity), this.methods);
    this.xFilesFactors = copied(new Float64Array(capacity), this.xFilesFactors);
  }
}

/** Series as plain numbers, which cross threads faster than objects. */
export function packSeries(series: readonly SeriesRecord[]): Float64Array {
  const packed = new Float64Array(series.length * PACKED_NUMBERS);
  series.forEach((one, i) => {
    const { id, classId, sid, born, merge, method, xFilesFactor } = one;
    packed.set([id, classId, sid, born, merge, method, xFilesFactor], i * PACKED_NUMBERS);
  });
  return packed;
}

export function unpackSeries(packed: Float64Array, index: number): SeriesRecord {
  const at = index * PACKED_NUMBERS;
  return {
    id: packed[at]!,
    classId: packed[at + 1]!,
    sid: packed[at + 2]!,
    born: packed[at + 3]!,
    merge: packed[at + 4]!,
    method: packed[at + 5]!,
    xFilesFactor: packed[at + 6]!,
  };
}

function copied<Column extends Uint32Array | Uint8Array | Float64Array>(
  to: Column,
  from: Column,
): Column {
  to.set(from);
  return to;
}
