/**
 * What the refs of one producer stand for, as columns by ref: the series, how its values join and which
 * statistic of which timer it is. Refs are declared and retired by the dictionaries of batches. A
 * name is kept as long as there is no series of it: not yet, refused, deleted or renamed.
 */
import { grown } from '../../../lib/grown.ts';
import { MERGE_POINT } from '../../../wire/merge.ts';
import type { SeriesDictionary } from '../../../wire/sample-batch.ts';
import { NO_TIMER, STAT_NONE } from '../../../wire/statistics.ts';

/** The ref stands for no series: unknown, refused or deleted. */
export const NO_SERIES = 0xffffffff;

const INITIAL_CAPACITY = 1024;

export class SeriesRefs {
  series = new Uint32Array(INITIAL_CAPACITY).fill(NO_SERIES);
  merges = new Uint8Array(INITIAL_CAPACITY);
  stats = new Uint8Array(INITIAL_CAPACITY);
  timers = new Uint32Array(INITIAL_CAPACITY);
  arguments = new Float64Array(INITIAL_CAPACITY);
  /** Refs that were declared are below. */
  private end = 0;
  private readonly names = new Map<number, string>();
  /** Of those without a series, the ones that had one: deleted or renamed. */
  private readonly gone = new Set<number>();

  /** Takes over entry i of a dictionary; its name is canonical. */
  declare(dictionary: SeriesDictionary, i: number, name: string): void {
    const ref = dictionary.refs[i]!;
    if (ref >= this.series.length) this.grow(ref + 1);
    this.end = Math.max(this.end, ref + 1);
    this.series[ref] = NO_SERIES;
    this.names.set(ref, name);
    this.gone.delete(ref);
    this.merges[ref] = dictionary.merges[i]!;
    this.stats[ref] = dictionary.stats[i]!;
    this.timers[ref] = dictionary.timers[i]!;
    this.arguments[ref] = dictionary.arguments[i]!;
  }

  /** The series of a ref is there. */
  link(ref: number, series: number): void {
    this.series[ref] = series;
    this.names.delete(ref);
    this.gone.delete(ref);
  }

  retire(ref: number): void {
    if (ref >= this.end) return;
    this.series[ref] = NO_SERIES;
    this.names.delete(ref);
    this.gone.delete(ref);
    this.merges[ref] = MERGE_POINT;
    this.stats[ref] = STAT_NONE;
    this.timers[ref] = NO_TIMER;
  }

  /** Refs start over. */
  clear(): void {
    this.series.fill(NO_SERIES, 0, this.end);
    this.names.clear();
    this.gone.clear();
    this.end = 0;
  }

  /** Series were deleted or renamed: their refs have names again. */
  unlink(nameBySeries: ReadonlyMap<number, string>): void {
    for (let ref = 0; ref < this.end; ref++) {
      const series = this.series[ref]!;
      if (series === NO_SERIES) continue;
      const name = nameBySeries.get(series);
      if (name === undefined) continue;
      this.series[ref] = NO_SERIES;
      this.names.set(ref, name);
      this.gone.add(ref);
    }
  }

  /** Whether its series was deleted or renamed, and nothing made it anew. */
  isGone(ref: number): boolean {
    return this.gone.size > 0 && this.gone.has(ref);
  }

  /** Of a ref without a series; undefined when it was not declared. */
  nameOf(ref: number): string | undefined {
    return this.names.size === 0 ? undefined : this.names.get(ref);
  }

  /** Refs that were declared. */
  *declared(): Generator<number> {
    for (let ref = 0; ref < this.end; ref++) yield ref;
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.series.length * 2);
    this.series = grown(this.series, new Uint32Array(capacity).fill(NO_SERIES));
    this.merges = grown(this.merges, new Uint8Array(capacity));
    this.stats = grown(this.stats, new Uint8Array(capacity));
    this.timers = grown(this.timers, new Uint32Array(capacity));
    this.arguments = grown(this.arguments, new Float64Array(capacity));
  }
}
