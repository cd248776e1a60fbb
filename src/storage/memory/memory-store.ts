/**
 * A store in plain Maps, for tests and for comparison: the same answers as the embedded store, none
 * of its durability. Everything is "durable" at once and nothing is ever overwritten by age.
 */
import { canonicalName } from '../index/tagged-name.ts';
import { IN_FUTURE, TOO_OLD, archiveForPoint } from '../archive/ring.ts';
import { SlotSketches } from '../archive/slot-sketches.ts';
import { mergeSlot } from '../archive/slot-merge.ts';
import { Catalogue } from '../catalogue.ts';
import type { RetentionRules } from '../retention/rules.ts';
import type {
  Fetched,
  FindOptions,
  FoundNode,
  ImportedArchive,
  SeriesInfo,
  SeriesRef,
  Store,
  StoreHealth,
  TagExpression,
  TagQuery,
  TagValue,
} from '../store.ts';
import {
  type FlushFrame,
  MERGE_LAST,
  MERGE_POINT,
  MERGE_SKETCH,
  type PointBatch,
  type PointReport,
} from '../../wire.ts';
import { MemorySeries } from './memory-series.ts';

interface Member {
  series: MemorySeries;
  merge: number;
  /** Milliseconds of traffic in the slot that was written last. */
  slotRow: number;
  slotMs: number;
}

/** What a frame's born columns said of an id. */
interface FrameSeries {
  name: string;
  merge: number;
  stat: number;
  argument: number;
  timer: number;
}

export class MemoryStore implements Store {
  private rules: RetentionRules;
  private readonly maxSeries: number;
  private readonly catalogue = new Catalogue();
  private readonly members: (Member | undefined)[] = [];
  private readonly freeIds: number[] = [];
  private readonly frameSeries = new Map<number, FrameSeries>();
  /** Sketches of slots longer than the flush interval, by step. */
  private readonly sketches = new Map<number, SlotSketches>();
  private readonly records = new Map<string, string>();
  private lastFlush = 0;
  private writes = 0;
  private refused = new Set<string>();
  private pointsStored = 0;
  private lateMerged = 0;
  private closed = false;

  constructor(rules: RetentionRules, options: { maxSeries?: number } = {}) {
    this.rules = rules;
    this.maxSeries = options.maxSeries ?? Infinity;
  }

  /** Rules for series that are new from now on. */
  setRules(rules: RetentionRules): void {
    this.rules = rules;
  }

  async append(frame: FlushFrame): Promise<void> {
    this.writes += 1;
    this.learn(frame);
    const touched = new Set<SlotSketches>();
    for (let i = 0; i < frame.ids.length; i++) {
      const value = frame.values[i]!;
      const known = this.frameSeries.get(frame.ids[i]!);
      if (known === undefined || !Number.isFinite(value)) continue;
      const member = this.memberOf(known.name, known.merge);
      if (member !== undefined) this.applyValue(frame, member, known, value, touched);
    }
    for (const id of frame.deadIds) this.frameSeries.delete(id);
    this.lastFlush = Math.max(this.lastFlush, frame.time);
  }

  async appendPoints(batch: PointBatch, now: number): Promise<PointReport> {
    this.writes += 1;
    const report = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };
    batch.names.forEach((name, i) => {
      const value = batch.values[i]!;
      const time = Math.trunc(batch.times[i]!);
      if (!Number.isFinite(value) || !Number.isFinite(time)) {
        report.notFinite += 1;
        return;
      }
      const canonical = canonicalName(name);
      const known = this.catalogue.get(canonical);
      const info = known < 0 ? this.rules.resolve(canonical) : this.members[known]!.series.info;
      const archiveIndex = archiveForPoint(info.archives, time, now);
      if (archiveIndex === TOO_OLD) report.tooOld += 1;
      else if (archiveIndex === IN_FUTURE) report.inFuture += 1;
      else {
        const member = this.memberOf(canonical, MERGE_POINT);
        if (member === undefined) {
          report.overLimit += 1;
          return;
        }
        member.series.write(archiveIndex, member.series.rowOf(archiveIndex, time), value);
        report.stored += 1;
      }
    });
    this.pointsStored += report.stored;
    return report;
  }

  async importSeries(info: SeriesInfo, archives: ImportedArchive[], _now: number): Promise<void> {
    this.writes += 1;
    const name = canonicalName(info.name);
    const member = this.memberOf(name, MERGE_POINT, { ...info, name });
    if (member === undefined) return;
    for (const { step, times, values } of archives) {
      const index = member.series.info.archives.findIndex((archive) => archive.step === step);
      if (index < 0) continue;
      for (let i = 0; i < times.length; i++) {
        const value = values[i]!;
        if (Number.isFinite(value)) member.series.set(index, Math.floor(times[i]! / step), value);
      }
    }
  }

  async lastGauges(): Promise<{ names: string[]; values: Float64Array }> {
    const names: string[] = [];
    const values: number[] = [];
    for (const member of this.members) {
      if (member?.merge !== MERGE_LAST) continue;
      const value = member.series.valueAt(0, member.series.rowOf(0, this.lastFlush));
      if (value !== value) continue;
      names.push(member.series.info.name);
      values.push(value);
    }
    return { names, values: Float64Array.from(values) };
  }

  find(pattern: string, options?: FindOptions): FoundNode[] {
    return this.catalogue.find(pattern, options);
  }

  lookup(name: string): SeriesRef | undefined {
    return this.catalogue.lookup(name);
  }

  allNames(): string[] {
    return this.catalogue.allNames();
  }

  info(id: number): SeriesInfo | undefined {
    return this.members[id]?.series.info;
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return this.catalogue.findTagged(expressions);
  }

  tagNames(query: TagQuery): string[] {
    return this.catalogue.tagNames(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return this.catalogue.tagValues(tag, query);
  }

  async tagSeries(name: string): Promise<boolean> {
    this.writes += 1;
    const canonical = canonicalName(name);
    if (this.catalogue.get(canonical) >= 0) return false;
    return this.memberOf(canonical, MERGE_POINT) !== undefined;
  }

  async delete(names: string[]): Promise<number> {
    this.writes += 1;
    let count = 0;
    for (const name of names) {
      const id = this.catalogue.remove(canonicalName(name));
      if (id < 0) continue;
      this.members[id] = undefined;
      this.freeIds.push(id);
      count += 1;
    }
    return count;
  }

  async fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    return ids.map((id) => this.members[id]?.series.fetch(from, until, now));
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

  revision(): number {
    return this.writes;
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
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private learn(frame: FlushFrame): void {
    const names = Buffer.from(frame.bornNames.buffer, frame.bornNames.byteOffset);
    let from = 0;
    for (let i = 0; i < frame.bornIds.length; i++) {
      const end = frame.bornNameEnds[i]!;
      const known = {
        name: canonicalName(names.toString('utf8', from, end)),
        merge: frame.bornMerge[i]!,
        stat: frame.bornStat[i]!,
        argument: frame.bornArgument[i]!,
        timer: frame.bornTimer[i]!,
      };
      this.frameSeries.set(frame.bornIds[i]!, known);
      const member = this.memberOf(known.name, known.merge);
      if (member !== undefined) member.merge = known.merge;
      from = end;
    }
  }

  private applyValue(
    frame: FlushFrame,
    member: Member,
    known: FrameSeries,
    value: number,
    touched: Set<SlotSketches>,
  ): void {
    const { series } = member;
    const row = series.rowOf(0, frame.time);
    const before = series.valueAt(0, row);
    const beforeMs = member.slotRow === row ? member.slotMs : frame.intervalMs;
    let merged = mergeSlot(known.merge, before, beforeMs, value, frame.intervalMs);
    const { step } = series.info.archives[0]!; // never empty
    if (known.merge === MERGE_SKETCH && frame.intervalMs < step * 1000) {
      const sketches = this.sketches.get(step) ?? new SlotSketches();
      this.sketches.set(step, sketches);
      if (!touched.has(sketches)) sketches.addFrame(row, frame);
      touched.add(sketches);
      merged = sketches.value(row, known.timer, known.stat, known.argument) ?? merged;
    }
    if (before === before) this.lateMerged += 1;
    if (member.slotRow === row) member.slotMs += frame.intervalMs;
    else if (row > member.slotRow) {
      member.slotRow = row;
      member.slotMs = frame.intervalMs;
    }
    series.write(0, row, merged);
    this.pointsStored += 1;
  }

  /** The series of a canonical name, made when there is none; undefined over the limit. */
  private memberOf(name: string, merge: number, info?: SeriesInfo): Member | undefined {
    const known = this.catalogue.get(name);
    if (known >= 0) return this.members[known];
    if (this.catalogue.size >= this.maxSeries) {
      this.refused.add(name);
      return undefined;
    }
    const { archives, aggregationMethod, xFilesFactor } = info ?? this.rules.resolve(name);
    const id = this.freeIds.pop() ?? this.members.length;
    const series = new MemorySeries({ name, archives, aggregationMethod, xFilesFactor });
    const member: Member = { series, merge, slotRow: -1, slotMs: 0 };
    this.members[id] = member;
    this.catalogue.insert(name, id);
    return member;
  }
}
