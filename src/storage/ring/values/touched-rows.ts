/**
 * Rows of one class, older than the newest, that were changed, by archive and series: coarser slots
 * above them are stale until they are rolled up again. They are kept as those slots: a late history
 * touches each of them several times in a row. Used by ring-set.ts.
 */
import type { Archive } from '../../retention/archives.ts';

export class TouchedRows {
  private readonly archives: readonly Archive[];
  /** By archive: row of the next coarser one to columns. */
  private readonly rows: Map<number, Set<number>>[];
  /** What was added last; archive -1 for nothing. */
  private lastArchive = -1;
  private lastRow = 0;
  private lastColumn = 0;

  constructor(archives: readonly Archive[]) {
    this.archives = archives;
    this.rows = archives.map(() => new Map());
  }

  get any(): boolean {
    return this.rows.some(({ size }) => size > 0);
  }

  add(archiveIndex: number, row: number, column: number): void {
    const coarser = this.archives[archiveIndex + 1];
    // Nothing follows from the coarsest.
    if (coarser === undefined) return;
    const coarseRow = Math.floor(row / (coarser.step / this.archives[archiveIndex]!.step));
    const isKnown = this.lastArchive === archiveIndex && this.lastRow === coarseRow;
    if (isKnown && this.lastColumn === column) return;
    this.lastArchive = archiveIndex;
    this.lastRow = coarseRow;
    this.lastColumn = column;
    const rows = this.rows[archiveIndex]!;
    let columns = rows.get(coarseRow);
    if (columns === undefined) rows.set(coarseRow, (columns = new Set()));
    columns.add(column);
  }

  /** Takes the rows of an archive, as rows of the next coarser one and their columns. */
  takeCoarse(archiveIndex: number): Map<number, Set<number>> {
    const coarse = this.rows[archiveIndex]!;
    this.rows[archiveIndex] = new Map();
    this.lastArchive = -1;
    return coarse;
  }

  /** Whether a finer point of the series waits to be rolled up into a coarser row. */
  isUnder(archiveIndex: number, row: number, column: number): boolean {
    for (let index = 0; index < archiveIndex; index++) {
      const rows = this.rows[index]!;
      // The rows of `index` are kept as those of the one above it.
      const ratio = this.archives[archiveIndex]!.step / this.archives[index + 1]!.step;
      if (rows.size < ratio) {
        for (const [finer, columns] of rows) {
          if (Math.floor(finer / ratio) === row && columns.has(column)) return true;
        }
      } else {
        for (let finer = row * ratio; finer < (row + 1) * ratio; finer++) {
          if (rows.get(finer)?.has(column) === true) return true;
        }
      }
    }
    return false;
  }

  /** Forgets the rows of an archive, or of all. */
  clear(archiveIndex?: number): void {
    this.lastArchive = -1;
    this.rows.forEach((rows, index) => {
      if (archiveIndex === undefined || index === archiveIndex) rows.clear();
    });
  }
}
