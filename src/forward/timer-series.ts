/**
 * Which series of a flush belong to which timer, read back from the names in its dictionary, for
 * the console backend, which shows a timer's statistics together. Order: learn, use, forget.
 *
 *     stats.timers. | api.get | .upper_90 | .suffix | ;env=prod
 *       prefix         key      statistic   global     key
 */
import type { NamespaceConfig } from '../config/config.ts';
import { eachText } from '../wire/packed-strings.ts';
import type { FlushBatch, SeriesDictionary } from '../wire/sample-batch.ts';
import { NO_TIMER, STAT_BIN, STAT_DISTINCT } from '../wire/statistics.ts';

/** A timer's statistics by StatsD's names, `histogram` among them: its bins. */
type TimerStatistics = Record<string, unknown>;

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

  learn({ refs, names, stats, timers }: SeriesDictionary): void {
    eachText(names, (name, i) => {
      if (timers[i] === NO_TIMER || stats[i] === STAT_DISTINCT) return;
      this.names.set(refs[i]!, this.read(name, stats[i] === STAT_BIN));
    });
  }

  forget({ retired }: SeriesDictionary): void {
    for (const ref of retired) this.names.delete(ref);
  }

  /** Statistics in the order of the flush, by the timer's key as it stands in names of series. */
  statisticsOf({ refs, values }: FlushBatch): Map<string, TimerStatistics> {
    const timers = new Map<string, TimerStatistics>();
    for (let i = 0; i < refs.length; i++) {
      const name = this.names.get(refs[i]!);
      if (name === undefined) continue;
      let statistics = timers.get(name.key);
      if (statistics === undefined) timers.set(name.key, (statistics = {}));
      const within = name.isBin
        ? ((statistics['histogram'] ??= {}) as TimerStatistics)
        : statistics;
      within[name.label] = values[i]!;
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
