/**
 * The writer's side of names: finds, makes and forgets series, hands out ids and columns in the
 * rings of classes. Names stay in LMDB, only columns of numbers are in memory; changes wait in a
 * Map until the transaction takes them.
 */
import type { AggregationMethod, Archive } from '../../retention/archives.ts';
import type { PrefixLimit } from '../../../rejections/prefix-limit.ts';
import { methodCode } from '../../ring/rollup/rollup.ts';
import { RingSet } from '../../ring/values/ring-set.ts';
import type { TimerRollup } from '../../ring/rollup/timer-rollup.ts';
import type { ImportedArchive } from '../../roles.ts';
import { SERIES_CLASSES, type SeriesClassRecord } from '../db/class-record.ts';
import type { Environment } from '../db/environment.ts';
import { ringReader, ringSink, valueDatabases } from '../db/ring-records.ts';
import { SeriesColumns, packSeries } from '../db/series-columns.ts';
import type { WriteBatch } from '../db/write-batch.ts';
import { ClassRegistry } from './class-registry.ts';
import { FreeColumns } from './free-columns.ts';
import { IdPool } from './id-pool.ts';
import { ImportBlocks, chunkSpansOf, chunkSpansUpTo } from './import-blocks.ts';
import type { NameChanges } from './messages.ts';
import {
  NAME_CODEC,
  type PreviousRetention,
  type SeriesRecord,
  decodeRecord,
  decodeSeries,
  isHashed,
  nameKey,
} from '../db/series-names.ts';
import type { TimerLink } from '../db/sketch-links.ts';

export interface RingClass {
  classId: number;
  imported: boolean;
  rings: RingSet;
  /** Columns whose series were deleted or have gone to another class. */
  freeColumns: FreeColumns;
  /** Columns that series have, now or in a previous retention. */
  used: number;
  importBlocks: ImportBlocks;
}

/** The retention of a new series. */
interface NewSeries {
  archives: Archive[];
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
}

/** Which series are statistics of timers, and how those are rolled up. */
interface TimerSeries {
  links: ReadonlyMap<number, TimerLink>;
  timerRollup: TimerRollup;
}

export class SeriesTable {
  readonly columns = new SeriesColumns();
  /** By id. */
  readonly classes: readonly RingClass[];
  /** Classes whose rings or counts changed since the last commit. */
  readonly changedClasses: Set<RingClass>;
  count = 0;
  /** Epoch seconds of what is being applied. */
  now = 0;
  corruptRecords = 0;
  private readonly environment: Environment;
  private readonly timers: TimerSeries | undefined;
  private readonly prefixes: PrefixLimit | undefined;
  private readonly registry: ClassRegistry<SeriesClassRecord, RingClass>;
  private readonly ids: IdPool;
  /** Names changed since the last commit; undefined: removed. */
  private readonly changed = new Map<string, SeriesRecord | undefined>();

  /** Reads all names; `newest` is the newest time of any point. `prefixes` is kept up to date. */
  constructor(
    environment: Environment,
    newest: number,
    timers?: TimerSeries,
    prefixes?: PrefixLimit,
  ) {
    this.environment = environment;
    this.now = newest;
    this.timers = timers;
    this.prefixes = prefixes;
    this.registry = new ClassRegistry(environment, SERIES_CLASSES, {
      open: (classId, stored) => this.openClass(classId, stored),
      recordOf: ({ imported, rings: { archives, members, states } }) => {
        return { archives: [...archives], imported, columnCount: members.count, states };
      },
    });
    this.classes = this.registry.classes;
    this.changedClasses = this.registry.changed;
    for (const { key, value } of environment.names.getRange()) {
      const series = decodeRecord(key, value);
      if (series === undefined) {
        this.corruptRecords += 1;
        continue;
      }
      this.adopt(series);
      if (prefixes === undefined) continue;
      if (isHashed(key)) this.countPrefix(series.id, decodeSeries(key, value)?.name ?? '');
      else prefixes.add(series.id, key, 0, key.length);
    }
    this.ids = new IdPool(this.columns.end, (id) => this.columns.has(id));
    this.registry.findFreeColumns(
      (mark) => this.markColumns(mark),
      () => newest,
    );
  }

  /** The id of a canonical name, -1 when there is none. */
  find(name: string): number {
    if (this.changed.has(name)) return this.changed.get(name)?.id ?? -1;
    const key = nameKey(name);
    const bytes = this.environment.names.getBinaryFast(key);
    if (bytes === undefined) return -1;
    return decodeRecord(key, bytes)?.id ?? -1;
  }

  ringsOf(id: number): RingClass {
    return this.classes[this.columns.classOf(id)]!;
  }

  /**
   * Adds a series under a canonical name that is not known; `imported`: with these points, `from`:
   * for points from this time on.
   */
  create(
    name: string,
    retention: NewSeries,
    merge: number,
    { imported, from = Infinity }: { imported?: ImportedArchive[]; from?: number } = {},
  ): number {
    const ringClass = this.classOf(retention.archives, imported !== undefined);
    const { members, archives } = ringClass.rings;
    // Nor may it be one that was left while the clock was ahead: it would hide its points until then.
    const leftBy = Math.min(this.now + archives[0]!.step, from);
    // An import brings its history along, which a column used before would hide.
    const recycled = imported === undefined ? ringClass.freeColumns.take(leftBy) : undefined;
    const column =
      imported === undefined
        ? (recycled ?? members.count)
        : ringClass.importBlocks.take(archives, chunkSpansOf(archives, imported), members.count);
    const series: SeriesRecord = {
      id: this.ids.take(),
      classId: ringClass.classId,
      column,
      since: recycled === undefined ? 0 : members.since(column),
      merge,
      method: methodCode(retention.aggregationMethod),
      xFilesFactor: retention.xFilesFactor,
      previous: [],
    };
    ringClass.used += 1;
    if (recycled !== undefined) ringClass.rings.erase(column, series.since);
    this.count += 1;
    this.put(name, series);
    this.countPrefix(series.id, name);
    this.changedClasses.add(ringClass);
    return series.id;
  }

  /**
   * A column in the class of these archives for a series that brings points from `cleanFrom` on
   * along: one never used, or one that was left before.
   */
  moveTo(archives: Archive[], cleanFrom: number) {
    const ringClass = this.classOf(archives, false);
    const { members } = ringClass.rings;
    const column = ringClass.freeColumns.takeOldest(cleanFrom) ?? members.count;
    const since = column < members.count ? members.since(column) : 0;
    if (column < members.count) ringClass.rings.erase(column, since);
    return this.takeColumn(ringClass, column, since);
  }

  /** The same for an imported series whose points end at `newest`: a column never used. */
  moveImportTo(archives: Archive[], newest: number) {
    const ringClass = this.classOf(archives, true);
    const spans = chunkSpansUpTo(archives, newest);
    const column = ringClass.importBlocks.take(archives, spans, ringClass.rings.members.count);
    return this.takeColumn(ringClass, column, 0);
  }

  private takeColumn(ringClass: RingClass, column: number, since: number) {
    ringClass.rings.members.set(column, 0, 0, since); // taken, before the next one asks
    ringClass.used += 1;
    this.changedClasses.add(ringClass);
    return { classId: ringClass.classId, column, since };
  }

  /** Gives the columns back that a series has left; `newest` is the newest time of any point. */
  leave(retentions: readonly PreviousRetention[], newest: number): void {
    for (const { classId, column } of retentions) {
      const ringClass = this.classes[classId]!;
      ringClass.freeColumns.rest(column, newest);
      ringClass.used -= 1;
    }
  }

  /** Takes a series over as it is now. */
  put(name: string, series: SeriesRecord): void {
    this.columns.set(series);
    this.enrol(series);
    this.changed.set(name, series);
  }

  /** The timer that a series is a statistic of has changed. */
  relink(id: number): void {
    if (this.columns.has(id)) this.enrol(this.columns.get(id));
  }

  /** Changes how values of a series are joined. */
  setMerge(name: string, id: number, merge: number): void {
    if (this.columns.mergeOf(id) === merge) return;
    const series = { ...this.columns.get(id), merge };
    this.columns.set(series);
    this.changed.set(name, series);
  }

  /** Puts a series under another name. The id, or -1: no such series, or the new name is taken. */
  rename(from: string, to: string): number {
    const id = this.find(from);
    if (id < 0) return -1;
    const series = this.columns.get(id);
    if (to === '' || this.find(to) >= 0) {
      this.changed.set(from, series); // the reader has forgotten it already
      return -1;
    }
    this.changed.set(from, undefined);
    this.changed.set(to, series);
    this.prefixes?.remove(id);
    this.countPrefix(id, to);
    return id;
  }

  /** Forgets a series; its points up to `time` will not be seen again. The id, or -1. */
  remove(name: string, time: number): number {
    const id = this.find(name);
    if (id < 0) return -1;
    const ringClass = this.ringsOf(id);
    const { rings } = ringClass;
    const column = this.columns.columnOf(id);
    this.leave(this.columns.previousOf(id), time);
    rings.erase(column, time);
    ringClass.freeColumns.recycle(column, time);
    ringClass.used -= 1;
    this.columns.remove(id);
    this.prefixes?.remove(id);
    this.ids.recycle(id);
    this.changed.set(name, undefined);
    this.changedClasses.add(ringClass);
    this.count -= 1;
    return id;
  }

  /** Adds rings, names and classes that changed; what the reader must learn of them. */
  addTo(batch: WriteBatch): NameChanges | undefined {
    for (const ringClass of this.classes) this.addRings(batch, ringClass);
    const classes = this.registry.addTo(batch).map(({ classId, rings }) => {
      return { classId, archives: [...rings.archives] };
    });
    batch.putChanges(this.environment.names, NAME_CODEC, this.changed);
    if (this.changed.size === 0) return undefined;
    const gone: string[] = [];
    const names: string[] = [];
    const series: SeriesRecord[] = [];
    for (const [name, one] of this.changed) {
      if (one === undefined) gone.push(name);
      else {
        names.push(name);
        series.push(one);
      }
    }
    return { gone, names, packed: packSeries(series), classes };
  }

  private addRings(batch: WriteBatch, ringClass: RingClass): void {
    const { classId, rings } = ringClass;
    const isRevised = rings.drain(
      ringSink(batch, valueDatabases(this.environment), classId, rings.archives),
    );
    if (isRevised) this.changedClasses.add(ringClass);
    batch.onCommitted(() => rings.onCommitted());
  }

  private classOf(archives: Archive[], imported: boolean): RingClass {
    return this.registry.of(archives, { imported });
  }

  private openClass(classId: number, stored: SeriesClassRecord): RingClass {
    const { archives, imported, states, columnCount } = stored;
    const rings = new RingSet(
      archives,
      states,
      ringReader(valueDatabases(this.environment), classId, archives),
    );
    rings.timerRollup = this.timers?.timerRollup;
    if (columnCount > 0) rings.members.set(columnCount - 1, 0, 0, 0);
    const freeColumns = new FreeColumns(rings.members);
    return { classId, imported, rings, freeColumns, used: 0, importBlocks: new ImportBlocks() };
  }

  private countPrefix(id: number, name: string): void {
    if (this.prefixes === undefined) return;
    const bytes = Buffer.from(name);
    this.prefixes.add(id, bytes, 0, bytes.length);
  }

  private adopt(series: SeriesRecord): void {
    this.columns.set(series);
    this.count += 1;
    this.enrol(series);
    for (const { classId } of [series, ...series.previous]) this.classes[classId]!.used += 1;
  }

  /** Tells the rings of all its retentions how to roll a series up. */
  private enrol({
    id,
    classId,
    column,
    since,
    method,
    xFilesFactor,
    previous,
  }: SeriesRecord): void {
    const link = this.timers?.links.get(id);
    for (const one of [{ classId, column, since, method, xFilesFactor }, ...previous]) {
      const { members } = this.classes[one.classId]!.rings;
      members.set(one.column, one.method, one.xFilesFactor, one.since);
      if (link !== undefined) members.setTimer(one.column, link);
    }
  }

  private markColumns(mark: (classId: number, column: number) => void): void {
    const { columns } = this;
    for (let id = 0; id < columns.end; id++) {
      if (!columns.has(id)) continue;
      mark(columns.classOf(id), columns.columnOf(id));
      if (!columns.hasPrevious(id)) continue;
      for (const { classId, column } of columns.previousOf(id)) mark(classId, column);
    }
  }
}
