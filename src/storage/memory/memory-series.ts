/**
 * One series as whisper keeps it, with a Map for each archive: the plain model that the rings of
 * the embedded store are tested against. Follows whisper.py `file_update_many` and `__propagate`.
 */
import { fetchWindow } from '../archive/ring.ts';
import { Rollup, methodCode } from '../archive/rollup.ts';
import type { Fetched, SeriesInfo } from '../store.ts';

export class MemorySeries {
  readonly info: SeriesInfo;
  /** By archive: row number to value. */
  private readonly rows: Map<number, number>[];
  private readonly rollup = new Rollup(1);

  constructor(info: SeriesInfo) {
    this.info = info;
    this.rows = info.archives.map(() => new Map());
  }

  rowOf(archiveIndex: number, time: number): number {
    return Math.floor(time / this.info.archives[archiveIndex]!.step);
  }

  valueAt(archiveIndex: number, row: number): number {
    return this.rows[archiveIndex]!.get(row) ?? NaN;
  }

  /** Sets a slot as it is; coarser archives stay. */
  set(archiveIndex: number, row: number, value: number): void {
    this.rows[archiveIndex]!.set(row, value);
  }

  /** Sets a slot and rolls up; stops at the first archive below xFilesFactor. */
  write(archiveIndex: number, row: number, value: number): void {
    this.set(archiveIndex, row, value);
    const { archives, aggregationMethod, xFilesFactor } = this.info;
    const method = methodCode(aggregationMethod);
    let finer = row;
    for (let index = archiveIndex + 1; index < archives.length; index++) {
      const ratio = archives[index]!.step / archives[index - 1]!.step;
      const coarse = Math.floor(finer / ratio);
      this.rollup.clear();
      for (let i = 0; i < ratio; i++) {
        this.rollup.add(0, method, this.valueAt(index - 1, coarse * ratio + i));
      }
      const rolled = this.rollup.result(0, method, xFilesFactor, ratio);
      if (rolled !== rolled) return;
      this.set(index, coarse, rolled);
      finer = coarse;
    }
  }

  fetch(from: number, until: number, now: number): Fetched | undefined {
    const window = fetchWindow(this.info.archives, from, until, now);
    if (window === undefined) return undefined;
    const { archiveIndex, step, firstRow, count } = window;
    const values = new Float64Array(count).map((_, i) => this.valueAt(archiveIndex, firstRow + i));
    const start = firstRow * step;
    return { start, end: start + count * step, step, values, archiveIndex };
  }
}
