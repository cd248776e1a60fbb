/**
 * Points behind a change of retention. They go where the truth about their time is, which is an
 * older place of the series, and from there into the rows that the newer place took over.
 */
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../../ring/ring.ts';
import { convertChain, firstOwnRow, firstReachedRow } from '../../ring/retention-history.ts';
import { chainOf, placesOf } from '../migrate/history-groups.ts';
import type { RingClass, SeriesTable } from './series-table.ts';

/** Where a point of a series goes. */
export interface LateTarget {
  ringClass: RingClass;
  column: number;
  archiveIndex: number;
  row: number;
  /** 0: the newest place. */
  placeIndex: number;
}

export class LatePoints {
  private readonly table: SeriesTable;
  /** Series whose history is being copied: the copy follows late points too. */
  readonly copying = new Set<number>();
  /** Times by series whose rows in newer places are stale. */
  private stale = new Map<number, { time: number; placeIndex: number }[]>();

  constructor(table: SeriesTable) {
    this.table = table;
  }

  /** Undefined where the point is too old or in the future for the archives. */
  locate(id: number, time: number, now: number): LateTarget | undefined {
    const { classes, columns } = this.table;
    const places = placesOf(columns, id);
    for (const [placeIndex, { classId, column }] of places.entries()) {
      const ringClass = classes[classId]!;
      const { archives } = ringClass.rings;
      const archiveIndex = archiveForPoint(archives, time, now);
      if (archiveIndex === TOO_OLD || archiveIndex === IN_FUTURE) return undefined;
      const { step } = archives[archiveIndex]!;
      const row = Math.floor(time / step);
      const place = { ringClass, column, archiveIndex, row, placeIndex };
      const older = places[placeIndex + 1];
      if (older === undefined || row >= firstOwnRow(archives, archiveIndex, older.until)) {
        return place;
      }
      if (row < firstReachedRow(classes[older.classId]!.rings.archives, step, now)) return place;
    }
    return undefined;
  }

  /** Notes that a point was written into an older place. */
  written(id: number, time: number, { placeIndex }: LateTarget): void {
    if (placeIndex === 0) return;
    const known = this.stale.get(id);
    if (known === undefined) this.stale.set(id, [{ time, placeIndex }]);
    else known.push({ time, placeIndex });
  }

  /** Brings the newer places up to date; rows of the older ones are rolled up already. */
  follow(now: number): void {
    if (this.stale.size === 0) return;
    const { stale } = this;
    this.stale = new Map();
    for (const [id, points] of stale) {
      // Deleted since, or copied: then the copy has it.
      if (!this.table.columns.hasOlder(id)) continue;
      for (const { time, placeIndex } of points) this.followPoint(id, time, placeIndex, now);
    }
  }

  private followPoint(id: number, time: number, placeIndex: number, now: number): void {
    const { columns, classes } = this.table;
    const chain = chainOf(columns, [id], (classId) => classes[classId]!.rings);
    for (let level = placeIndex - 1; level >= 0; level--) {
      const { source, series } = chain.places[level]!;
      const { archives } = source;
      const { until } = chain.places[level + 1]!;
      const ringClass = classes[placesOf(columns, id)[level]!.classId]!;
      for (const [index, { step }] of archives.entries()) {
        const row = Math.floor(time / step);
        const own = row >= firstOwnRow(archives, index, until);
        if (!own && !(level === 0 && this.copying.has(id))) continue;
        const [value] = convertChain(chain, level + 1, step, { firstRow: row, count: 1, now });
        if (value === undefined || value !== value) continue;
        if (!ringClass.rings.put(index, row, series.columns[0]!, value)) continue;
        if (own) ringClass.rings.touch(index, row, series.columns[0]!);
        this.table.changedClasses.add(ringClass);
      }
      ringClass.rings.propagate();
    }
  }
}
