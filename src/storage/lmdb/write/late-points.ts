/**
 * Points behind a change of retention. They go where the truth about their time is, which is a
 * previous retention of the series, and from there into the rows that the newer one took over.
 */
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../../ring/ring.ts';
import { convertHistory, firstOwnRow, firstReachedRow } from '../../ring/retention-history.ts';
import { historyOf, retentionsOf } from '../migrate/history-groups.ts';
import type { RingClass, SeriesTable } from './series-table.ts';

/** Where a point of a series goes. */
interface LateTarget {
  ringClass: RingClass;
  column: number;
  archiveIndex: number;
  row: number;
  /** 0: the newest retention. */
  partIndex: number;
}

export class LatePoints {
  private readonly table: SeriesTable;
  /** Series whose history is being copied: the copy follows late points too. */
  readonly copying = new Set<number>();
  /** Times by series whose rows in newer retentions are stale. */
  private stale = new Map<number, { time: number; partIndex: number }[]>();

  constructor(table: SeriesTable) {
    this.table = table;
  }

  /** Undefined where the point is too old or in the future for the archives. */
  locate(id: number, time: number, now: number): LateTarget | undefined {
    const { classes, columns } = this.table;
    const retentions = retentionsOf(columns, id);
    for (const [partIndex, { classId, column }] of retentions.entries()) {
      const ringClass = classes[classId]!;
      const { archives } = ringClass.rings;
      const archiveIndex = archiveForPoint(archives, time, now);
      if (archiveIndex === TOO_OLD || archiveIndex === IN_FUTURE) return undefined;
      const { step } = archives[archiveIndex]!;
      const row = Math.floor(time / step);
      const target = { ringClass, column, archiveIndex, row, partIndex };
      const previous = retentions[partIndex + 1];
      if (previous === undefined || row >= firstOwnRow(archives, archiveIndex, previous.until)) {
        return target;
      }
      if (row < firstReachedRow(classes[previous.classId]!.rings.archives, step, now))
        return target;
    }
    return undefined;
  }

  /** Notes that a point was written into a previous retention. */
  written(id: number, time: number, { partIndex }: LateTarget): void {
    if (partIndex === 0) return;
    const known = this.stale.get(id);
    if (known === undefined) this.stale.set(id, [{ time, partIndex }]);
    else known.push({ time, partIndex });
  }

  /** Brings the newer retentions up to date; rows of the previous ones are rolled up already. */
  follow(now: number): void {
    if (this.stale.size === 0) return;
    const { stale } = this;
    this.stale = new Map();
    for (const [id, points] of stale) {
      // Deleted since, or copied: then the copy has it.
      if (!this.table.columns.hasPrevious(id)) continue;
      for (const { time, partIndex } of points) this.followPoint(id, time, partIndex, now);
    }
  }

  private followPoint(id: number, time: number, partIndex: number, now: number): void {
    const { columns, classes } = this.table;
    const history = historyOf(columns, [id], (classId) => classes[classId]!.rings);
    for (let level = partIndex - 1; level >= 0; level--) {
      const { source, series } = history.parts[level]!;
      const { archives } = source;
      const { until } = history.parts[level + 1]!;
      const ringClass = classes[retentionsOf(columns, id)[level]!.classId]!;
      for (const [index, { step }] of archives.entries()) {
        const row = Math.floor(time / step);
        const own = row >= firstOwnRow(archives, index, until);
        if (!own && !(level === 0 && this.copying.has(id))) continue;
        const [value] = convertHistory(history, level + 1, step, { firstRow: row, count: 1, now });
        if (value === undefined || value !== value) continue;
        if (!ringClass.rings.put(index, row, series.columns[0]!, value)) continue;
        if (own) ringClass.rings.touch(index, row, series.columns[0]!);
        this.table.changedClasses.add(ringClass);
      }
      ringClass.rings.propagate();
    }
  }
}
