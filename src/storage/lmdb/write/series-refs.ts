/**
 * What the ingest worker's ids stand for, as columns by its id: the series, how its values join and
 * which statistic of which timer it is. Ids are learnt from `born` and forgotten with `dead`.
 */
import { MERGE_POINT } from '../../../wire/merge.ts';
import { NO_TIMER, STAT_NONE } from '../../../wire/statistics.ts';

/** The id stands for no series: unknown, refused or deleted. */
export const NO_SERIES = 0xffffffff;

const INITIAL_CAPACITY = 1024;

export class FrameIds {
  series = new Uint32Array(INITIAL_CAPACITY).fill(NO_SERIES);
  merges = new Uint8Array(INITIAL_CAPACITY);
  stats = new Uint8Array(INITIAL_CAPACITY);
  timers = new Uint32Array(INITIAL_CAPACITY);
  arguments = new Float64Array(INITIAL_CAPACITY);
  /** Names of ids whose series was deleted or refused: they come with the next value. */
  private readonly deleted = new Map<number, string>();

  set(
    frameId: number,
    series: number,
    merge: number,
    stat: number,
    timer: number,
    argument: number,
  ): void {
    if (frameId >= this.series.length) this.grow(frameId + 1);
    this.series[frameId] = series;
    this.merges[frameId] = merge;
    this.stats[frameId] = stat;
    this.timers[frameId] = timer;
    this.arguments[frameId] = argument;
    this.deleted.delete(frameId);
  }

  forget(frameId: number): void {
    if (frameId < this.series.length) {
      this.set(frameId, NO_SERIES, MERGE_POINT, STAT_NONE, NO_TIMER, 0);
    }
  }

  /** Keeps the names of ids that stand for deleted series. */
  unlink(nameBySeries: ReadonlyMap<number, string>): void {
    for (let frameId = 0; frameId < this.series.length; frameId++) {
      const series = this.series[frameId]!;
      if (series === NO_SERIES) continue;
      const name = nameBySeries.get(series);
      if (name === undefined) continue;
      this.series[frameId] = NO_SERIES;
      this.deleted.set(frameId, name);
    }
  }

  /** Of an id whose series was refused: it comes with the next value for which there is room. */
  keepName(frameId: number, name: string): void {
    this.deleted.set(frameId, name);
  }

  deletedName(frameId: number): string | undefined {
    return this.deleted.size === 0 ? undefined : this.deleted.get(frameId);
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
