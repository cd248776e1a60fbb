/**
 * What the refs of a producer stand for, as columns by ref: the series, how its values join and which
 * statistic of which timer it is. Refs are declared and retired by the dictionaries of batches.
 */
import { MERGE_POINT } from '../../../wire/merge.ts';
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
  /** Names of refs whose series was deleted or refused: they come with the next value. */
  private readonly deleted = new Map<number, string>();

  set(
    ref: number,
    series: number,
    merge: number,
    stat: number,
    timer: number,
    argument: number,
  ): void {
    if (ref >= this.series.length) this.grow(ref + 1);
    this.series[ref] = series;
    this.merges[ref] = merge;
    this.stats[ref] = stat;
    this.timers[ref] = timer;
    this.arguments[ref] = argument;
    this.deleted.delete(ref);
  }

  forget(ref: number): void {
    if (ref < this.series.length) {
      this.set(ref, NO_SERIES, MERGE_POINT, STAT_NONE, NO_TIMER, 0);
    }
  }

  /** Keeps the names of refs that stand for deleted series. */
  unlink(nameBySeries: ReadonlyMap<number, string>): void {
    for (let ref = 0; ref < this.series.length; ref++) {
      const series = this.series[ref]!;
      if (series === NO_SERIES) continue;
      const name = nameBySeries.get(series);
      if (name === undefined) continue;
      this.series[ref] = NO_SERIES;
      this.deleted.set(ref, name);
    }
  }

  /** Of a ref whose series was refused: it comes with the next value for which there is room. */
  keepName(ref: number, name: string): void {
    this.deleted.set(ref, name);
  }

  deletedName(ref: number): string | undefined {
    return this.deleted.size === 0 ? undefined : this.deleted.get(ref);
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.series.length * 2);
    const { series, merges, stats, timers, arguments: args } = this;
    this.series = new Uint32Array(capacity).fill(NO_SERIES);
    this.series.set(series);
    this.merges = new Uint8Array(capacity);
    this.merges.set(merges);
    this.stats = new Uint8Array(capacity);
    this.stats.set(stats);
    this.timers = new Uint32Array(capacity);
    this.timers.set(timers);
    this.arguments = new Float64Array(capacity);
    this.arguments.set(args);
  }
}
