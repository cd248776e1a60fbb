/**
 * Applies frames, points and changes of names to the rings, in memory, and commits them: one LMDB
 * transaction takes rows, chunks, names and progress together. Runs in the store worker. When a
 * commit fails nothing is lost: the changes stay and the next commit takes them again.
 */
import { canonicalName } from '../index/tagged-name.ts';
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../archive/ring.ts';
import type { RetentionRules } from '../retention/rules.ts';
import type { ImportedArchive, SeriesInfo } from '../store.ts';
import { type FlushFrame, MERGE_POINT, type PointReport } from '../../wire.ts';
import { type Environment, chunkKey, rowKey } from './environment.ts';
import { FrameIds, NO_SERIES } from './frame-ids.ts';
import type { NameChanges, PointsRequest } from './messages.ts';
import { type Progress, putProgress, readProgress } from './meta.ts';
import { type RingClass, SeriesTable } from './series-table.ts';
import { SlotWriter } from './slot-writer.ts';

const SECONDS_MAX = 0xffffffff;

export class Writer {
  rules: RetentionRules;
  readonly table: SeriesTable;
  pointsStored = 0;
  refusedSeries = 0;
  private readonly environment: Environment;
  private readonly maxSeries: number;
  private readonly frameIds = new FrameIds();
  private readonly progress: Progress;
  /** Written along with the commit that is under way. */
  private durableFlush: number;
  private readonly slots: (SlotWriter | undefined)[] = [];
  /** By class: the number of the frame that its slot writer has begun. */
  private readonly slotFrames: number[] = [];
  private frameCount = 0;
  private readonly changedRecords = new Map<string, string | undefined>();

  constructor(environment: Environment, rules: RetentionRules, maxSeries: number) {
    this.environment = environment;
    this.rules = rules;
    this.maxSeries = maxSeries;
    this.progress = readProgress(environment);
    this.durableFlush = this.progress.lastFlush;
    this.table = new SeriesTable(environment, this.progress.newest);
  }

  /** Epoch seconds of the newest flush that a commit has taken. */
  get lastDurableFlush(): number {
    return this.durableFlush;
  }

  get lateMerged(): number {
    return this.slots.reduce((sum, slot) => sum + (slot?.lateMerged ?? 0), 0);
  }

  get corruptRecords(): number {
    const { classes, corruptRecords } = this.table;
    return classes.reduce((sum, { rings }) => sum + rings.corruptRecords, corruptRecords);
  }

  applyFrame(frame: FlushFrame): void {
    this.learn(frame);
    const { columns } = this.table;
    this.frameCount += 1;
    const { ids, values } = frame;
    let slot: SlotWriter | undefined;
    let slotClass = -1;
    let stored = 0;
    for (let i = 0; i < ids.length; i++) {
      const value = values[i]!;
      if (value - value !== 0) continue; // not finite
      const frameId = ids[i]!;
      let id = this.frameIds.series[frameId] ?? NO_SERIES;
      if (id === NO_SERIES) {
        id = this.revive(frameId);
        if (id === NO_SERIES) continue;
      }
      const classId = columns.classOf(id);
      if (slot === undefined || classId !== slotClass) {
        slotClass = classId;
        slot = this.slotFor(classId, frame);
      }
      slot.add(columns.sidOf(id), frameId, this.frameIds, value);
      stored += 1;
    }
    this.pointsStored += stored;
    this.forget(frame);
    this.progress.lastFlush = Math.max(this.progress.lastFlush, frame.time);
    this.progress.newest = Math.max(this.progress.newest, frame.time);
  }

  /** The names of a frame whose values are given up. */
  applyNames(frame: FlushFrame): void {
    this.learn(frame);
    this.forget(frame);
  }

  applyPoints(request: PointsRequest): PointReport {
    const report: PointReport = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };
    const { ids, names, times, values, now } = request;
    let nextName = 0;
    for (let i = 0; i < ids.length; i++) {
      const known = ids[i]!;
      const name = known < 0 ? names[nextName++]! : '';
      const time = Math.trunc(times[i]!);
      if (!Number.isFinite(values[i]!) || !Number.isFinite(time)) report.notFinite += 1;
      else report[this.applyPoint(known, name, time, values[i]!, now)] += 1;
    }
    this.pointsStored += report.stored;
    return report;
  }

  importSeries(info: SeriesInfo, archives: ImportedArchive[]): void {
    const name = canonicalName(info.name);
    let id = this.table.find(name);
    if (id < 0) {
      if (this.isFull()) return;
      id = this.table.create(name, info, MERGE_POINT, true);
    }
    const ringClass = this.table.ringsOf(id);
    this.table.changedClasses.add(ringClass);
    const sid = this.table.columns.sidOf(id);
    for (const { step, times, values } of archives) {
      const index = ringClass.rings.archives.findIndex((archive) => archive.step === step);
      if (index < 0) continue;
      for (let i = 0; i < times.length; i++) {
        const value = values[i]!;
        const row = Math.floor(times[i]! / step);
        if (Number.isFinite(value) && row >= 0) ringClass.rings.put(index, row, sid, value);
      }
    }
  }

  /** Makes a series without data; false when there is one, or the limit is reached. */
  register(name: string): boolean {
    return this.table.find(name) < 0 && !this.isFull() && this.make(name, MERGE_POINT) >= 0;
  }

  /** Forgets series; a StatsD metric that goes on comes back with its next value. */
  remove(names: readonly string[]): number {
    const removed = new Map<number, string>();
    for (const name of names) {
      const id = this.table.remove(name, this.progress.newest);
      if (id >= 0) removed.set(id, name);
    }
    if (removed.size > 0) this.frameIds.unlink(removed);
    return removed.size;
  }

  putRecord(key: string, text: string | undefined): void {
    this.changedRecords.set(key, text);
  }

  /** One transaction with all changes; throws when the disk refuses, the changes stay then. */
  commit(): NameChanges | undefined {
    const { environment, table } = this;
    for (const { rings } of table.classes) rings.propagate();
    environment.root.transactionSync(() => {
      for (const ringClass of table.classes) this.putRings(ringClass);
      table.write();
      for (const [key, text] of this.changedRecords) {
        if (text === undefined) environment.records.removeSync(Buffer.from(key));
        else environment.records.putSync(Buffer.from(key), Buffer.from(text));
      }
      putProgress(environment, this.progress);
    });
    for (const { rings } of table.classes) rings.settle();
    this.changedRecords.clear();
    this.durableFlush = this.progress.lastFlush;
    return table.settle();
  }

  private putRings({ classId, rings }: RingClass): void {
    const { rows, chunks } = this.environment;
    rings.drain({
      row: (archiveIndex, row, segment, record) => {
        rows.putSync(rowKey(classId, archiveIndex, row, segment), record);
      },
      chunk: (archiveIndex, chunk, block, record) => {
        const archive = rings.archives[archiveIndex]!; // one of its own
        chunks.putSync(chunkKey(classId, archiveIndex, archive, chunk, block), record);
      },
    });
  }

  private learn(frame: FlushFrame): void {
    const { bornNames } = frame;
    const names = Buffer.from(bornNames.buffer, bornNames.byteOffset, bornNames.byteLength);
    let from = 0;
    for (let i = 0; i < frame.bornIds.length; i++) {
      const end = frame.bornNameEnds[i]!;
      const name = canonicalName(names.toString('utf8', from, end));
      const merge = frame.bornMerge[i]!;
      let id = this.table.find(name);
      if (id >= 0) this.table.setMerge(name, id, merge);
      else if (this.isFull()) id = NO_SERIES;
      else id = this.make(name, merge);
      this.frameIds.set(
        frame.bornIds[i]!,
        id,
        merge,
        frame.bornStat[i]!,
        frame.bornTimer[i]!,
        frame.bornArgument[i]!,
      );
      from = end;
    }
  }

  private forget(frame: FlushFrame): void {
    for (const frameId of frame.deadIds) this.frameIds.forget(frameId);
  }

  private revive(frameId: number): number {
    const name = this.frameIds.deletedName(frameId);
    if (name === undefined) return NO_SERIES;
    const { merges, stats, timers, arguments: args } = this.frameIds;
    const merge = merges[frameId]!;
    let id = this.table.find(name);
    if (id < 0) id = this.isFull() ? NO_SERIES : this.make(name, merge);
    this.frameIds.set(frameId, id, merge, stats[frameId]!, timers[frameId]!, args[frameId]!);
    return id;
  }

  private applyPoint(
    known: number,
    name: string,
    time: number,
    value: number,
    now: number,
  ): 'stored' | 'tooOld' | 'inFuture' | 'overLimit' {
    const { table } = this;
    let id = known >= 0 ? known : table.find(name);
    if (id < 0 && this.isFull()) return 'overLimit';
    const kept = id < 0 ? this.rules.resolve(name) : table.ringsOf(id).rings;
    const archiveIndex = archiveForPoint(kept.archives, time, now);
    if (archiveIndex === TOO_OLD || time < 0 || time > SECONDS_MAX) return 'tooOld';
    if (archiveIndex === IN_FUTURE) return 'inFuture';
    if (id < 0) id = this.make(name, MERGE_POINT);
    const ringClass = table.ringsOf(id);
    const { rings } = ringClass;
    table.changedClasses.add(ringClass);
    const sid = table.columns.sidOf(id);
    const row = Math.floor(time / rings.archives[archiveIndex]!.step);
    if (!rings.writePoint(archiveIndex, row, sid, value)) return 'tooOld';
    this.progress.newest = Math.max(this.progress.newest, time);
    return 'stored';
  }

  private make(name: string, merge: number): number {
    return this.table.create(name, this.rules.resolve(name), merge, false);
  }

  private isFull(): boolean {
    if (this.table.count < this.maxSeries) return false;
    this.refusedSeries += 1;
    return true;
  }

  /** The slot writer of a class, which has begun the frame. */
  private slotFor(classId: number, frame: FlushFrame): SlotWriter {
    const ringClass = this.table.classes[classId]!;
    const slot = (this.slots[classId] ??= new SlotWriter(ringClass.rings));
    if (this.slotFrames[classId] !== this.frameCount) {
      this.slotFrames[classId] = this.frameCount;
      slot.begin(frame);
      this.table.changedClasses.add(ringClass);
    }
    return slot;
  }
}
