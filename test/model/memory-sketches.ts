/**
 * Sketches in plain Maps: those of every flush, for ever, merged at each question. The plain model
 * that the sketch rings of the embedded store are tested against.
 */
import { statistic } from '../../src/sketch/statistics.ts';
import { eachBytes, eachText } from '../../src/wire/packed-strings.ts';
import type { FlushBatch, SeriesDictionary } from '../../src/wire/sample-batch.ts';
import { SKETCH_SET, STAT_BIN, type SketchKind } from '../../src/wire/statistics.ts';
import { fetchWindow } from '../../src/storage/ring/ring.ts';
import { SketchMerger, isCoarse } from '../../src/storage/ring/sketches/sketch-merge.ts';
import { isCovered } from '../../src/storage/ring/rollup/timer-rollup.ts';
import { SketchedNames } from '../../src/storage/index/sketched-names.ts';
import { lookupName } from '../../src/wire/series-name.ts';
import type { Archive } from '../../src/storage/retention/archives.ts';
import { SketchRules, type SketchSettings } from '../../src/storage/retention/sketch-rules.ts';
import type { FetchedSketches } from '../../src/storage/roles.ts';
import type { CoarseSlot } from './memory-series.ts';

interface Kept {
  name: string;
  kind: SketchKind;
  archives: Archive[];
  /** By time of flush. */
  flushes: Map<number, Uint8Array[]>;
}

export class MemorySketches {
  settings: SketchSettings;
  readonly names = new SketchedNames();
  private readonly merger = new SketchMerger();
  private readonly kept: (Kept | undefined)[] = [];
  private readonly timers: ({ kind: SketchKind; name: string } | undefined)[] = [];

  constructor(settings: SketchSettings) {
    this.settings = settings;
  }

  learn({ sketches }: SeriesDictionary): void {
    if (sketches === undefined) return;
    eachText(sketches.names, (name, i) => {
      const kind = sketches.kinds[i] as SketchKind;
      this.timers[sketches.refs[i]!] = { kind, name: lookupName(name) };
    });
  }

  apply({ times: time, sketches }: FlushBatch): void {
    if (sketches === undefined) return;
    eachBytes(sketches.bytes, (bytes, i) => {
      const kept = this.kept[this.idOf(sketches.refs[i]!)];
      if (kept === undefined) return;
      const before = kept.flushes.get(time) ?? [];
      kept.flushes.set(time, [...before, bytes.slice()]);
    });
  }

  /** The id behind the ref of a timer, -1 for none. */
  idOf(ref: number): number {
    const named = this.timers[ref];
    if (named === undefined) return -1;
    const { kind, name } = named;
    const known = this.names.get(kind, name);
    if (known >= 0) return known;
    const archives = new SketchRules(this.settings.schemas).archivesOf(name);
    if (archives.length === 0) return -1;
    const id = this.kept.push({ name, kind, archives, flushes: new Map() }) - 1;
    this.names.insert(kind, name, id);
    return id;
  }

  nameOf(id: number): string | undefined {
    return this.kept[id]?.name;
  }

  forget(id: number): void {
    const kept = this.kept[id];
    if (kept === undefined) return;
    this.names.remove(kept.kind, kept.name);
    this.kept[id] = undefined;
  }

  /** Whether statistics are to be those of statistics, as Graphite's. */
  get isAveraged(): boolean {
    return this.settings.averagedTimers;
  }

  /** A statistic of a coarser slot up to `end`; undefined where sketches do not cover its values. */
  refine(id: number, slot: CoarseSlot, end: number, stat: number, argument: number) {
    if (this.settings.averagedTimers) return undefined;
    const { start, step, finerStep, values } = slot;
    if (stat === STAT_BIN) return values.reduce((sum, one) => (one === one ? sum + one : sum), 0);
    const counted = Array.from(values, (_, j) => {
      const from = start + j * finerStep;
      return this.between(id, from, from + finerStep).length > 0;
    });
    if (!isCovered(values, stat, counted)) return undefined;
    const range = { from: start, until: start + step, seconds: Math.min(step, end - start) };
    const value = this.statistic(id, range, stat, argument);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  }

  /** A statistic of a slot; undefined where no sketch archive is that fine. */
  slotStatistic(
    id: number,
    start: number,
    step: number,
    stat: number,
    argument: number,
  ): number | undefined {
    if (this.kept[id]?.archives.some((archive) => step % archive.step === 0) !== true) {
      return undefined;
    }
    const range = { from: start, until: start + step, seconds: step };
    const value = this.statistic(id, range, stat, argument);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  }

  /** Statistic of the flushes in [from, until); undefined without any. */
  private statistic(
    id: number,
    range: { from: number; until: number; seconds: number },
    stat: number,
    argument: number,
  ): number | undefined {
    const sketches = this.between(id, range.from, range.until);
    const kept = this.kept[id];
    if (kept === undefined || sketches.length === 0) return undefined;
    if (kept.kind === SKETCH_SET) return this.merger.mergeSets(sketches).estimate();
    return statistic(this.merger.mergeTimers(sketches), stat, argument, range.seconds);
  }

  fetch(id: number, from: number, until: number, now: number): FetchedSketches | undefined {
    const kept = this.kept[id];
    const window = kept && fetchWindow(kept.archives, from, until, now);
    if (kept === undefined || window === undefined) return undefined;
    const { archiveIndex, step, firstRow, count } = window;
    const sketches = Array.from({ length: count }, (_, i) => {
      const start = (firstRow + i) * step;
      const found = this.between(id, start, start + step);
      return this.merger.merge(kept.kind, found, isCoarse(step));
    });
    const start = firstRow * step;
    return { start, end: start + count * step, step, archiveIndex, sketches };
  }

  /** Sketches of flushes in [from, until), in order of time. */
  between(id: number, from: number, until: number): Uint8Array[] {
    const flushes = [...(this.kept[id]?.flushes ?? [])];
    return flushes
      .filter(([time]) => time >= from && time < until)
      .sort(([a], [b]) => a - b)
      .flatMap(([, sketches]) => sketches);
  }
}
