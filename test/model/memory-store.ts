/**
 * A store in plain Maps, for tests and for comparison: the same answers as the embedded store, none
 * of its durability. Everything is "durable" at once and nothing is ever overwritten by age.
 */
import type { InSteps } from '../../src/lib/in-steps.ts';
import { UserError } from '../../src/lib/errors.ts';
import { canonicalName, lookupName, nameFault, requireName } from '../../src/wire/series-name.ts';
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../../src/storage/ring/ring.ts';
import { SlotSketches } from '../../src/storage/ring/sketches/slot-sketches.ts';
import { addToSlot, mergeSlot } from '../../src/storage/ring/values/slot-merge.ts';
import { Catalogue } from '../../src/storage/index/catalogue.ts';
import { NameAnswers } from '../../src/storage/index/name-answers.ts';
import type { SketchedNames } from '../../src/storage/index/sketched-names.ts';
import type { RetentionRules } from '../../src/storage/retention/rules.ts';
import { DEFAULT_SKETCHES, type SketchSettings } from '../../src/storage/retention/sketch-rules.ts';
import type {
  Fetched,
  FetchedSketches,
  FindOptions,
  ImportedArchive,
  SeriesInfo,
  SketchedRef,
  Store,
  StoreHealth,
  StoreView,
  TagExpression,
} from '../../src/storage/roles.ts';
import {
  emptyReport,
  type FlushBatch,
  isFlush,
  newestTime,
  type SampleBatch,
  type SampleReport,
} from '../../src/wire/sample-batch.ts';
import { eachText } from '../../src/wire/packed-strings.ts';
import { MERGE_LAST, MERGE_POINT, MERGE_SKETCH } from '../../src/wire/merge.ts';
import { NO_TIMER, STAT_DISTINCT } from '../../src/wire/statistics.ts';
import { Untagged } from '../../src/storage/index/untagged.ts';
import { viewStore } from '../../src/storage/store-view.ts';
import { MemorySeries } from './memory-series.ts';
import { MemorySketches } from './memory-sketches.ts';

interface Member {
  series: MemorySeries;
  merge: number;
  /** Milliseconds of traffic in the slot that was written last. */
  slotRow: number;
  slotMs: number;
  /** Epoch seconds at which a value last came. */
  seen: number;
  /** The sketched timer that the series is a statistic of. */
  timer?: { id: number; stat: number; argument: number };
}

/** What a dictionary said of a ref. */
interface DeclaredSeries {
  name: string;
  merge: number;
  stat: number;
  argument: number;
  timer: number;
}

export class MemoryStore extends NameAnswers implements Store {
  private rules: RetentionRules;
  private readonly maxSeries: number;
  protected readonly catalogue = new Catalogue();
  private readonly members: (Member | undefined)[] = [];
  private readonly freeIds: number[] = [];
  /** By producer and ref. */
  private readonly declared = new Map<number, Map<number, DeclaredSeries>>();
  /** Sketches and traffic of slots longer than the flush interval, by step. */
  private readonly sketches = new Map<
    number,
    { sketches: SlotSketches; row: number; ms: number }
  >();
  private readonly kept: MemorySketches;
  private readonly records = new Map<string, string>();
  private readonly untagged = new Untagged(this, this.catalogue);
  private lastFlush = 0;
  /** Newest time of any point. */
  private newest = 0;
  /** Time of the newest flush, also of the one that is being applied. */
  private head = 0;
  private writes = 0;
  private refused = new Set<string>();
  private pointsStored = 0;
  private lateMerged = 0;
  private closed = false;
  retained = 0;

  constructor(
    rules: RetentionRules,
    options: { maxSeries?: number; sketches?: SketchSettings } = {},
  ) {
    super();
    this.rules = rules;
    this.kept = new MemorySketches(options.sketches ?? DEFAULT_SKETCHES);
    this.maxSeries = options.maxSeries ?? Infinity;
  }

  protected get sketchedNames(): SketchedNames {
    return this.kept.names;
  }

  /** Rules for series that are new from now on. */
  setRules(rules: RetentionRules, sketches = this.kept.settings): void {
    this.rules = rules;
    this.kept.settings = sketches;
  }

  /** Makes series without datapoints. */
  declare(names: Iterable<string>): void {
    for (const name of names) this.memberOf(requireName(name), MERGE_POINT);
  }

  async append(batch: SampleBatch, now = newestTime(batch)): Promise<SampleReport> {
    this.writes += 1;
    const declared = this.learn(batch);
    const report = isFlush(batch)
      ? this.applyFlush(batch, declared)
      : this.applySamples(batch, declared, now);
    for (const ref of batch.series.retired) declared.delete(ref);
    return report;
  }

  private applyFlush(
    batch: FlushBatch,
    declared: ReadonlyMap<number, DeclaredSeries>,
  ): SampleReport {
    const { refs, values, times: time } = batch;
    const report = emptyReport();
    this.head = Math.max(this.head, time);
    this.newest = Math.max(this.newest, time);
    this.kept.learn(batch.series);
    this.kept.apply(batch);
    for (const ref of batch.series.refs) {
      const { name, merge } = declared.get(ref)!; // it was learned
      const member = this.memberOf(name, merge);
      if (member !== undefined) member.merge = merge;
    }
    const touched = new Set<SlotSketches>();
    for (let i = 0; i < refs.length; i++) {
      const value = values[i]!;
      const known = declared.get(refs[i]!);
      if (!Number.isFinite(value)) report.notFinite += 1;
      const member =
        known === undefined || !Number.isFinite(value)
          ? undefined
          : this.memberOf(known.name, known.merge);
      if (member === undefined) continue;
      this.applyValue(batch, member, known!, value, touched); // else there is no member
      report.stored += 1;
    }
    this.lastFlush = time; // the newest to come, whatever the clock says
    return report;
  }

  private applySamples(
    batch: SampleBatch,
    declared: ReadonlyMap<number, DeclaredSeries>,
    now: number,
  ): SampleReport {
    const report: SampleReport = emptyReport();
    const { refs, values, times } = batch;
    refs.forEach((ref, i) => {
      const value = values[i]!;
      const time = Math.trunc(typeof times === 'number' ? times : times[i]!);
      if (!Number.isFinite(value) || !Number.isFinite(time)) {
        report.notFinite += 1;
        return;
      }
      const { name, merge } = declared.get(ref)!; // its batch brought it, or one before
      const known = this.catalogue.get(name);
      const info = known < 0 ? this.rules.resolve(name) : this.members[known]!.series.info;
      const archiveIndex = archiveForPoint(info.archives, time, now);
      if (archiveIndex === TOO_OLD) {
        report.tooOld += 1;
        report.lastTooOld = i;
      } else if (archiveIndex === IN_FUTURE) {
        report.inFuture += 1;
        report.lastInFuture = i;
      } else {
        const member = this.memberOf(name, MERGE_POINT);
        const how = batch.how === 'overwrite' ? MERGE_POINT : merge;
        if (member === undefined) report.overLimit += 1;
        else if (!this.writePoint(member, batch.intervalMs, value, time, now, how)) {
          report.tooOld += 1;
        } else {
          this.newest = Math.max(this.newest, time);
          member.seen = Math.max(member.seen, now);
          report.stored += 1;
        }
      }
    });
    this.pointsStored += report.stored;
    return report;
  }

  private writePoint(
    { series, slotRow, slotMs }: Member,
    intervalMs: number,
    value: number,
    time: number,
    now: number,
    merge: number,
  ): boolean {
    return series.writeLate(time, now, (before, archiveIndex, step) => {
      const isHead = archiveIndex === 0 && Math.floor(time / step) === slotRow;
      const slotMsOrStep = isHead ? slotMs : Math.max(step * 1000, intervalMs);
      return addToSlot(merge, before, value, intervalMs, slotMsOrStep);
    });
  }

  async importSeries(info: SeriesInfo, archives: ImportedArchive[]): Promise<void> {
    this.writes += 1;
    const name = requireName(info.name);
    const member = this.memberOf(name, MERGE_POINT, { ...info, name });
    if (member === undefined) return;
    for (const { step, times, values } of archives) {
      const index = member.series.info.archives.findIndex((archive) => archive.step === step);
      if (index < 0) continue;
      for (let i = 0; i < times.length; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        member.series.set(index, Math.floor(times[i]! / step), value);
        member.seen = Math.max(member.seen, times[i]!);
      }
    }
  }

  async lastGauges(): Promise<{ names: string[]; values: Float64Array }> {
    const names: string[] = [];
    const values: number[] = [];
    for (const member of this.members) {
      if (member?.merge !== MERGE_LAST) continue;
      const value = member.series.latest(this.lastFlush);
      if (value !== value) continue;
      names.push(member.series.info.name);
      values.push(value);
    }
    return { names, values: Float64Array.from(values) };
  }

  viewing(isVisible: (name: string) => boolean): InSteps<StoreView> {
    const { catalogue: series, sketchedNames: sketched } = this;
    return viewStore({ store: this, series, sketched }, isVisible);
  }

  info(id: number): SeriesInfo | undefined {
    const member = this.members[id];
    if (member?.timer === undefined || this.kept.isAveraged) return member?.series.info;
    const { id: timer, stat, argument } = member.timer;
    const name = this.kept.nameOf(timer);
    const { info } = member.series;
    return name === undefined ? info : { ...info, timer: { name, stat, argument } };
  }

  newestTimes(id: number): number[] {
    const series = this.members[id]?.series;
    if (series === undefined) return [];
    return series.info.archives.map((_, i) => series.newestTime(i));
  }

  async untag(names: string[], now: number): Promise<number> {
    return this.untagged.untag(names, now);
  }

  async tagSeries(name: string): Promise<boolean> {
    this.writes += 1;
    const canonical = requireName(name);
    const ended = await this.untagged.end([canonical]);
    if (this.catalogue.get(canonical) >= 0) return ended > 0;
    return this.memberOf(canonical, MERGE_POINT) !== undefined;
  }

  async delete(names: string[]): Promise<number> {
    this.writes += 1;
    let count = 0;
    for (const name of names) {
      const id = this.catalogue.remove(lookupName(name));
      if (id < 0) continue;
      const timer = this.members[id]!.timer?.id;
      this.members[id] = undefined;
      if (timer !== undefined && !this.members.some((one) => one?.timer?.id === timer)) {
        this.kept.forget(timer);
      }
      this.freeIds.push(id);
      count += 1;
    }
    return count;
  }

  async retain(changes: SeriesInfo[], options: { rewrite?: boolean } = {}): Promise<number> {
    this.writes += 1;
    let count = 0;
    for (const change of changes) {
      const name = lookupName(change.name);
      const member = this.members[this.catalogue.get(name)];
      if (member === undefined) continue;
      const { archives, aggregationMethod, xFilesFactor } = change;
      const info = { name, archives, aggregationMethod, xFilesFactor };
      const isCopied = options.rewrite === true && member.series.older !== undefined;
      if (this.retainOne(member, info) || isCopied) count += 1;
      if (options.rewrite === true) member.series.copyOlder(this.newest);
    }
    this.retained += count;
    return count;
  }

  async rename(pairs: { from: string; to: string }[]): Promise<number> {
    this.writes += 1;
    let count = 0;
    for (const { from, to } of pairs) {
      const name = canonicalName(to);
      if (name === undefined || this.catalogue.get(name) >= 0) continue;
      const id = this.catalogue.remove(lookupName(from));
      if (id < 0) continue;
      this.catalogue.insert(name, id);
      this.members[id]!.series.rename(name);
      this.unlink(this.members[id]!);
      count += 1;
    }
    return count;
  }

  lastWrite(id: number): number {
    return this.members[id]?.seen ?? 0;
  }

  async fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    return ids.map((id) => this.members[id]?.series.fetch(from, until, now));
  }

  /** Of `findSketched`, which tests replace. */
  override *findingSketched(pattern: string, options?: FindOptions): InSteps<SketchedRef[]> {
    yield 1;
    return this.findSketched(pattern, options);
  }

  override *findingSketchedByTags(expressions: TagExpression[]): InSteps<SketchedRef[]> {
    yield 1;
    return this.findSketchedByTags(expressions);
  }

  async fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return ids.map((id) => this.kept.fetch(id, from, until, now));
  }

  async backup(): Promise<never> {
    throw new UserError('notImplemented', 'this store cannot copy itself');
  }

  async verifyPart(): Promise<never> {
    throw new UserError('notImplemented', 'this store cannot check itself');
  }

  async putRecord(key: string, text: string | undefined): Promise<void> {
    this.writes += 1;
    if (text === undefined) this.records.delete(key);
    else this.records.set(key, text);
  }

  listRecords(prefix: string): { key: string; text: string }[] {
    const keys = [...this.records.keys()].filter((key) => key.startsWith(prefix));
    return keys.sort().map((key) => ({ key, text: this.records.get(key)! })); // from its own keys
  }

  getRecord(key: string): string | undefined {
    return this.records.get(key);
  }

  recordsAfter(prefix: string, after: string, bytes: number): { key: string; text: string }[] {
    const rest = this.listRecords(prefix).filter(({ key }) => key > after);
    let room = bytes;
    return rest.filter(({ text }, i) => (room -= Buffer.byteLength(text)) >= 0 || i === 0);
  }

  revision(): number {
    return this.writes;
  }

  progress(): Pick<StoreHealth, 'pendingFlushes' | 'lastDurableFlush'> {
    return this.health();
  }

  health(): StoreHealth {
    return {
      state: this.closed ? 'closed' : 'ok',
      seriesCount: this.catalogue.size,
      lastDurableFlush: this.lastFlush,
      pendingFlushes: 0,
      droppedFlushes: 0,
      refusedSeries: this.refused.size,
      fileBytes: 0,
      lastCommitMs: 0,
      pointsStored: this.pointsStored,
      lateMerged: this.lateMerged,
      corruptRecords: 0,
      searchBytes: this.catalogue.searchBytes,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** What the refs of the batch's producer stand for. */
  private learn({ producer, series }: SampleBatch): Map<number, DeclaredSeries> {
    const known = this.declared.get(producer);
    const declared = known === undefined || series.isReset ? new Map() : known;
    this.declared.set(producer, declared);
    eachText(series.names, (name, i) => {
      declared.set(series.refs[i]!, {
        name: lookupName(name),
        merge: series.merges[i]!,
        stat: series.stats[i]!,
        argument: series.arguments[i]!,
        timer: series.timers[i]!,
      });
    });
    return declared;
  }

  private applyValue(
    batch: FlushBatch,
    member: Member,
    known: DeclaredSeries,
    value: number,
    touched: Set<SlotSketches>,
  ): void {
    const { series } = member;
    const { times: time, intervalMs } = batch;
    this.link(member, known);
    if (series.isBehind(time, time)) {
      series.writeLate(time, time, (before) => {
        if (before === before) this.lateMerged += 1;
        return mergeSlot(known.merge, before, intervalMs, value, intervalMs);
      });
      member.seen = Math.max(member.seen, time);
      this.pointsStored += 1;
      return;
    }
    const row = series.rowOf(0, time);
    const before = series.valueAt(0, row);
    const beforeMs = member.slotRow === row ? member.slotMs : intervalMs;
    let merged = mergeSlot(known.merge, before, beforeMs, value, intervalMs);
    const { step } = series.info.archives[0]!; // never empty
    if (known.merge === MERGE_SKETCH && intervalMs < step * 1000) {
      const open = this.sketches.get(step) ?? { sketches: new SlotSketches(), row: -1, ms: 0 };
      this.sketches.set(step, open);
      const { sketches } = open;
      if (!touched.has(sketches)) {
        sketches.addFlush(row, batch);
        open.ms = (open.row === row ? open.ms : 0) + intervalMs;
        open.row = row;
      }
      touched.add(sketches);
      const { timer, stat, argument } = known;
      merged = sketches.value(row, timer, stat, argument, open.ms) ?? merged;
    } else if (before === before && isOfSketch(known)) {
      const { stat, argument } = known;
      const start = row * step;
      merged =
        this.kept.slotStatistic(this.kept.idOf(known.timer), start, step, stat, argument) ?? merged;
    }
    if (before === before) this.lateMerged += 1;
    if (member.slotRow === row) member.slotMs += intervalMs;
    else if (row > member.slotRow) {
      member.slotRow = row;
      member.slotMs = intervalMs;
    }
    series.write(0, row, merged);
    member.seen = Math.max(member.seen, time);
    this.pointsStored += 1;
  }

  private retainOne(member: Member, info: SeriesInfo): boolean {
    const { series } = member;
    const before = series.info.archives[0]!.step; // never empty
    if (!series.retain(info, this.newest)) return false;
    const { step } = info.archives[0]!; // never empty
    const row = series.rowOf(0, this.newest);
    if (before === step) return true;
    member.slotRow = row;
    if (before < step) member.slotMs = ((this.newest % step) + before) * 1000;
    return true;
  }

  private link(member: Member, { timer, stat, argument }: DeclaredSeries): void {
    if (timer === NO_TIMER) {
      this.unlink(member);
      return;
    }
    const id = this.kept.idOf(timer);
    if (id < 0) return;
    member.timer = { id, stat, argument };
    const { series } = member;
    series.refine = (slot) => {
      const { step } = series.info.archives[0]!; // never empty
      const end = (Math.floor(this.head / step) + 1) * step;
      return this.kept.refine(id, slot, end, stat, argument);
    };
  }

  private unlink(member: Member): void {
    delete member.timer;
    member.series.refine = undefined;
  }

  /** The series of a canonical name, made when there is none; undefined over the limit. */
  private memberOf(name: string, merge: number, info?: SeriesInfo): Member | undefined {
    const known = this.catalogue.get(name);
    if (known >= 0) return this.members[known];
    if (this.catalogue.size >= this.maxSeries || nameFault(name) !== undefined) {
      this.refused.add(name);
      return undefined;
    }
    const { archives, aggregationMethod, xFilesFactor } = info ?? this.rules.resolve(name);
    const id = this.freeIds.pop() ?? this.members.length;
    const series = new MemorySeries({ name, archives, aggregationMethod, xFilesFactor });
    const member: Member = { series, merge, slotRow: -1, slotMs: 0, seen: 0 };
    this.members[id] = member;
    this.catalogue.insert(name, id);
    return member;
  }
}

function isOfSketch({ merge, stat, timer }: DeclaredSeries): boolean {
  return timer !== NO_TIMER && (merge === MERGE_SKETCH || stat === STAT_DISTINCT);
}
