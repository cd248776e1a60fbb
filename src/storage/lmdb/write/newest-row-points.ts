/**
 * Ready-made points that come in the order of time: those of the newest row of their class, as nearly
 * all are that a relay sends, and those of a row that lies far back in chunks, as when it makes up
 * for an outage. What is the same for a run of them (class, row, segment, block) is found once.
 * Anything else is the writer's to decide. Used by writer.ts.
 */
import type { ChunkBlock } from '../../ring/values/chunk-record.ts';
import { archiveForPoint, BLOCK_SERIES, CHUNK_ROWS, SEGMENT_SERIES } from '../../ring/ring.ts';
import type { RowPage } from '../../ring/values/row-record.ts';
import type { Progress } from '../db/meta.ts';
import type { LastWriteColumn } from '../db/last-write.ts';
import type { RingClass, SeriesTable } from './series-table.ts';

const SECONDS_MAX = 0xffffffff;

export class NewestRowPoints {
  private readonly table: SeriesTable;
  private readonly seen: LastWriteColumn;
  private readonly progress: Progress;
  private now = 0;
  private seenAt = 0;
  /** Of the last point; the time is NaN when nothing is known. */
  private classId = -1;
  private time = NaN;
  private ringClass: RingClass | undefined;
  private segment: RowPage | undefined;
  private segmentFirst = 0;
  private row = 0;
  /** Of a row behind the head, and the first sid of it. */
  private block: ChunkBlock | undefined;
  private blockFirst = 0;

  constructor(table: SeriesTable, seen: LastWriteColumn, progress: Progress) {
    this.table = table;
    this.seen = seen;
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
    if (columns.hasOlder(id)) return false;
    const classId = columns.classOf(id);
    if (classId !== this.classId || time !== this.time) this.turnTo(classId, time);
    if (this.ringClass === undefined) return false;
    const sid = columns.sidOf(id);
    if (this.row < this.ringClass.rings.head) return this.putLate(this.ringClass, id, sid, value);
    const index = sid - this.segmentFirst;
    let { segment } = this;
    if (segment === undefined || index < 0 || index >= SEGMENT_SERIES) {
      this.segmentFirst = sid - (sid % SEGMENT_SERIES);
      segment = this.segment = this.ringClass.rings.headSegment(sid);
    }
    segment.set(sid - this.segmentFirst, value);
    this.seen.saw(id, this.seenAt);
    return true;
  }

  private putLate({ rings }: RingClass, id: number, sid: number, value: number): boolean {
    const { row } = this;
    if (row * rings.archives[0]!.step < rings.members.born(sid)) return false;
    const index = sid - this.blockFirst;
    let { block } = this;
    if (block === undefined || index < 0 || index >= BLOCK_SERIES) {
      this.blockFirst = sid - (sid % BLOCK_SERIES);
      block = this.block = rings.lateBlock(row, sid);
      if (block === undefined) return false;
    }
    block.set(sid - this.blockFirst, row % CHUNK_ROWS, value);
    rings.touch(0, row, sid);
    this.seen.saw(id, this.seenAt);
    return true;
  }

  private turnTo(classId: number, time: number): void {
    const { now } = this;
    this.classId = classId;
    this.time = time;
    this.segment = undefined;
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
