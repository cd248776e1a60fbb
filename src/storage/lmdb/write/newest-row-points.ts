/**
 * Ready-made points that come in the order of time: those of the newest row of their class, as
 * nearly all are that a relay sends, and those of a row that lies far back in chunks, as when it
 * makes up for an outage. What is the same for a run of them (class, row, page, block) is found
 * once. Anything else is the writer's to decide. Used by writer.ts.
 */
import { SECONDS_MAX } from '../../../lib/admitted.ts';
import type { ChunkBlock } from '../../ring/values/chunk-record.ts';
import { archiveForPoint, BLOCK_SERIES, CHUNK_ROWS, PAGE_SERIES } from '../../ring/ring.ts';
import type { RowPage } from '../../ring/values/row-record.ts';
import type { Progress } from '../db/meta.ts';
import type { LastWrites } from './last-writes.ts';
import type { RingClass, SeriesTable } from './series-table.ts';

export class NewestRowPoints {
  private readonly table: SeriesTable;
  private readonly lastWrites: LastWrites;
  private readonly progress: Progress;
  private now = 0;
  private seenAt = 0;
  /** Of the last point; the time is NaN when nothing is known. */
  private classId = -1;
  private time = NaN;
  private ringClass: RingClass | undefined;
  private page: RowPage | undefined;
  private pageFirst = 0;
  private row = 0;
  /** Chunk block of the late row being filled, and its first column. */
  private block: ChunkBlock | undefined;
  private blockFirst = 0;

  constructor(table: SeriesTable, lastWrites: LastWrites, progress: Progress) {
    this.table = table;
    this.lastWrites = lastWrites;
    this.progress = progress;
  }

  /** Comes before the points of a request. */
  begin(now: number): void {
    this.now = now;
    this.seenAt = Math.min(Math.max(0, now), SECONDS_MAX);
    this.forget();
  }

  /** Comes after anything else was written: rows may have gone on. */
  forget(): void {
    this.time = NaN;
  }

  /** False when the point, finite and of whole seconds, is for the writer. */
  put(id: number, time: number, value: number): boolean {
    const { columns } = this.table;
    if (columns.hasPrevious(id)) return false;
    const classId = columns.classOf(id);
    if (classId !== this.classId || time !== this.time) this.turnTo(classId, time);
    if (this.ringClass === undefined) return false;
    const column = columns.columnOf(id);
    if (this.row < this.ringClass.rings.newestRow)
      return this.putLate(this.ringClass, id, column, value);
    const index = column - this.pageFirst;
    let { page } = this;
    if (page === undefined || index < 0 || index >= PAGE_SERIES) {
      this.pageFirst = column - (column % PAGE_SERIES);
      page = this.page = this.ringClass.rings.newestPage(column);
    }
    page.set(column - this.pageFirst, value);
    this.lastWrites.note(id, this.seenAt);
    return true;
  }

  private putLate({ rings }: RingClass, id: number, column: number, value: number): boolean {
    const { row } = this;
    if (row * rings.archives[0]!.step < rings.members.since(column)) return false;
    const index = column - this.blockFirst;
    let { block } = this;
    if (block === undefined || index < 0 || index >= BLOCK_SERIES) {
      this.blockFirst = column - (column % BLOCK_SERIES);
      block = this.block = rings.lateBlock(row, column);
      if (block === undefined) return false;
    }
    block.set(column - this.blockFirst, row % CHUNK_ROWS, value);
    rings.touch(0, row, column);
    this.lastWrites.note(id, this.seenAt);
    return true;
  }

  private turnTo(classId: number, time: number): void {
    const { now } = this;
    this.classId = classId;
    this.time = time;
    this.page = undefined;
    this.block = undefined;
    this.ringClass = undefined;
    const ringClass = this.table.classes[classId]!;
    const { rings } = ringClass;
    const { archives } = rings;
    if (time < 0 || time > SECONDS_MAX || archiveForPoint(archives, time, now) !== 0) return;
    const { step } = archives[0]!; // never empty
    const row = Math.floor(time / step);
    this.table.changedClasses.add(ringClass);
    rings.rewind(Math.floor(now / step));
    rings.advance(row);
    this.row = row;
    this.ringClass = ringClass;
    this.progress.newest = Math.max(this.progress.newest, time);
  }
}
