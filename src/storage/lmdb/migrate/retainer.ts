/**
 * Gives series a column in the class of new archives (FORMAT.md, "Changed retention"). History is
 * not touched: the new column only gets the points that the rows still growing are made of, one
 * coarser row's worth an archive, so that every later rollup finds all its points there.
 */
import { isDeepStrictEqual } from 'node:util';
import { slices } from '../../../lib/slices.ts';
import { methodCode } from '../../ring/rollup/rollup.ts';
import { longestRetention } from '../../ring/ring.ts';
import {
  type RetentionHistory,
  convertHistory,
  firstOwnRow,
  joinHistory,
} from '../../ring/retention-history.ts';
import type { SeriesInfo } from '../../roles.ts';
import { historyOf, groupByHistory } from './history-groups.ts';
import type { Progress } from '../db/meta.ts';
import type { RingClass, SeriesTable } from '../write/series-table.ts';
import type { SlotWriter } from '../write/slot-writer.ts';

/**
 * Previous retentions that a series has at most. The store copies before it comes to more
 * (retention-changes.ts); a change that gets here nevertheless is left alone.
 */
const PREVIOUS_MAX = 6;
/** Values converted at once: 4 MB. */
const VALUES_MAX = 500_000;

interface RetainerParts {
  slotOf(classId: number): SlotWriter;
  /** Newest time of a series, 0 unknown. */
  lastWriteOf(id: number): number;
}

export class Retainer {
  private readonly table: SeriesTable;
  private readonly progress: Progress;
  private readonly slotOf: RetainerParts['slotOf'];
  private readonly lastWriteOf: RetainerParts['lastWriteOf'];

  constructor(table: SeriesTable, progress: Progress, { slotOf, lastWriteOf }: RetainerParts) {
    this.table = table;
    this.progress = progress;
    this.slotOf = slotOf;
    this.lastWriteOf = lastWriteOf;
  }

  /**
   * Names are canonical. `clean`: into columns that can take the whole history. The number changed.
   */
  retain(changes: readonly SeriesInfo[], clean: boolean): number {
    const { table } = this;
    const moved: number[] = [];
    let count = 0;
    for (const change of changes) {
      const id = table.find(change.name);
      if (id < 0) continue;
      if (isDeepStrictEqual(table.ringsOf(id).rings.archives, change.archives)) {
        if (this.setMethod(change, id)) count += 1;
        else if (clean && table.columns.hasPrevious(id)) count += 1;
      } else if (this.move(change, id, clean)) {
        moved.push(id);
        count += 1;
      }
    }
    this.seed(moved);
    return count;
  }

  /** Gives a series another column; false when it has had too many. The caller seeds it. */
  move(change: SeriesInfo, id: number, clean: boolean): boolean {
    const { table } = this;
    const { newest } = this.progress;
    const before = table.columns.get(id);
    if (before.previous.length >= PREVIOUS_MAX) return false;
    const { imported } = table.ringsOf(id);
    const { archives } = change;
    const { step } = archives.at(-1)!; // never empty
    const cleanFrom = clean
      ? newest - longestRetention(archives)
      : Math.floor(newest / step) * step;
    const { classId, column, since, method, xFilesFactor } = before;
    const moved = imported
      ? table.moveImportTo(archives, this.lastWriteOf(id) || newest)
      : table.moveTo(archives, cleanFrom);
    table.put(change.name, {
      ...before,
      ...moved,
      method: methodCode(change.aggregationMethod),
      xFilesFactor: change.xFilesFactor,
      previous: [
        { classId, column, since, until: newest, method, xFilesFactor },
        ...before.previous,
      ],
    });
    return true;
  }

  /** Fills the rows that grow across the change, in the columns just taken. */
  seed(moved: readonly number[]): void {
    if (moved.length === 0) return;
    const { table } = this;
    // Late points are in their coarser rows only then.
    for (const { rings } of table.classes) rings.propagate();
    for (const group of groupByHistory(table.columns, moved)) {
      const ringClass = table.ringsOf(group[0]!); // groups are not empty
      const { archives } = ringClass.rings;
      ringClass.rings.advance(Math.floor(this.progress.newest / archives[0]!.step));
      table.changedClasses.add(ringClass);
      const longest = archives.reduce((most, _, index) => {
        return Math.max(most, this.growingRows(ringClass, index).count);
      }, 1);
      const size = Math.max(1, Math.floor(VALUES_MAX / longest));
      for (const ids of slices(group, size)) this.seedGroup(ringClass, ids);
    }
  }

  private seedGroup(ringClass: RingClass, ids: readonly number[]): void {
    const { columns, classes } = this.table;
    const history = historyOf(columns, ids, (classId) => classes[classId]!.rings);
    const { rings } = ringClass;
    const { newest } = this.progress;
    rings.archives.forEach(({ step }, index) => {
      const { firstRow, count } = this.growingRows(ringClass, index);
      const values = convertHistory(history, 1, step, { firstRow, count, now: newest });
      if (index === 0) this.joinSlot(history, step, values, count);
      ids.forEach((id, i) => {
        const column = columns.columnOf(id);
        for (let j = 0; j < count; j++) {
          const value = values[i * count + j]!;
          if (value === value) rings.put(index, firstRow + j, column, value);
        }
        const last = values[(i + 1) * count - 1]!;
        if (index === 0 && last === last) this.weighSlot(ringClass, id);
      });
    });
  }

  /**
   * The newest finest slot is not rolled up but filled: what came so far counts whatever its share.
   */
  private joinSlot(
    history: RetentionHistory,
    step: number,
    values: Float64Array,
    count: number,
  ): void {
    if (history.parts[1]!.source.archives[0]!.step >= step) return; // it was moved from there
    const { newest } = this.progress;
    const all = joinHistory(history, step, Math.floor(newest / step), newest);
    for (let i = 0; i < history.seriesCount; i++) values[(i + 1) * count - 1] = all[i]!;
  }

  private weighSlot({ rings, classId }: RingClass, id: number): void {
    const { columns, classes } = this.table;
    const { step } = rings.archives[0]!; // never empty
    const [before] = columns.previousOf(id);
    const stepBefore = classes[before!.classId]!.rings.archives[0]!.step; // it was moved from there
    const { newest } = this.progress;
    // Where several slots became one, all that came since its start.
    const ms =
      stepBefore < step
        ? ((newest % step) + stepBefore) * 1000
        : this.slotOf(before!.classId).trafficOf(Math.floor(newest / stepBefore), before!.column);
    this.slotOf(classId).weigh(Math.floor(newest / step), columns.columnOf(id), ms);
  }

  /**
   * From the first row that belongs to the new retention to the one that the newest point is in.
   */
  private growingRows({ rings }: RingClass, archiveIndex: number) {
    const { newest } = this.progress;
    const firstRow = firstOwnRow(rings.archives, archiveIndex, newest);
    const last = Math.floor(newest / rings.archives[archiveIndex]!.step);
    return { firstRow, count: last - firstRow + 1 };
  }

  /** Changes only how points are rolled up from now on; false when it is so already. */
  private setMethod({ name, aggregationMethod, xFilesFactor }: SeriesInfo, id: number): boolean {
    const series = this.table.columns.get(id);
    const method = methodCode(aggregationMethod);
    if (series.method === method && series.xFilesFactor === xFilesFactor) return false;
    this.table.put(name, { ...series, method, xFilesFactor });
    return true;
  }
}
