/**
 * Rows of one class that were changed behind the head, by archive and series: the coarser slots
 * above them are stale until they are rolled up again. Used by ring-set.ts.
 */
import type { Archive } from '../retention/archives.ts';

export class TouchedRows {
  private readonly archives: readonly Archive[];
  /** By archive: row to sids. */
  private readonly rows: Map<number, Set<number>>[];

  constructor(archives: readonly Archive[]) {
    this.archives = archives;
    this.rows = archives.map(() => new Map());
  }

  get any(): boolean {
    return this.rows.some(({ size }) => size > 0);
  }

  add(archiveIndex: number, row: number, sid: number): void {
    const rows = this.rows[archiveIndex]!;
    let sids = rows.get(row);
    if (sids === undefined) rows.set(row, (sids = new Set()));
    sids.add(sid);
  }

  /** Takes the rows of an archive, as rows of the next coarser one and their sids. */
  takeCoarse(archiveIndex: number): Map<number, Set<number>> {
    const ratio = this.archives[archiveIndex + 1]!.step / this.archives[archiveIndex]!.step;
    const coarse = new Map<number, Set<number>>();
    for (const [row, sids] of this.rows[archiveIndex]!) {
      const coarseRow = Math.floor(row / ratio);
      const known = coarse.get(coarseRow);
      if (known === undefined) coarse.set(coarseRow, sids);
      else for (const sid of sids) known.add(sid);
    }
    this.rows[archiveIndex]!.clear();
    return coarse;
  }

  /** Whether a finer point of the series waits to be rolled up into a coarser row. */
  isUnder(archiveIndex: number, row: number, sid: number): boolean {
    for (let index = 0; index < archiveIndex; index++) {
      const rows = this.rows[index]!;
      const ratio = this.archives[archiveIndex]!.step / this.archives[index]!.step;
      if (rows.size < ratio) {
        for (const [finer, sids] of rows) {
          if (Math.floor(finer / ratio) === row && sids.has(sid)) return true;
        }
      } else {
        for (let finer = row * ratio; finer < (row + 1) * ratio; finer++) {
          if (rows.get(finer)?.has(sid) === true) return true;
        }
      }
    }
    return false;
  }

  /** Forgets the rows of an archive, or of all. */
  clear(archiveIndex?: number): void {
    this.rows.forEach((rows, index) => {
      if (archiveIndex === undefined || index === archiveIndex) rows.clear();
    });
  }
}
