/** What is known of each series by its id, as columns: kept by the writer and by the reader. */
import { grown } from '../../../lib/grown.ts';
import { PreviousRetentions } from './previous-retentions.ts';
import type { PreviousRetention, SeriesRecord } from './series-names.ts';

/** Numbers of a packed series before its previous retentions, and of each of these. */
const PACKED_NUMBERS = 8;
const PACKED_PREVIOUS = 6;
const INITIAL_CAPACITY = 1024;
/** No class: the id is free. */
const FREE = 0xffff;

export class SeriesColumns {
  private classIds = new Uint16Array(INITIAL_CAPACITY).fill(FREE);
  private columns = new Uint32Array(INITIAL_CAPACITY);
  private sinceTimes = new Uint32Array(INITIAL_CAPACITY);
  private merges = new Uint8Array(INITIAL_CAPACITY);
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  private readonly previous = new PreviousRetentions();
  /** Ids are below this. */
  end = 0;

  set(series: SeriesRecord): void {
    const { id } = series;
    if (id >= this.classIds.length) this.grow(id + 1);
    if (id >= this.end) this.end = id + 1;
    this.classIds[id] = series.classId;
    this.columns[id] = series.column;
    this.sinceTimes[id] = series.since;
    this.merges[id] = series.merge;
    this.methods[id] = series.method;
    this.xFilesFactors[id] = series.xFilesFactor;
    this.previous.set(id, series.previous);
  }

  has(id: number): boolean {
    return id >= 0 && id < this.end && this.classIds[id] !== FREE;
  }

  /** Whether there is such a series, and it is of this class. */
  isOf(id: number, classId: number): boolean {
    return this.classIds[id] === classId;
  }

  remove(id: number): void {
    this.classIds[id] = FREE;
    this.previous.set(id, []);
  }

  classOf(id: number): number {
    return this.classIds[id]!;
  }

  columnOf(id: number): number {
    return this.columns[id]!;
  }

  mergeOf(id: number): number {
    return this.merges[id]!;
  }

  /** Whether the series had another retention before. */
  hasPrevious(id: number): boolean {
    return this.previous.has(id);
  }

  /** The newest first. */
  previousOf(id: number): readonly PreviousRetention[] {
    return this.previous.get(id);
  }

  get(id: number): SeriesRecord {
    return {
      id,
      classId: this.classIds[id]!,
      column: this.columns[id]!,
      since: this.sinceTimes[id]!,
      merge: this.merges[id]!,
      method: this.methods[id]!,
      xFilesFactor: this.xFilesFactors[id]!,
      previous: this.previous.get(id),
    };
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.classIds.length * 2);
    this.classIds = grown(this.classIds, new Uint16Array(capacity).fill(FREE));
    this.columns = grown(this.columns, new Uint32Array(capacity));
    this.sinceTimes = grown(this.sinceTimes, new Uint32Array(capacity));
    this.merges = grown(this.merges, new Uint8Array(capacity));
    this.methods = grown(this.methods, new Uint8Array(capacity));
    this.xFilesFactors = grown(this.xFilesFactors, new Float64Array(capacity));
  }
}

/** Series as plain numbers, which cross threads faster than objects. */
export function packSeries(series: readonly SeriesRecord[]): Float64Array {
  const previousCount = series.reduce((sum, { previous }) => sum + previous.length, 0);
  const packed = new Float64Array(series.length * PACKED_NUMBERS + previousCount * PACKED_PREVIOUS);
  let at = 0;
  for (const { id, classId, column, since, merge, method, xFilesFactor, previous } of series) {
    packed.set([id, classId, column, since, merge, method, xFilesFactor, previous.length], at);
    at += PACKED_NUMBERS;
    for (const retention of previous) {
      const { classId: before, method: by, xFilesFactor: factor } = retention;
      packed.set([before, retention.column, retention.since, retention.until, by, factor], at);
      at += PACKED_PREVIOUS;
    }
  }
  return packed;
}

/** The series of packSeries, in their order. */
export function* unpackSeries(packed: Float64Array): Generator<SeriesRecord> {
  let at = 0;
  while (at < packed.length) {
    const from = at;
    const previous: PreviousRetention[] = [];
    const previousCount = packed[from + 7]!;
    at += PACKED_NUMBERS;
    for (let i = 0; i < previousCount; i++, at += PACKED_PREVIOUS) {
      previous.push({
        classId: packed[at]!,
        column: packed[at + 1]!,
        since: packed[at + 2]!,
        until: packed[at + 3]!,
        method: packed[at + 4]!,
        xFilesFactor: packed[at + 5]!,
      });
    }
    yield {
      id: packed[from]!,
      classId: packed[from + 1]!,
      column: packed[from + 2]!,
      since: packed[from + 3]!,
      merge: packed[from + 4]!,
      method: packed[from + 5]!,
      xFilesFactor: packed[from + 6]!,
      previous,
    };
  }
}
