/**
 * The main thread's side of sketches: names of timers and sets in memory, sketches straight from
 * LMDB. The counterpart of reader.ts and a part of it.
 */
import type { InSteps } from '../../../lib/in-steps.ts';
import { slices } from '../../../lib/slices.ts';
import { yieldInOrder } from '../../../lib/yield-in-order.ts';
import { NO_TIMER, STAT_NONE } from '../../../wire/statistics.ts';
import { type RowSpan, fetchWindow } from '../../ring/ring.ts';
import { readSketches } from '../../ring/sketches/sketch-columns.ts';
import { SketchMerger } from '../../ring/sketches/sketch-merge.ts';
import type { EncodedSketches } from '../../ring/sketches/sketch-record.ts';
import { SketchRecordSource } from '../../ring/sketches/sketch-source.ts';
import { type SeriesTimers, TimerRollup } from '../../ring/rollup/timer-rollup.ts';
import { SketchedNames } from '../../index/sketched-names.ts';
import type { FetchedSketches } from '../../roles.ts';
import type { Environment } from '../db/environment.ts';
import { positionsByClass } from './by-class.ts';
import type { SketchChanges, SketchClassInfo } from '../write/messages.ts';
import { ClassReads } from '../db/class-reads.ts';
import { SKETCH_CLASSES, type SketchClassRecord, readClasses } from '../db/class-record.ts';
import { ringReader, sketchDatabases } from '../db/ring-records.ts';
import { type TimerLink, decodeLink } from '../db/sketch-links.ts';
import {
  type Sketched,
  type SketchedName,
  decodeSketched,
  readSketchedName,
} from '../db/sketch-names.ts';

/** Sketches read between two turns of the event loop: some 10 ms. */
const GROUP_SKETCHES = 20_000;
/** Names that are taken over between two looks at the clock. */
export const NAMES_AT_ONCE = 256;

export class SketchReader {
  /** Rollups are as Graphite's: statistics of statistics. */
  averagedTimers: boolean;
  private readonly environment: Environment;
  private readonly merger = new SketchMerger();
  readonly names = new SketchedNames();
  private readonly byId: (Sketched | undefined)[] = [];
  private readonly classes = new Map<number, SketchClassInfo>();
  private readonly classReads: ClassReads<SketchClassRecord>;
  private corruptSketches = 0;
  private readonly links = new Map<number, TimerLink>();

  /** Reads all names. */
  constructor(environment: Environment, averagedTimers: boolean) {
    this.environment = environment;
    this.averagedTimers = averagedTimers;
    this.classReads = new ClassReads(environment, SKETCH_CLASSES);
    for (const [classId, { archives, kind }] of readClasses(environment, SKETCH_CLASSES)) {
      this.classes.set(classId, { classId, archives, kind });
    }
    for (const { key, value } of environment.sketchNames.getRange()) {
      const one = decodeSketched(key, value);
      if (one !== undefined && this.classes.has(one.classId)) this.insert(one);
    }
    for (const { key, value } of environment.sketchLinks.getRange()) {
      const found = decodeLink(key, value);
      if (found !== undefined) this.links.set(found.series, found.link);
    }
  }

  get corruptRecords(): number {
    return this.corruptSketches + this.merger.damaged;
  }

  /** Takes over what a commit changed. */
  *applying({ names, known, classes, links }: SketchChanges): InSteps<void> {
    for (const one of classes) this.classes.set(one.classId, one);
    for (const part of slices(names, NAMES_AT_ONCE)) {
      for (const name of part) this.forget(name);
      yield NAMES_AT_ONCE;
    }
    for (const part of slices(known, NAMES_AT_ONCE)) {
      for (const one of part) this.insert(one);
      yield NAMES_AT_ONCE;
    }
    for (const part of slices(links, NAMES_AT_ONCE)) {
      for (const [series, link] of part) {
        if (link === undefined) this.links.delete(series);
        else this.links.set(series, link);
      }
      yield NAMES_AT_ONCE;
    }
  }

  /** Of which timers series are statistics. */
  timersOf(ids: readonly number[]): SeriesTimers {
    const links = ids.map((id) => this.links.get(id));
    return {
      timers: Uint32Array.from(links, (link) => link?.timer ?? NO_TIMER),
      stats: Uint8Array.from(links, (link) => link?.stat ?? STAT_NONE),
      arguments: Float64Array.from(links, (link) => link?.argument ?? 0),
    };
  }

  /** Statistics of coarser slots that still grow, in the snapshot of the moment. */
  rollup(): TimerRollup | undefined {
    if (this.averagedTimers || this.links.size === 0) return undefined;
    const sources = new Map<number, SketchRecordSource>();
    return new TimerRollup((timer) => {
      const one = this.byId[timer];
      if (one === undefined) return undefined;
      const source = sources.get(one.classId) ?? this.sourceOf(one.classId);
      sources.set(one.classId, source);
      return { source, column: one.column, since: one.since };
    }, this.merger);
  }

  /** What a series is a statistic of. */
  timerOf(series: number): { name: string; stat: number; argument: number } | undefined {
    const link = this.links.get(series);
    const one = link === undefined ? undefined : this.byId[link.timer];
    if (link === undefined || one === undefined) return undefined;
    return { name: one.name, stat: link.stat, argument: link.argument };
  }

  async fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    const answers: (FetchedSketches | undefined)[] = Array.from({ length: ids.length });
    let read = 0;
    for (const [classId, positions] of this.byClass(ids)) {
      const window = fetchWindow(this.classes.get(classId)!.archives, from, until, now);
      if (window === undefined) continue;
      const { archiveIndex, step, count } = window;
      const start = window.firstRow * step;
      const end = start + count * step;
      for (const group of slices(positions, Math.max(1, Math.floor(GROUP_SKETCHES / count)))) {
        if (read++ > 0) await yieldInOrder();
        // Forgotten while others were read: they stay without an answer.
        const known = group.filter((position) => this.byId[ids[position]!]?.classId === classId);
        const members = known.map((position) => this.byId[ids[position]!]!);
        const found = this.read(classId, members, window);
        known.forEach((position, i) => {
          const sketches = found.slice(i * count, (i + 1) * count);
          answers[position] = { start, end, step, archiveIndex, sketches };
        });
      }
    }
    return answers;
  }

  /** Timer by timer, in a snapshot taken now. */
  private read(classId: number, members: readonly Sketched[], rows: RowSpan): EncodedSketches {
    const { root } = this.environment;
    root.resetReadTxn();
    const source = this.sourceOf(classId);
    const columns = Uint32Array.from(members, ({ column }) => column);
    const since = Uint32Array.from(members, (one) => one.since);
    const found = readSketches(source, { columns, since }, rows);
    // A snapshot kept any longer would keep the writer from using its pages again.
    root.resetReadTxn();
    this.corruptSketches += source.corruptRecords;
    return found;
  }

  /** Within a snapshot. */
  private sourceOf(classId: number): SketchRecordSource {
    const { environment } = this;
    const { archives, kind } = this.classes.get(classId)!; // known before its timers
    const states = this.classReads.get(classId)?.states ?? [];
    const records = ringReader(sketchDatabases(environment), classId, archives);
    return new SketchRecordSource({ archives, kind, states }, records, this.merger);
  }

  private byClass(ids: readonly number[]): Map<number, number[]> {
    return positionsByClass(
      ids,
      (id) => this.byId[id]?.classId,
      (id) => this.byId[id]!.column,
    );
  }

  private insert(one: Sketched): void {
    this.byId[one.id] = one;
    this.names.insert(one.kind, one.name, one.id);
  }

  private forget(sketched: SketchedName): void {
    const { kind, name } = readSketchedName(sketched);
    const id = this.names.remove(kind, name);
    if (id >= 0) this.byId[id] = undefined;
  }
}
