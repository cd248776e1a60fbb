/**
 * StatsD's console backend: every flush on standard output, as `util.inspect` shows the objects that
 * StatsD hands its backends (test/conformance/statsd/FACTS.md §2.3). Raw values come from the worker's snapshot,
 * statistics of timers from the batch, which alone knows sample rates and values kept in bins.
 * Used by `backends.ts`; prints:
 *
 *     Flushing stats at  Tue Mar 05 2024 10:00:00 GMT+0000 (Coordinated Universal Time)
 *     { counters: { … }, timers: { … }, gauges: { … }, timer_data: { … }, … }
 */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { NamespaceConfig } from '../config/config.ts';
import type { FlushBatch } from '../wire/sample-batch.ts';
import type { FlushSnapshot } from '../wire/ingest-messages.ts';
import { sanitizeName } from './sanitize-name.ts';
import { TimerSeries } from './timer-series.ts';

/** Levels that prettyprint shows; without it `inspect` stops at its own two. */
const PRETTY_DEPTH = 5;

interface ConsoleBackendOptions {
  prettyprint: boolean;
  namespace: NamespaceConfig;
  sanitizesSent: boolean;
  /** StatsD's `pctThreshold`. */
  percents: number[];
  /** Epoch seconds of the start. */
  nowSeconds: number;
  print(text: string): void;
}

export class ConsoleBackend {
  private readonly options: ConsoleBackendOptions;
  private readonly series: TimerSeries;
  private snapshot: FlushSnapshot | undefined;
  private lastTime = NaN;

  constructor(options: ConsoleBackendOptions) {
    this.options = options;
    this.series = new TimerSeries(options.namespace);
  }

  /** What the next flush was computed from. */
  take(snapshot: FlushSnapshot): void {
    this.snapshot = snapshot;
  }

  flush(batch: FlushBatch): void {
    const { snapshot } = this;
    assert(snapshot !== undefined, 'a snapshot comes before its flush');
    this.snapshot = undefined;
    this.series.learn(batch.series);
    const { prettyprint, print } = this.options;
    const shown = this.shown(batch, snapshot);
    const text = prettyprint
      ? inspect(shown, { depth: PRETTY_DEPTH, colors: true })
      : inspect(shown);
    print(`Flushing stats at  ${String(new Date(batch.times * 1000))}\n${text}\n`);
    this.series.forget(batch.series);
    this.lastTime = batch.times;
  }

  /** Epoch seconds; StatsD never brings them up to date. */
  stats(): { lastFlush: number; lastException: number } {
    const { nowSeconds } = this.options;
    return { lastFlush: nowSeconds, lastException: nowSeconds };
  }

  private shown(batch: FlushBatch, snapshot: FlushSnapshot): Record<string, unknown> {
    const seconds = batch.intervalMs / 1000;
    const gauges = new Map(snapshot.gauges);
    // Written by the flush itself, after the snapshot.
    if (!Number.isNaN(this.lastTime)) {
      const { prefixStats } = this.options.namespace;
      gauges.set(`${prefixStats}.timestamp_lag`, batch.times - this.lastTime - seconds);
    }
    const statistics = this.series.statisticsOf(batch);
    const nameOf = this.options.sanitizesSent ? sanitizedBody : (key: string) => key;
    return {
      counters: Object.fromEntries(snapshot.counters),
      timers: Object.fromEntries(snapshot.timers),
      gauges: Object.fromEntries(gauges),
      timer_data: Object.fromEntries(
        snapshot.timers.map(([key]) => [key, statistics.get(nameOf(key)) ?? {}]),
      ),
      counter_rates: Object.fromEntries(
        snapshot.counters.map(([key, value]) => [key, value / seconds]),
      ),
      sets: Object.fromEntries(snapshot.sets.map(([key, members]) => [key, listed(members)])),
      pctThreshold: this.options.percents,
    };
  }
}

/** Members as StatsD's store lists its keys: whole numbers first, ascending. */
function listed(members: string[]): string[] {
  return Object.keys(Object.fromEntries(members.map((member) => [member, true])));
}

/** A key as it stands in names of series when keys are kept as sent: sanitised up to the tags. */
function sanitizedBody(key: string): string {
  const tags = key.indexOf(';');
  const body = tags < 0 ? key : key.slice(0, tags);
  return sanitizeName(body) + key.slice(body.length);
}
