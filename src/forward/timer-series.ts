/**
 * Which series of a frame belong to which timer, read back from the names in its `born` columns, for
 * the console backend, which shows a timer's statistics together. Order: learn, use, forget.
 *
 *     stats.timers. | api.get | .upper_90 | .suffix | ;env=prod
 *       prefix         key      statistic   global     key
 */
import type { NamespaceConfig } from '../config/config.ts';
import type { FlushFrame } from '../wire/sample-batch.ts';
import { NO_TIMER, STAT_BIN, STAT_DISTINCT } from '../wire/statistics.ts';

/** A timer's statistics by StatsD's names, `histogram` among them: its bins. */
export type TimerStatistics = Record<string, unknown>;

interface TimerSeriesName {
  key: string;
  /** `upper_90`, `bin_inf`. */
  label: string;
  isBin: boolean;
}

export class TimerSeries {
  private readonly names = new Map<number, TimerSeriesName>();
  private readonly prefix: string;
  private readonly suffix: string;

  constructor({ legacy, globalPrefix, prefixTimer, globalSuffix }: NamespaceConfig) {
    const parts = legacy === false ? [globalPrefix, prefixTimer] : ['stats', 'timers'];
    this.prefix = parts
      .filter((part) => part !== '')
      .map((part) => `${part}.`)
      .join('');
    this.suffix = globalSuffix === undefined ? '' : `.${globalSuffix}`;
  }

  learn(frame: FlushFrame): void {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let from = 0;
    for (let i = 0; i < frame.bornIds.length; i++) {
      const to = frame.bornNameEnds[i]!;
      const id = frame.bornIds[i]!;
      if (frame.bornTimer[i]! !== NO_TIMER && frame.bornStat[i]! !== STAT_DISTINCT) {
        const name = decoder.decode(frame.bornNames.subarray(from, to));
        this.names.set(id, this.read(name, frame.bornStat[i]! === STAT_BIN));
      }
      from = to;
    }
  }

  forget(frame: FlushFrame): void {
    for (const id of frame.deadIds) this.names.delete(id);
  }

  /** Statistics in the order of the frame, by the timer's key as it stands in names of series. */
  statisticsOf(frame: FlushFrame): Map<string, TimerStatistics> {
    const timers = new Map<string, TimerStatistics>();
    for (let i = 0; i < frame.ids.length; i++) {
      const name = this.names.get(frame.ids[i]!);
      if (name === undefined) continue;
      let statistics = timers.get(name.key);
      if (statistics === undefined) timers.set(name.key, (statistics = {}));
      const within = name.isBin
        ? ((statistics['histogram'] ??= {}) as TimerStatistics)
        : statistics;
      within[name.label] = frame.values[i]!;
    }
    return timers;
  }

  /** No statistic's label holds a dot but `histogram.bin_…`. */
  private read(name: string, isBin: boolean): TimerSeriesName {
    const tags = name.indexOf(';');
    const bodyTo = tags < 0 ? name.length : tags;
    const body = name.slice(this.prefix.length, bodyTo - this.suffix.length);
    const dot = body.lastIndexOf('.');
    const keyTo = isBin ? body.lastIndexOf('.', dot - 1) : dot;
    return { key: body.slice(0, keyTo) + name.slice(bodyTo), label: body.slice(dot + 1), isBin };
  }
}
