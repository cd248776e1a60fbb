/**
 * Applies the sketches of batches to their rings and keeps which series are statistics of which
 * timer. Part of the writer: everything goes into the transaction of its flush.
 */
import type { DistinctSketch } from '../../../sketch/distinct.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { eachBytes, eachText } from '../../../wire/packed-strings.ts';
import type { FlushBatch, SeriesDictionary } from '../../../wire/sample-batch.ts';
import { NO_TIMER, SKETCH_SET, type SketchKind } from '../../../wire/statistics.ts';
import { readSketches } from '../../ring/sketches/sketch-columns.ts';
import { SketchMerger } from '../../ring/sketches/sketch-merge.ts';
import { type TimerColumn, TimerRollup } from '../../ring/rollup/timer-rollup.ts';
import { lookupName } from '../../../wire/series-name.ts';
import { SketchRules, type SketchSettings } from '../../retention/sketch-rules.ts';
import type { Environment } from '../db/environment.ts';
import type { SketchChanges } from './messages.ts';
import { LINK_CODEC, type TimerLink, decodeLink } from '../db/sketch-links.ts';
import type { WriteBatch } from '../db/write-batch.ts';
import { SketchTable } from './sketch-table.ts';

/** What the ref of a timer stands for. */
interface DeclaredTimer {
  kind: SketchKind;
  name: string;
}

export class SketchWriter {
  readonly table: SketchTable;
  /** Statistics of coarser slots, from sketches. */
  readonly timerRollup: TimerRollup;
  /** By series. */
  readonly links = new Map<number, TimerLink>();
  /** Timers and sets that the limit kept out. */
  rejected = 0;
  private rules: SketchRules;
  private readonly environment: Environment;
  private readonly merger: SketchMerger;
  private readonly maxTimers: number;
  private readonly timers: (DeclaredTimer | undefined)[] = [];
  /** By the ref of a timer: its id, -1 for none. */
  private ids: number[] = [];
  /** By id of a timer: series that are its statistics. */
  private readonly linkCounts: number[] = [];
  /** Links changed since the last commit; undefined: removed. */
  private readonly changedLinks = new Map<number, TimerLink | undefined>();
  private corruptLinks = 0;
  /** Time of the newest flush. */
  private newest: number;
  /** By the ref of a timer: its series came. */
  private readonly linked: boolean[] = [];
  /** A timer's name came after its series: they are to be linked again. */
  hasLateNames = false;
  /** Whether the prefix of a name admits another timer or set. */
  admits: (name: string) => boolean = () => true;

  constructor(
    environment: Environment,
    settings: SketchSettings,
    maxTimers: number,
    newest: number,
  ) {
    this.environment = environment;
    this.rules = new SketchRules(settings.schemas);
    this.maxTimers = maxTimers;
    this.merger = new SketchMerger();
    this.table = new SketchTable(environment, this.merger, newest);
    for (const { key, value } of environment.sketchLinks.getRange()) {
      const found = decodeLink(key, value);
      if (found === undefined) this.corruptLinks += 1;
      else this.setLink(found.series, found.link);
    }
    this.newest = newest;
    this.timerRollup = new TimerRollup((timer) => this.columnOf(timer), this.merger);
    this.timerRollup.enabled = !settings.averagedTimers;
  }

  get corruptRecords(): number {
    const { registry, corruptRecords } = this.table;
    const inRings = registry.classes.reduce((sum, { rings }) => sum + rings.corruptRecords, 0);
    return inRings + corruptRecords + this.corruptLinks + this.merger.damaged;
  }

  /** Rules for timers that are new from now on; known ones stay as they are. */
  setSettings(settings: SketchSettings): void {
    this.timerRollup.enabled = !settings.averagedTimers;
    this.rules = new SketchRules(settings.schemas);
    // Who has none may get some now.
    this.ids = this.ids.map((id) => (id < 0 ? UNKNOWN : id));
  }

  /** The timers that are new in a batch. */
  learn({ sketches }: SeriesDictionary): void {
    if (sketches === undefined) return;
    const { refs, kinds, names } = sketches;
    eachText(names, (name, i) => {
      const ref = refs[i]!;
      this.timers[ref] = { kind: kinds[i] as SketchKind, name: lookupName(name) };
      this.ids[ref] = UNKNOWN;
      if (this.linked[ref] === true) this.hasLateNames = true;
    });
  }

  /** The sketches of a flush; they come before its values. */
  apply({ times: time, sketches }: FlushBatch): void {
    this.newest = Math.max(this.newest, time);
    if (sketches === undefined) return;
    // They stay in the rings, the batch's memory does not.
    const kept = { ...sketches.bytes, bytes: sketches.bytes.bytes.slice() };
    eachBytes(kept, (bytes, i) => {
      const one = this.table.get(this.idOf(sketches.refs[i]!));
      if (one === undefined) return;
      const sketchClass = this.table.classOf(one)!; // known before its timers
      sketchClass.rings.add(time, one.column, bytes);
      this.table.registry.changed.add(sketchClass);
    });
  }

  /** Says what a series is, by the ref of its timer; true when that is news. */
  link(series: number, timerRef: number, stat: number, argument: number): boolean {
    if (timerRef === NO_TIMER) return this.unlink(series);
    this.linked[timerRef] = true;
    const timer = this.idOf(timerRef);
    if (timer < 0) return false;
    const known = this.links.get(series);
    if (known?.timer === timer && known.stat === stat && known.argument === argument) return false;
    this.unlink(series);
    const link = { timer, stat, argument };
    this.setLink(series, link);
    this.changedLinks.set(series, link);
    return true;
  }

  /** The series is no statistic of a timer any more; false when it was none. */
  unlink(series: number): boolean {
    const known = this.links.get(series);
    if (known === undefined) return false;
    this.links.delete(series);
    this.linkCounts[known.timer]! -= 1;
    this.changedLinks.set(series, undefined);
    return true;
  }

  /** Series were deleted: so is a timer that has none left. What it had will not be seen. */
  forgetSeries(ids: Iterable<number>): void {
    const timers = new Set<number>();
    for (const series of ids) {
      const link = this.links.get(series);
      if (link === undefined) continue;
      timers.add(link.timer);
      this.unlink(series);
    }
    for (const timer of timers) {
      if (this.linkCounts[timer]! > 0) timers.delete(timer);
      else this.table.remove(timer, this.newest);
    }
    if (timers.size === 0) return;
    this.ids = this.ids.map((id) => (timers.has(id) ? UNKNOWN : id));
  }

  private columnOf(timer: number): TimerColumn | undefined {
    const one = this.table.get(timer);
    if (one === undefined) return undefined;
    const { rings } = this.table.classOf(one)!; // known before its timers
    return { source: rings, column: one.column, since: one.since };
  }

  /**
   * A sketch of all flushes in a slot so far; undefined where they are not kept so finely. That of
   * a set is good until the next.
   */
  slotSketch(timerRef: number, start: number, step: number): Sketch | DistinctSketch | undefined {
    const timer = this.columnOf(this.idOf(timerRef));
    if (timer === undefined) return undefined;
    const { source, column, since } = timer;
    const archiveIndex = source.archives.findLastIndex((archive) => step % archive.step === 0);
    if (archiveIndex < 0) return undefined;
    const row = start / source.archives[archiveIndex]!.step;
    const count = step / source.archives[archiveIndex]!.step;
    const members = { columns: Uint32Array.of(column), since: Uint32Array.of(since) };
    const found = readSketches(source, members, { archiveIndex, firstRow: row, count });
    const sketches = found.filter((sketch) => sketch !== undefined);
    if (sketches.length === 0) return undefined;
    if (source.kind === SKETCH_SET) return this.merger.mergeSets(sketches);
    const merged = new Sketch();
    merged.merge(this.merger.mergeTimers(sketches));
    return merged;
  }

  /** Adds what changed; what the reader must learn of it. */
  addTo(batch: WriteBatch): SketchChanges | undefined {
    const changes = this.table.addTo(batch);
    const links = [...this.changedLinks];
    batch.putChanges(this.environment.sketchLinks, LINK_CODEC, this.changedLinks);
    const count = changes.names.length + changes.classes.length + links.length;
    return count === 0 ? undefined : { ...changes, links };
  }

  /** The id behind the ref of a timer, made when it is new; -1: no sketches are kept. */
  private idOf(timerRef: number): number {
    const known = this.ids[timerRef] ?? NONE;
    if (known !== UNKNOWN) return known;
    const { kind, name } = this.timers[timerRef]!; // set with UNKNOWN
    const id = this.table.find(kind, name)?.id ?? this.make(kind, name);
    this.ids[timerRef] = id;
    return id;
  }

  private make(kind: SketchKind, name: string): number {
    const archives = this.rules.archivesOf(name);
    if (archives.length === 0) return NONE;
    // Its series are rejected, and counted, for the same reason; once they are admitted it is made.
    if (!this.admits(name)) return UNKNOWN;
    if (this.table.count < this.maxTimers) return this.table.create(kind, name, archives).id;
    this.rejected += 1;
    return NONE;
  }

  private setLink(series: number, link: TimerLink): void {
    this.links.set(series, link);
    this.linkCounts[link.timer] = (this.linkCounts[link.timer] ?? 0) + 1;
  }
}

const NONE = -1;
/** To be looked up at the next sketch. */
const UNKNOWN = -2;
