/**
 * Cleans up behind changes of retention, a bounded part at a time: forgets previous retentions
 * whose points have all aged out, gives their columns to others, and removes the records of classes
 * that no series is in any more, so that their pages are used again. Driven by LmdbStore.
 */
import { longestRetention } from '../../ring/ring.ts';
import { retentionsOf } from './history-groups.ts';
import type { Environment } from '../db/environment.ts';
import { classRange } from '../db/ring-key.ts';
import type { SeriesColumns } from '../db/series-columns.ts';
import type { PreviousRetention } from '../db/series-names.ts';
import type { WriteBatch } from '../db/write-batch.ts';
import type { RingClass, SeriesTable } from '../write/series-table.ts';
import type { Archive } from '../../retention/archives.ts';

/** Records removed in one transaction: LMDB's list of free pages stays short. */
const RECORDS_MAX = 512;

export class Sweeper {
  private readonly environment: Environment;
  private readonly table: SeriesTable;
  private rowKeys: Uint8Array[] = [];
  private chunkKeys: Uint8Array[] = [];

  constructor(environment: Environment, table: SeriesTable) {
    this.environment = environment;
    this.table = table;
  }

  /** Columns that were left may be given out again: readers know by now. */
  release(): void {
    for (const { freeColumns } of this.table.classes) freeColumns.release();
  }

  /** Forgets what has aged out of these series. */
  expire(names: readonly string[], newest: number, lastWriteOf: (id: number) => number): void {
    const { table } = this;
    for (const name of names) {
      const id = table.find(name);
      if (id < 0) continue;
      const agedOut = agedOutRetentions(
        table.columns,
        id,
        (classId) => table.classes[classId]!.rings.archives,
        table.ringsOf(id).imported ? lastWriteOf(id) : newest,
      );
      if (agedOut.length === 0) continue;
      const series = table.columns.get(id);
      table.leave(agedOut, newest);
      table.put(name, { ...series, previous: series.previous.slice(0, -agedOut.length) });
    }
  }

  /** Notes some records of empty classes for removal; how many. */
  collect(): number {
    for (const ringClass of this.table.classes) {
      if (ringClass.used > 0 || ringClass.rings.members.count === 0) continue;
      const found = this.collectClass(ringClass);
      if (found > 0) return found;
      ringClass.rings.reset();
      ringClass.freeColumns.clear();
      ringClass.importBlocks.clear();
      this.table.changedClasses.add(ringClass);
    }
    return 0;
  }

  /** Comes before anything is put. */
  addTo(batch: WriteBatch): void {
    const { rows, chunks } = this.environment;
    for (const key of this.rowKeys) batch.remove(rows, key);
    for (const key of this.chunkKeys) batch.remove(chunks, key);
    batch.onCommitted(() => {
      this.rowKeys = [];
      this.chunkKeys = [];
    });
  }

  private collectClass({ classId }: RingClass): number {
    const { rows, chunks } = this.environment;
    const range = { ...classRange(classId), limit: RECORDS_MAX };
    // Lists of an earlier commit that failed are the same ones again.
    this.rowKeys = [...rows.getKeys(range)].map((key) => Uint8Array.from(key));
    this.chunkKeys =
      this.rowKeys.length > 0 ? [] : [...chunks.getKeys(range)].map((key) => Uint8Array.from(key));
    return this.rowKeys.length + this.chunkKeys.length;
  }
}

/**
 * The oldest retentions of a series that nothing can be read from any more at `newest`, the time
 * that retentions count from: the archives of neither that one nor any newer one reach back to it.
 */
export function agedOutRetentions(
  columns: SeriesColumns,
  id: number,
  archivesOf: (classId: number) => readonly Archive[],
  newest: number,
): readonly PreviousRetention[] {
  const retentions = retentionsOf(columns, id);
  let reach = Infinity;
  const firstAgedOut = retentions.findIndex(({ classId, until }) => {
    reach = Math.min(reach, longestRetention(archivesOf(classId)));
    return newest - until >= reach;
  });
  return firstAgedOut < 1 ? [] : retentions.slice(firstAgedOut);
}
