/**
 * The main thread's side of the data: names in memory, points straight from LMDB. Every group of
 * series is read in one snapshot, and between groups other work gets its turn.
 */
import { groupBy } from '../../../lib/group-by.ts';
import { atOnce, type InSteps } from '../../../lib/in-steps.ts';
import { slices } from '../../../lib/slices.ts';
import { yieldInOrder } from '../../../lib/yield-in-order.ts';
import { Catalogue } from '../../index/catalogue.ts';
import { NameAnswers } from '../../index/name-answers.ts';
import type { SketchedNames } from '../../index/sketched-names.ts';
import { type RingSeries, readColumns, ringSeries } from '../../ring/values/columns.ts';
import { newestOfHistory } from '../../ring/values/newest.ts';
import { firstOwnRow, readHistory } from '../../ring/retention-history.ts';
import { RecordSource } from '../../ring/values/record-source.ts';
import { RowTails } from '../../ring/values/row-tails.ts';
import { type RowSpan, type Window, fetchWindow } from '../../ring/ring.ts';
import { methodOfCode } from '../../ring/rollup/rollup.ts';
import type { Archive } from '../../retention/archives.ts';
import type { Fetched, SeriesInfo } from '../../roles.ts';
import { MERGE_LAST } from '../../../wire/merge.ts';
import { historyOf, groupByHistory, retentionsOf } from '../migrate/history-groups.ts';
import { ClassReads } from '../db/class-reads.ts';
import { SERIES_CLASSES, type SeriesClassRecord, readClasses } from '../db/class-record.ts';
import type { Environment } from '../db/environment.ts';
import type { NameChanges } from '../write/messages.ts';
import { LAST_WRITE_BLOCK, decodeLastWrites } from '../db/last-write.ts';
import { readProgress } from '../db/meta.ts';
import { ringReader, valueDatabases } from '../db/ring-records.ts';
import { SeriesColumns, unpackSeries } from '../db/series-columns.ts';
import { decodeSeries } from '../db/series-names.ts';
import { uint32Key } from '../db/record-bytes.ts';
import { agedOutRetentions } from '../migrate/sweeper.ts';
import { positionsByClass } from './by-class.ts';
import { NAMES_AT_ONCE, SketchReader } from './sketch-reader.ts';

/** Values read between two turns of the event loop: some 10 ms. */
const GROUP_VALUES = 200_000;
/** Fewer would read the blocks that neighbours share again and again. */
const GROUP_SERIES_MIN = 32;
/** Rows kept in memory for the next reads: those of 66,000 series. */
const TAIL_BYTES_MAX = 64 * 2 ** 20;
/** Requests for more series pay for a row's record once anyway, and would drive others out. */
const TAIL_SERIES_MAX = 64;

export class Reader extends NameAnswers {
  readonly catalogue = new Catalogue();
  readonly sketches: SketchReader;
  corruptRecords = 0;
  protected readonly environment: Environment;
  private readonly columns = new SeriesColumns();
  private readonly archives = new Map<number, Archive[]>();
  private readonly classes: ClassReads<SeriesClassRecord>;
  private readonly tails = new RowTails(TAIL_BYTES_MAX);
  /** The block of last writes that was asked for last; -1 when it may have changed. */
  private lastWriteBlock = -1;
  private lastWrites: Uint32Array | undefined;

  /** Reads all names. */
  constructor(environment: Environment, averagedTimers: boolean) {
    super();
    this.environment = environment;
    this.classes = new ClassReads(environment, SERIES_CLASSES);
    this.sketches = new SketchReader(environment, averagedTimers);
    for (const [classId, meta] of readClasses(environment, SERIES_CLASSES)) {
      this.archives.set(classId, meta.archives);
    }
    const { entryCount } = environment.names.getStats() as { entryCount: number };
    this.catalogue.reserve(entryCount);
    for (const { key, value } of environment.names.getRange()) {
      const found = decodeSeries(key, value);
      if (found === undefined) continue; // the writer counts it
      this.columns.set(found.series);
      this.catalogue.insert(found.name, found.series.id);
    }
  }

  protected get sketchedNames(): SketchedNames {
    return this.sketches.names;
  }

  /** A commit has changed what was read. */
  forgetRead(): void {
    this.lastWriteBlock = -1;
  }

  /** Takes over what a commit changed about names; `now` is the time of the newest flush. */
  apply(changes: NameChanges, now = 0): void {
    atOnce(this.applying(changes, now));
  }

  /** As `apply`, in steps: a reader meanwhile finds some of the new names. */
  *applying({ gone, names, packed, classes, sketched }: NameChanges, now: number): InSteps<void> {
    if (sketched !== undefined) yield* this.sketches.applying(sketched);
    for (const { classId, archives } of classes) this.archives.set(classId, archives);
    for (const part of slices(gone, NAMES_AT_ONCE)) {
      for (const name of part) this.forget(name);
      yield NAMES_AT_ONCE;
    }
    let next = 0;
    // Ids that names had go to others in the same commit.
    for (const { id } of unpackSeries(packed)) {
      const name = names[next++]!; // one a name
      const known = this.catalogue.get(name);
      if (known < 0) this.catalogue.noteNew(name, now);
      else if (known !== id) this.forget(name);
      if (next % NAMES_AT_ONCE === 0) yield NAMES_AT_ONCE;
    }
    next = 0;
    for (const series of unpackSeries(packed)) {
      const name = names[next++]!; // one a name
      this.columns.set(series);
      if (this.catalogue.get(name) < 0) this.catalogue.insert(name, series.id);
      if (next % NAMES_AT_ONCE === 0) yield NAMES_AT_ONCE;
    }
  }

  /** False when the canonical name is not known. */
  forget(name: string): boolean {
    const id = this.catalogue.remove(name);
    if (id >= 0) this.columns.remove(id);
    return id >= 0;
  }

  info(id: number): SeriesInfo | undefined {
    const name = this.catalogue.nameOf(id);
    if (name === undefined) return undefined;
    const { classId, method, xFilesFactor } = this.columns.get(id);
    const archives = this.archives.get(classId)!; // known before its series
    const { averagedTimers } = this.sketches;
    const timer = averagedTimers ? undefined : this.sketches.timerOf(id);
    return {
      name,
      archives,
      aggregationMethod: methodOfCode(method),
      xFilesFactor,
      ...(timer === undefined ? {} : { timer }),
    };
  }

  /** Epoch seconds of the newest point of each archive, 0 where there is none. */
  newestTimes(id: number): number[] {
    if (!this.columns.has(id)) return [];
    this.environment.root.resetReadTxn();
    const retentions = retentionsOf(this.columns, id);
    const history = historyOf(this.columns, [id], (classId) => this.sourceOf(classId));
    return newestOfHistory(history, (partIndex) => {
      const { classId } = retentions[partIndex]!;
      return ringReader(valueDatabases(this.environment), classId, this.archivesOf(classId));
    });
  }

  /** Epoch seconds, to within ten minutes, at which a value last came; 0 where unknown. */
  lastWrite(id: number): number {
    if (!this.columns.has(id)) return 0;
    const block = Math.floor(id / LAST_WRITE_BLOCK);
    if (block !== this.lastWriteBlock) {
      this.environment.root.resetReadTxn();
      const key = uint32Key(block);
      const record = this.environment.lastWrites.getBinaryFast(key);
      this.lastWrites = record === undefined ? undefined : decodeLastWrites(key, record);
      this.lastWriteBlock = block;
    }
    return this.lastWrites?.[id % LAST_WRITE_BLOCK] ?? 0;
  }

  /** Previous retentions of a series. */
  previousCount(name: string): number {
    return this.columns.previousOf(this.catalogue.get(name)).length;
  }

  /** Whether there are records of a class that no series is in. */
  hasEmptyClass(): boolean {
    const used = new Set<number>();
    for (let id = 0; id < this.columns.end; id++) {
      if (!this.columns.has(id)) continue;
      used.add(this.columns.classOf(id));
      for (const { classId } of this.columns.previousOf(id)) used.add(classId);
    }
    this.environment.root.resetReadTxn();
    return [...this.archives.keys()].some((classId) => {
      return !used.has(classId) && (this.classes.get(classId)?.columnCount ?? 0) > 0;
    });
  }

  /** Names of series that have something to forget at `newest`, the time of the newest point. */
  *agedOut(newest: number): Generator<string> {
    for (let id = 0; id < this.columns.end; id++) {
      if (!this.columns.hasPrevious(id)) continue;
      const retentions = agedOutRetentions(this.columns, id, (one) => this.archivesOf(one), newest);
      const name = this.catalogue.nameOf(id);
      if (retentions.length > 0 && name !== undefined) yield name;
    }
  }

  async fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    const answers: (Fetched | undefined)[] = Array.from({ length: ids.length });
    for (const [classId, positions] of this.byClass(ids)) {
      const window = fetchWindow(this.archivesOf(classId), from, until, now);
      if (window === undefined) continue;
      const byReach = groupBy(positions, (position) => this.reachesBack(ids[position]!, window));
      const changed = byReach.get(true);
      if (changed !== undefined) {
        await this.fetchHistories(classId, window, now, ids, changed, answers);
      }
      const tails = ids.length <= TAIL_SERIES_MAX ? { kept: this.tails, classId } : undefined;
      const size = Math.max(GROUP_SERIES_MIN, Math.floor(GROUP_VALUES / window.count));
      let read = 0;
      for (const group of slices(byReach.get(false) ?? [], size)) {
        if (read++ > 0) await yieldInOrder();
        // Deleted or moved while others were read: their column is another one's, they get no answer.
        const known = group.filter((position) => this.columns.isOf(ids[position]!, classId));
        const matrix = this.read(classId, this.seriesOf(ids, known), window, tails);
        known.forEach((position, i) => void (answers[position] = cutFetched(matrix, i, window)));
      }
    }
    return answers;
  }

  /** Values of gauges in the newest durable flush. */
  async lastGauges(): Promise<{ names: string[]; values: Float64Array }> {
    const { lastFlush } = readProgress(this.environment);
    const gauges: number[] = [];
    for (let id = 0; id < this.columns.end; id++) {
      if (this.columns.has(id) && this.columns.mergeOf(id) === MERGE_LAST) gauges.push(id);
    }
    const names: string[] = [];
    const values: number[] = [];
    for (const [classId, positions] of this.byClass(gauges)) {
      const { step } = this.archives.get(classId)![0]!; // never empty
      const series = this.seriesOf(gauges, positions);
      const firstRow = Math.floor(lastFlush / step);
      const found = this.read(classId, series, { archiveIndex: 0, firstRow, count: 1 });
      positions.forEach((position, i) => {
        const id = gauges[position]!;
        const value = found[i] === found[i] ? found[i]! : this.gaugeBefore(id, lastFlush);
        if (value !== value) return;
        names.push(this.catalogue.nameOf(gauges[position]!)!);
        values.push(value);
      });
    }
    return { names, values: Float64Array.from(values) };
  }

  /** Where the retention changed after the flush, the value may be in the retention before. */
  private gaugeBefore(id: number, lastFlush: number): number {
    const [before] = this.columns.previousOf(id);
    if (before === undefined || before.until < lastFlush) return NaN;
    this.environment.root.resetReadTxn();
    const history = historyOf(this.columns, [id], (classId) => this.sourceOf(classId));
    const { step } = history.parts[1]!.source.archives[0]!; // of the retention before
    const rows = { firstRow: Math.floor(lastFlush / step), count: 1, now: lastFlush };
    return readHistory(history, 1, 0, rows)[0]!;
  }

  /** Whether a part of the window is of a previous retention. */
  private reachesBack(id: number, { archiveIndex, firstRow }: Window): boolean {
    if (!this.columns.hasPrevious(id)) return false;
    const { until } = this.columns.previousOf(id)[0]!; // it has one
    const archives = this.archivesOf(this.columns.classOf(id));
    return firstRow < firstOwnRow(archives, archiveIndex, until);
  }

  private async fetchHistories(
    classId: number,
    window: Window,
    now: number,
    ids: readonly number[],
    positions: readonly number[],
    answers: (Fetched | undefined)[],
  ): Promise<void> {
    const positionOf = groupBy(positions, (position) => ids[position]!);
    const size = Math.max(GROUP_SERIES_MIN, Math.floor(GROUP_VALUES / window.count));
    for (const group of groupByHistory(this.columns, [...positionOf.keys()])) {
      for (const some of slices(group, size)) {
        await yieldInOrder();
        const isLeft = (id: number): boolean =>
          this.columns.isOf(id, classId) && this.columns.hasPrevious(id);
        for (const same of groupByHistory(this.columns, some.filter(isLeft))) {
          const matrix = this.readHistories(same, window, now);
          same.forEach((id, i) => {
            for (const position of positionOf.get(id)!) {
              answers[position] = cutFetched(matrix, i, window);
            }
          });
        }
      }
    }
  }

  /** Series of one history, in a snapshot taken now. */
  private readHistories(ids: readonly number[], window: Window, now: number): Float64Array {
    const { root } = this.environment;
    root.resetReadTxn();
    const sources = new Map<number, RecordSource>();
    const history = historyOf(this.columns, ids, (classId) => {
      const source = sources.get(classId) ?? this.sourceOf(classId);
      source.timerRollup = this.sketches.rollup();
      sources.set(classId, source);
      return source;
    });
    for (const { series, order } of history.parts) {
      series.timers = this.sketches.timersOf(Array.from(order, (i) => ids[i]!));
    }
    const { firstRow, count } = window;
    const matrix = readHistory(history, 0, window.archiveIndex, { firstRow, count, now });
    root.resetReadTxn();
    for (const { corruptRecords } of sources.values()) this.corruptRecords += corruptRecords;
    return matrix;
  }

  /** In the snapshot of the moment. */
  private sourceOf(classId: number): RecordSource {
    const { environment } = this;
    const archives = this.archivesOf(classId);
    const states = this.classes.get(classId)?.states ?? [];
    return new RecordSource(
      archives,
      states,
      ringReader(valueDatabases(environment), classId, archives),
    );
  }

  private archivesOf(classId: number): Archive[] {
    return this.archives.get(classId)!; // known before its series
  }

  /** Series by series, in a snapshot taken now. */
  private read(
    classId: number,
    series: RingSeries,
    rows: RowSpan,
    tails?: RecordSource['tails'],
  ): Float64Array {
    const { root } = this.environment;
    root.resetReadTxn();
    const source = this.sourceOf(classId);
    source.timerRollup = this.sketches.rollup();
    source.tails = tails;
    const matrix = readColumns(source, series, rows);
    // A snapshot kept any longer would keep the writer from using its pages again.
    root.resetReadTxn();
    this.corruptRecords += source.corruptRecords;
    return matrix;
  }

  private byClass(ids: readonly number[]): Map<number, number[]> {
    const { columns } = this;
    return positionsByClass(
      ids,
      (id) => (columns.has(id) ? columns.classOf(id) : undefined),
      (id) => columns.columnOf(id),
    );
  }

  private seriesOf(ids: readonly number[], positions: readonly number[]): RingSeries {
    const some = positions.map((position) => ids[position]!);
    const timers = this.sketches.timersOf(some);
    return { ...ringSeries(some.map((id) => this.columns.get(id))), timers };
  }
}

/** One series of a matrix. */
function cutFetched(matrix: Float64Array, index: number, window: Window): Fetched {
  const { archiveIndex, step, firstRow, count } = window;
  const values = matrix.subarray(index * count, (index + 1) * count);
  const start = firstRow * step;
  return { start, end: start + count * step, step, values, archiveIndex };
}
