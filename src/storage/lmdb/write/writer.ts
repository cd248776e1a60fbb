/**
 * Applies batches, points and changes of names to the rings, in memory, and commits them: one LMDB
 * transaction takes rows, chunks, names and progress together. Runs in the store worker. When a
 * commit fails nothing is lost: the changes stay and the next commit takes them again.
 */
import { SECONDS_MAX } from '../../../lib/admitted.ts';
import assert from 'node:assert/strict';
import { addToSlot, mergeSlot } from '../../ring/values/slot-merge.ts';
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../../ring/ring.ts';
import type { RetentionRules } from '../../retention/rules.ts';
import { NO_SKETCHES } from '../../retention/sketch-rules.ts';
import type { ImportedArchive, SeriesInfo } from '../../roles.ts';
import {
  emptyReport,
  type FlushBatch,
  isFlush,
  type SampleBatch,
  type SampleReport,
} from '../../../wire/sample-batch.ts';
import { MERGE_POINT, MERGE_RATE, MERGE_SUM } from '../../../wire/merge.ts';
import type { Environment } from '../db/environment.ts';
import type { Fence } from './fence.ts';
import { ClockWatch } from './clock-watch.ts';
import { RefResolver } from './ref-resolver.ts';
import { NO_SERIES, type SeriesRefs } from './series-refs.ts';
import { NewestRowPoints } from './newest-row-points.ts';
import type { DictionaryRequest, NameChanges, SketchChanges } from './messages.ts';
import { type Progress, putProgress, readProgress } from '../db/meta.ts';
import { AHEAD_RECORDS, PointsAhead } from './points-ahead.ts';
import { type SeriesLimits, SeriesLimit } from './series-limit.ts';
import { type RingClass, SeriesTable } from './series-table.ts';
import { Copier } from '../migrate/copier.ts';
import { LatePoints } from './late-points.ts';
import { Retainer } from '../migrate/retainer.ts';
import { listRecords, RECORD_CODEC } from '../db/records.ts';
import { commitBatch } from '../db/write-batch.ts';
import { LastWrites } from './last-writes.ts';
import { SketchWriter } from './sketch-writer.ts';
import type { SlotWriter } from './slot-writer.ts';
import { SlotWriters } from './slot-writers.ts';
import { Sweeper } from '../migrate/sweeper.ts';

export class Writer {
  rules: RetentionRules;
  readonly table: SeriesTable;
  readonly sketches: SketchWriter;
  pointsStored = 0;
  readonly limit: SeriesLimit;
  /** Sentences for the log, taken away by whoever writes it. */
  readonly warnings: string[] = [];
  private readonly environment: Environment;
  /** Without one, nobody else may have the folder. */
  private readonly fence: Fence | undefined;
  private readonly resolver: RefResolver;
  private readonly clock = new ClockWatch();
  private readonly progress: Progress;
  /** Written along with the commit that is under way. */
  private durableFlush: number;
  private readonly slots: SlotWriters;
  private readonly lastWrites: LastWrites;
  private readonly late: LatePoints;
  private readonly headPoints: NewestRowPoints;
  private readonly retainer: Retainer;
  private readonly copier: Copier;
  private readonly sweeper: Sweeper;
  private readonly ahead: PointsAhead;
  /** Ready-made points may be so far ahead of the clock, or one step. */
  private readonly toleranceSeconds: number;
  private lateElsewhere = 0;
  /** What rates among the samples of a batch are taken over. */
  private addedMs = 0;
  private isEnding = false;
  private readonly changedRecords = new Map<string, string | undefined>();

  constructor(
    environment: Environment,
    rules: RetentionRules,
    limits: SeriesLimits & { futureToleranceMs?: number | undefined },
    sketches = NO_SKETCHES,
    fence?: Fence,
  ) {
    this.environment = environment;
    this.fence = fence;
    this.rules = rules;
    this.limit = new SeriesLimit(limits);
    this.progress = readProgress(environment);
    this.durableFlush = this.progress.lastFlush;
    const { newest } = this.progress;
    this.sketches = new SketchWriter(environment, sketches, limits.maxSeries, newest);
    this.slots = new SlotWriters((timer, start, length) =>
      this.sketches.slotSketch(timer, start, length),
    );
    this.sketches.admits = (name) => this.limit.admitsName(name);
    this.table = new SeriesTable(environment, newest, this.sketches, this.limit.prefixes);
    this.lastWrites = new LastWrites(environment);
    this.resolver = new RefResolver(this.table, this.sketches, this.limit, (name, merge) =>
      this.make(name, merge),
    );
    this.late = new LatePoints(this.table);
    this.headPoints = new NewestRowPoints(this.table, this.lastWrites, this.progress);
    const lastWriteOf = (id: number): number => this.lastWrites.get(id);
    this.retainer = new Retainer(this.table, this.progress, {
      slotOf: (classId) => this.slots.of(this.table.classes[classId]!),
      lastWriteOf,
    });
    const parts = { retainer: this.retainer, late: this.late, lastWriteOf };
    this.copier = new Copier(environment, this.table, this.progress, parts);
    this.sweeper = new Sweeper(environment, this.table);
    this.toleranceSeconds = (limits.futureToleranceMs ?? 0) / 1000;
    const kept = listRecords(environment, AHEAD_RECORDS);
    this.ahead = new PointsAhead(kept, (key, text) => this.putRecord(key, text));
  }

  /** Epoch seconds of the newest flush that a commit has taken. */
  get lastDurableFlush(): number {
    return this.durableFlush;
  }

  get lateMerged(): number {
    return this.slots.lateMerged + this.lateElsewhere;
  }

  get corruptRecords(): number {
    const { classes, corruptRecords } = this.table;
    const inSeries = classes.reduce((sum, { rings }) => sum + rings.corruptRecords, corruptRecords);
    return inSeries + this.sketches.corruptRecords;
  }

  /** `now` in epoch seconds. */
  apply(batch: SampleBatch, now: number): SampleReport {
    this.ahead.take(now, (id, time, value) => {
      if (this.table.columns.has(id)) this.putPoint(id, time, value, now, MERGE_POINT);
    });
    const report = isFlush(batch) ? this.applyFlush(batch) : this.applySamples(batch, now);
    this.pointsStored += report.stored;
    return report;
  }

  /** What a batch declared whose values are given up. */
  applyDictionary({ producer, series, isFlush: ofFlush }: DictionaryRequest): void {
    this.resolver.forget(this.resolver.learn(producer, series, ofFlush), series);
  }

  private applyFlush(batch: FlushBatch): SampleReport {
    const { values, times: time } = batch;
    const warning = this.clock.note(time, batch.intervalMs);
    if (warning !== undefined) this.warnings.push(warning);
    this.table.now = time;
    const refs = this.resolver.learn(batch.producer, batch.series, true);
    // Before the values: statistics of coarser archives are computed from them.
    this.sketches.apply(batch);
    const { columns } = this.table;
    const { lastWrites } = this;
    const { repeated } = batch;
    // Late, or the clock was set back: maybe behind a change of retention.
    const isBehind = time < this.progress.newest;
    this.slots.nextFlush();
    let slot: SlotWriter | undefined;
    let slotClass = -1;
    let countsRepeats = false;
    const report = emptyReport();
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value - value !== 0) {
        report.notFinite += 1;
        continue;
      }
      const ref = batch.refs[i]!;
      let id = refs.series[ref] ?? NO_SERIES;
      const isRepeat = repeated !== undefined && repeated[i] === 1;
      if (id === NO_SERIES) {
        // What nobody sends any more does not bring back what was deleted.
        if (isRepeat && refs.isGone(ref)) continue;
        id = this.resolver.revive(refs, ref);
        if (id === NO_SERIES) {
          report.overLimit += 1;
          continue;
        }
      }
      const classId = columns.classOf(id);
      if (slot === undefined || classId !== slotClass) {
        slotClass = classId;
        slot = this.slotFor(classId, batch);
        // Where imported points lie, the last write is the newest point.
        countsRepeats = this.table.ringsOf(id).imported;
      }
      if (
        !isBehind ||
        !columns.hasPrevious(id) ||
        !this.addBehind(id, batch, refs.merges[ref]!, value)
      ) {
        slot.add(columns.columnOf(id), ref, refs, value);
      }
      if (!isRepeat || countsRepeats || lastWrites.get(id) === 0) lastWrites.note(id, time);
      report.stored += 1;
    }
    this.resolver.forget(refs, batch.series);
    this.progress.lastFlush = time; // the newest to come, whatever the clock says
    this.progress.newest = Math.max(this.progress.newest, time);
    return report;
  }

  /** Samples with times of their own. */
  private applySamples(batch: SampleBatch, now: number): SampleReport {
    const report: SampleReport = emptyReport();
    const { values, times } = batch;
    this.table.now = now;
    const refs = this.resolver.learn(batch.producer, batch.series, false);
    this.addedMs = batch.intervalMs;
    const { headPoints } = this;
    headPoints.begin(now);
    const overwrites = batch.how === 'overwrite';
    for (let i = 0; i < values.length; i++) {
      const ref = batch.refs[i]!;
      const value = values[i]!;
      const known = refs.series[ref] ?? NO_SERIES;
      const time = Math.trunc(typeof times === 'number' ? times : times[i]!);
      if (!Number.isFinite(value) || !Number.isFinite(time)) report.notFinite += 1;
      else if (overwrites && known !== NO_SERIES && headPoints.put(known, time, value)) {
        report.stored += 1;
      } else {
        headPoints.forget();
        const merge = overwrites ? MERGE_POINT : refs.merges[ref]!;
        const became = this.applySample(refs, ref, time, value, now, merge);
        report[became] += 1;
        if (became === 'tooOld') report.lastTooOld = i;
        if (became === 'inFuture') report.lastInFuture = i;
      }
    }
    this.resolver.forget(refs, batch.series);
    return report;
  }

  importSeries(info: SeriesInfo, archives: ImportedArchive[]): void {
    const { name } = info;
    let id = this.table.find(name);
    if (id < 0) {
      if (!this.limit.admitImport(name, this.table.count, this.table.now)) return;
      id = this.table.create(name, info, MERGE_POINT, { imported: archives });
      this.lastWrites.reset(id);
    }
    const ringClass = this.table.ringsOf(id);
    this.table.changedClasses.add(ringClass);
    const column = this.table.columns.columnOf(id);
    for (const { step, times, values } of archives) {
      const index = ringClass.rings.archives.findIndex((archive) => archive.step === step);
      if (index < 0) continue;
      for (let i = 0; i < times.length; i++) {
        const value = values[i]!;
        const row = Math.floor(times[i]! / step);
        if (Number.isNaN(value) || row < 0) continue;
        ringClass.rings.put(index, row, column, value);
        this.lastWrites.note(id, Math.min(times[i]!, SECONDS_MAX));
      }
    }
  }

  /** Makes a series without data; false when there is one, or the limit is reached. */
  register(name: string): boolean {
    return this.table.find(name) < 0 && this.admit(name) && this.make(name, MERGE_POINT) >= 0;
  }

  /** Forgets series; a StatsD metric that goes on comes back with its next value. */
  remove(names: readonly string[]): number {
    const removed = new Map<number, string>();
    for (const name of names) {
      const id = this.table.remove(name, this.progress.newest);
      if (id < 0) continue;
      removed.set(id, name);
      this.lastWrites.reset(id);
    }
    this.resolver.unlink(removed);
    this.ahead.forget(removed);
    this.sketches.forgetSeries(removed.keys());
    return removed.size;
  }

  /** Keeps series by new rules; the number changed. `clean`: their history is copied next. */
  retain(changes: readonly SeriesInfo[], clean: boolean): number {
    return this.retainer.retain(changes, clean);
  }

  /** Copies a part of the history of series; how many still have previous retentions. */
  copyPart(names: readonly string[]): number {
    return this.copier.step(names);
  }

  /**
   * Forgets what has aged out of these series, removes some records of classes that are empty; how
   * many of these.
   */
  sweep(names: readonly string[]): number {
    this.sweeper.release();
    this.sweeper.expire(names, this.progress.newest, (id) => this.lastWrites.get(id));
    return this.sweeper.collect();
  }

  /** The next commit is the last. */
  end(): void {
    this.isEnding = true;
  }

  /** Renames series; a StatsD metric of the old name comes back with its next value. */
  rename(pairs: readonly { from: string; to: string }[]): number {
    const renamed = new Map<number, string>();
    for (const { from, to } of pairs) {
      const id = this.table.rename(from, to);
      if (id >= 0) renamed.set(id, from);
      if (this.sketches.unlink(id)) this.table.relink(id);
    }
    this.resolver.unlink(renamed);
    return renamed.size;
  }

  putRecord(key: string, text: string | undefined): void {
    this.changedRecords.set(key, text);
  }

  /** One transaction with all changes; throws when the disk refuses, the changes stay then. */
  commit(): NameChanges | undefined {
    const { environment, table } = this;
    for (const { rings } of table.classes) rings.propagate();
    this.late.follow(this.progress.newest);
    this.ahead.record();
    return commitBatch(environment, (batch) => {
      this.fence?.renew(batch);
      this.sweeper.addTo(batch);
      const names = table.addTo(batch);
      const sketched = this.sketches.addTo(batch);
      batch.putChanges(environment.records, RECORD_CODEC, this.changedRecords);
      this.lastWrites.addTo(batch, this.progress.newest, this.isEnding);
      putProgress(batch, environment, this.progress);
      batch.onCommitted(() => (this.durableFlush = this.progress.lastFlush));
      return joinChanges(names, sketched);
    });
  }

  private applySample(
    refs: SeriesRefs,
    ref: number,
    time: number,
    value: number,
    now: number,
    merge: number,
  ): 'stored' | 'tooOld' | 'inFuture' | 'overLimit' {
    const { table } = this;
    const known = refs.series[ref] ?? NO_SERIES;
    const name = known === NO_SERIES ? refs.nameOf(ref) : '';
    assert(name !== undefined, `ref ${ref} was not declared`);
    let id = known === NO_SERIES ? table.find(name) : known;
    if (id < 0 && !this.admit(name)) return 'overLimit';
    const kept = id < 0 ? this.rules.resolve(name) : table.ringsOf(id).rings;
    const archiveIndex = archiveForPoint(kept.archives, time, now);
    if (time > SECONDS_MAX) return 'inFuture';
    if (archiveIndex === TOO_OLD || time < 0) return 'tooOld';
    const isAhead = archiveIndex === IN_FUTURE;
    if (isAhead && !this.mayHold(time, now, merge)) return 'inFuture';
    if (id < 0) id = this.make(name, MERGE_POINT, time);
    if (known === NO_SERIES) refs.link(ref, id);
    this.lastWrites.note(id, Math.min(Math.max(0, now), SECONDS_MAX));
    if (!isAhead) return this.putPoint(id, time, value, now, merge);
    this.ahead.hold(id, time, value, time - kept.archives[0]!.step);
    return 'stored';
  }

  /** Whether a point that is more than a step ahead waits for its time. */
  private mayHold(time: number, now: number, merge: number): boolean {
    return merge === MERGE_POINT && time - now <= this.toleranceSeconds && this.ahead.hasRoom;
  }

  /** Puts a point whose time is neither in the future nor out of reach into the rings. */
  private putPoint(
    id: number,
    time: number,
    value: number,
    now: number,
    merge: number,
  ): 'stored' | 'tooOld' {
    const { table } = this;
    if (table.columns.hasPrevious(id)) return this.applyBehind(id, time, value, now, merge);
    const ringClass = table.ringsOf(id);
    const { rings } = ringClass;
    table.changedClasses.add(ringClass);
    rings.rewind(Math.floor(now / rings.archives[0]!.step));
    const column = table.columns.columnOf(id);
    const archiveIndex = archiveForPoint(rings.archives, time, now);
    if (archiveIndex < 0) return 'tooOld';
    const { step } = rings.archives[archiveIndex]!;
    const row = Math.floor(time / step);
    // Of a time when the column was another's: it would not be seen.
    if (row < Math.floor(rings.members.since(column) / step)) return 'tooOld';
    const joined = this.added(ringClass, archiveIndex, row, column, value, merge);
    if (!rings.writePoint(archiveIndex, row, column, joined)) return 'tooOld';
    this.progress.newest = Math.max(this.progress.newest, time);
    return 'stored';
  }

  /** A point with what its slot has, where it is one to be added. */
  private added(
    { classId, rings }: RingClass,
    archiveIndex: number,
    row: number,
    column: number,
    value: number,
    merge: number,
  ): number {
    if (merge !== MERGE_SUM && merge !== MERGE_RATE) return value;
    if (archiveIndex > 0) rings.propagate();
    const isNewest = archiveIndex === 0 && row === rings.newestRow;
    // A slot that goes on to be filled has a rate of the traffic so far.
    const trafficMs = isNewest ? this.slots.trafficOf(classId, row, column) : 0;
    const stepMs = rings.archives[archiveIndex]!.step * 1000;
    const slotMs = trafficMs > 0 ? trafficMs : Math.max(stepMs, this.addedMs);
    const before = rings.valueAt(archiveIndex, row, column);
    return addToSlot(merge, before, value, this.addedMs, slotMs);
  }

  /** As applySample, for a series that had another retention before. */
  private applyBehind(
    id: number,
    time: number,
    value: number,
    now: number,
    merge: number,
  ): 'stored' | 'tooOld' {
    const target = this.late.locate(id, time, now);
    if (target === undefined) return 'tooOld';
    const { ringClass, column, archiveIndex, row } = target;
    this.table.changedClasses.add(ringClass);
    const joined = this.added(ringClass, archiveIndex, row, column, value, merge);
    if (!ringClass.rings.writePoint(archiveIndex, row, column, joined)) return 'tooOld';
    this.late.written(id, time, target);
    this.progress.newest = Math.max(this.progress.newest, time);
    return 'stored';
  }

  /** A late value of a flush, where a previous retention has the truth about its time. */
  private addBehind(id: number, batch: FlushBatch, merge: number, value: number): boolean {
    const { times: time, intervalMs } = batch;
    const target = this.late.locate(id, time, time);
    if (target === undefined || target.partIndex === 0) return false;
    const { ringClass, column, archiveIndex, row } = target;
    const { rings } = ringClass;
    const before = rings.valueAt(archiveIndex, row, column);
    if (before === before) this.lateElsewhere += 1;
    const merged = mergeSlot(merge, before, intervalMs, value, intervalMs);
    this.table.changedClasses.add(ringClass);
    if (rings.writePoint(archiveIndex, row, column, merged)) this.late.written(id, time, target);
    return true;
  }

  private make(name: string, merge: number, from = Infinity): number {
    const id = this.table.create(name, this.rules.resolve(name), merge, { from });
    this.lastWrites.reset(id);
    return id;
  }

  /** Whether a series of this name may be made; a no is counted. */
  private admit(name: string): boolean {
    return this.limit.admit(name, this.table.count, this.table.now);
  }

  /** The slot writer of a class, which has begun the batch. */
  private slotFor(classId: number, batch: FlushBatch): SlotWriter {
    const ringClass = this.table.classes[classId]!;
    const slot = this.slots.of(ringClass);
    if (this.slots.begin(ringClass, slot, batch)) this.table.changedClasses.add(ringClass);
    return slot;
  }
}

function joinChanges(
  names: NameChanges | undefined,
  sketched: SketchChanges | undefined,
): NameChanges | undefined {
  if (sketched === undefined) return names;
  const none = { gone: [], names: [], packed: new Float64Array(0), classes: [] };
  return { ...(names ?? none), sketched };
}
