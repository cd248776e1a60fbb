/**
 * One series as whisper keeps it, with a Map for each archive: the plain model that the rings of
 * the embedded store are tested against. Follows whisper.py `file_update_many` and `__propagate`.
 */
import { isDeepStrictEqual } from 'node:util';
import { archiveForPoint, fetchWindow, retentionSeconds } from '../../src/storage/ring/ring.ts';
import { Rollup, methodCode } from '../../src/storage/ring/rollup/rollup.ts';
import { firstOwnRow, firstReachedRow } from '../../src/storage/ring/retention-history.ts';
import type { Fetched, SeriesInfo } from '../../src/storage/roles.ts';

/** As in the embedded store: before there are more, what they hold is copied. */
const OLDER_PLACES_KEPT = 4;

/** A slot that was just rolled up from finer values. */
export interface CoarseSlot {
  start: number;
  step: number;
  finerStep: number;
  values: Float64Array;
}

export class MemorySeries {
  info: SeriesInfo;
  /** By archive: row number to value. */
  private rows: Map<number, number>[];
  /** Where the series was before its retention changed at `until`. */
  older: { series: MemorySeries; until: number } | undefined;
  private readonly rollup = new Rollup(1);
  /** What a coarser slot is known to be better than by rolling up. */
  refine: ((slot: CoarseSlot) => number | undefined) | undefined;

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

  /** -1 when the archive is empty. */
  newestRow(archiveIndex: number): number {
    let newest = -1;
    for (const row of this.rows[archiveIndex]!.keys()) newest = Math.max(newest, row);
    return newest;
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
      const values = new Float64Array(ratio);
      for (let i = 0; i < ratio; i++) {
        values[i] = this.valueAt(index - 1, coarse * ratio + i);
        this.rollup.add(0, method, values[i]!);
      }
      const rolled = this.rollup.result(0, method, xFilesFactor, ratio);
      if (rolled !== rolled) return;
      const { step } = archives[index]!;
      const slot = { start: coarse * step, step, finerStep: step / ratio, values };
      this.set(index, coarse, this.refine?.(slot) ?? rolled);
      finer = coarse;
    }
  }

  rename(name: string): void {
    this.info = { ...this.info, name };
  }

  /**
   * Keeps the series by other archives from `newest` on, the time of the store's newest point;
   * false when it is kept so already.
   */
  retain(info: SeriesInfo, newest: number): boolean {
    if (isDeepStrictEqual(info.archives, this.info.archives)) return this.setMethod(info);
    if (this.depth >= OLDER_PLACES_KEPT) this.copyOlder(newest);
    const before = new MemorySeries(this.info);
    before.rows = this.rows;
    before.older = this.older;
    this.info = info;
    this.rows = info.archives.map(() => new Map());
    this.older = { series: before, until: newest };
    info.archives.forEach(({ step }, index) => {
      const last = Math.floor(newest / step);
      for (let row = firstOwnRow(info.archives, index, newest); row <= last; row++) {
        const value = before.converted(step, row, newest, info);
        if (value === value) this.set(index, row, value);
      }
      if (index === 0) {
        const value = before.joined(step, last, newest, info);
        if (value !== undefined) this.set(0, last, value);
      } else {
        const value = this.rolledUp(index, last);
        if (value === value) this.set(index, last, value);
      }
    });
    return true;
  }

  /** Takes all that is still kept elsewhere, for good. */
  copyOlder(now: number): void {
    if (this.older === undefined) return;
    const { archives } = this.info;
    archives.forEach((archive, index) => {
      const own = firstOwnRow(archives, index, this.older!.until);
      const oldest = Math.floor((now - retentionSeconds(archive)) / archive.step) + 1;
      for (let row = Math.max(0, oldest); row < own; row++) {
        const value = this.readAt(index, row, now);
        if (value === value) this.set(index, row, value);
      }
    });
    this.older = undefined;
  }

  /** A point of any age, where the truth about its time is; false when nothing reaches back to it. */
  writeLate(
    time: number,
    now: number,
    join: (before: number, archiveIndex: number, step: number) => number,
  ): boolean {
    const { archives } = this.info;
    const archiveIndex = archiveForPoint(archives, time, now);
    if (archiveIndex < 0) return false;
    const row = this.rowOf(archiveIndex, time);
    if (this.isOwn(archiveIndex, row, now)) {
      const { step } = archives[archiveIndex]!;
      this.write(archiveIndex, row, join(this.valueAt(archiveIndex, row), archiveIndex, step));
      return true;
    }
    const { series, until } = this.older!; // it is not its own
    if (!series.writeLate(time, now, join)) return false;
    archives.forEach(({ step }, index) => {
      const coarse = Math.floor(time / step);
      if (coarse < firstOwnRow(archives, index, until)) return;
      const value = series.converted(step, coarse, now, this.info);
      if (value === value) this.write(index, coarse, value);
    });
    return true;
  }

  /** Whether the truth about a time is in an older place. */
  isBehind(time: number, now: number): boolean {
    const archiveIndex = archiveForPoint(this.info.archives, time, now);
    return archiveIndex >= 0 && !this.isOwn(archiveIndex, this.rowOf(archiveIndex, time), now);
  }

  /** The value in the finest slot of a time, also where the retention changed just then. */
  latest(time: number): number {
    const value = this.valueAt(0, this.rowOf(0, time));
    if (value === value || this.older === undefined || this.older.until < time) return value;
    const { series } = this.older;
    return series.readAt(0, series.rowOf(0, time), time);
  }

  /** Whether a row is this place's own, not an older one's. */
  isOwn(archiveIndex: number, row: number, now: number): boolean {
    if (this.older === undefined) return true;
    const { series, until } = this.older;
    const { archives } = this.info;
    if (row >= firstOwnRow(archives, archiveIndex, until)) return true;
    return row < firstReachedRow(series.info.archives, archives[archiveIndex]!.step, now);
  }

  /** A value as a reader sees it. */
  readAt(archiveIndex: number, row: number, now: number): number {
    if (this.isOwn(archiveIndex, row, now)) return this.valueAt(archiveIndex, row);
    const { step } = this.info.archives[archiveIndex]!;
    return this.older!.series.converted(step, row, now, this.info); // not its own
  }

  /** Epoch seconds of the newest point of an archive, 0 when there is none. */
  newestTime(archiveIndex: number): number {
    const { step } = this.info.archives[archiveIndex]!;
    const own = this.newestRow(archiveIndex) * step;
    const older = this.older?.series;
    const before = older?.info.archives.map((_, index) => older.newestTime(index)) ?? [];
    return Math.max(0, own, Math.floor(Math.max(0, ...before) / step) * step);
  }

  /** One row of any step; archives that reach back to it are tried from the one nearest in step. */
  private converted(step: number, row: number, now: number, as: SeriesInfo): number {
    const { archives } = this.info;
    const time = row * step;
    const nearest = archives.findLastIndex((one) => one.step <= step && step % one.step === 0);
    for (let index = Math.max(0, nearest); index < archives.length; index++) {
      const archive = archives[index]!;
      const slot = Math.max(step, archive.step);
      if (time < (Math.floor((now - retentionSeconds(archive)) / slot) + 1) * slot) continue;
      const first = Math.ceil(time / archive.step);
      if (archive.step === step) return this.readAt(index, first, now);
      if (archive.step > step) {
        return first * archive.step < time + step ? this.readAt(index, first, now) : NaN;
      }
      return this.joinRows(index, step, row, now, as, as.xFilesFactor);
    }
    return NaN;
  }

  /** What has come in a longer slot that goes on to be filled; undefined where it is no longer. */
  private joined(step: number, row: number, now: number, as: SeriesInfo): number | undefined {
    if (this.info.archives[0]!.step >= step) return undefined; // never empty
    return this.joinRows(0, step, row, now, as, 0);
  }

  private joinRows(
    index: number,
    step: number,
    row: number,
    now: number,
    { aggregationMethod }: SeriesInfo,
    xFilesFactor: number,
  ): number {
    const finerStep = this.info.archives[index]!.step;
    const method = methodCode(aggregationMethod);
    const values: number[] = [];
    const first = Math.ceil((row * step) / finerStep);
    for (let finer = first; finer * finerStep < (row + 1) * step; finer++) {
      values.push(this.readAt(index, finer, now));
    }
    this.rollup.clear();
    for (const value of values) this.rollup.add(0, method, value);
    return this.rollup.result(0, method, xFilesFactor, step / finerStep);
  }

  private rolledUp(index: number, row: number): number {
    const { archives, aggregationMethod, xFilesFactor } = this.info;
    const ratio = archives[index]!.step / archives[index - 1]!.step;
    const method = methodCode(aggregationMethod);
    this.rollup.clear();
    for (let i = 0; i < ratio; i++) {
      this.rollup.add(0, method, this.valueAt(index - 1, row * ratio + i));
    }
    return this.rollup.result(0, method, xFilesFactor, ratio);
  }

  private setMethod({ aggregationMethod, xFilesFactor }: SeriesInfo): boolean {
    const { info } = this;
    const changed =
      info.aggregationMethod !== aggregationMethod || info.xFilesFactor !== xFilesFactor;
    this.info = { ...info, aggregationMethod, xFilesFactor };
    return changed;
  }

  private get depth(): number {
    return this.older === undefined ? 0 : 1 + this.older.series.depth;
  }

  fetch(from: number, until: number, now: number): Fetched | undefined {
    const window = fetchWindow(this.info.archives, from, until, now);
    if (window === undefined) return undefined;
    const { archiveIndex, step, firstRow, count } = window;
    const values = new Float64Array(count).map((_, i) =>
      this.readAt(archiveIndex, firstRow + i, now),
    );
    const start = firstRow * step;
    return { start, end: start + count * step, step, values, archiveIndex };
  }
}
