/**
 * The walk over all metrics at a flush, in slices of a few milliseconds so that receiving goes on
 * in between: counters, timers, gauges, sets, each in order of arrival, as StatsD sends them. It
 * reads the side of the epoch that ended and cleans it for the next one; metrics that arrive
 * meanwhile stand behind the walk's end and wait for their own flush.
 */
import { encodeInPlace } from '../../sketch/codec.ts';
import { DistinctSketch } from '../../sketch/distinct.ts';
import { encodeDistinctInPlace } from '../../sketch/distinct-codec.ts';
import { Sketch } from '../../sketch/log-linear.ts';
import { isThresholdSent, statistic } from '../../sketch/statistics.ts';
import type { BatchMemory } from '../../wire/batch-memory.ts';
import type { FlushBatch } from '../../wire/sample-batch.ts';
import { MERGE_LAST, MERGE_MAX, MERGE_RATE, MERGE_SUM, type MergeCode } from '../../wire/merge.ts';
import {
  NO_TIMER,
  SKETCH_SET,
  SKETCH_TIMER,
  type SketchKind,
  STAT_COUNT,
  STAT_COUNT_PS,
  STAT_DISTINCT,
  STAT_NONE,
} from '../../wire/statistics.ts';
import { KIND_COUNTER, KIND_GAUGE, KIND_SET, KIND_TIMER } from '../protocol/cursor.ts';
import { BatchBuilder } from './batch-builder.ts';
import { FlushTopWalk } from './flush-top.ts';
import { isGaugeExpired } from './gauge.ts';
import { FLAG_DORMANT, FLAG_PINNED, FLAG_SKETCHED, FLAG_ZEROED, type Metrics } from './metrics.ts';
import { NONE, RECORD_WORDS, WORD_ONE, WORD_STATE } from './name-table.ts';
import { COUNTER_COUNT, COUNTER_RATE, Namespace } from './namespace.ts';
import type { TimerStatistic } from './plan.ts';
import { NO_ROOM_SKETCH } from './rejected-series.ts';
import { NO_CELL } from './timer.ts';

/** Flushes that a dormant metric keeps its numbers for. */
const DORMANT_FLUSHES = 10;
/** Metrics between two looks at the clock. */
const SLICE = 64;
/** Members of a set between two looks at the clock: some 0.2 ms. */
const SLICE_MEMBERS = 2048;
const KINDS = [KIND_COUNTER, KIND_TIMER, KIND_GAUGE, KIND_SET] as const;

export class FlushWalk {
  readonly top: FlushTopWalk;
  private readonly metrics: Metrics;
  private readonly namespace: Namespace;
  private readonly batch: BatchBuilder;
  wantSketches: boolean;
  private readonly sketch: Sketch;
  private readonly distinct = new DistinctSketch();
  /** Whether `distinct` holds members of the set that is visited next; `nextMember` is the one to go on with. */
  private isGathering = false;
  private nextMember = 0;
  private readonly seconds: number;
  private sequence = 0;
  private time = 0;
  /** The epoch that is being sent. */
  private epoch = 0;
  private kind = 0;
  private at = 0;
  private kept = 0;
  private readonly ends = new Int32Array(KINDS.length);
  private metricCount = 0;
  /** Whether the metric that is visited counts as busy: somebody sent it, and it is not our own. */
  private isBusy = false;
  private processingMs = 0;
  running = false;
  /** Dormant metrics leave at once: the table was full. */
  private evictAll = false;

  constructor(metrics: Metrics, wantSketches: boolean, memory?: BatchMemory) {
    const { config } = metrics;
    this.batch = new BatchBuilder(memory);
    this.metrics = metrics;
    this.top = new FlushTopWalk(metrics);
    this.wantSketches = wantSketches;
    this.namespace = new Namespace(config.namespace, config.sanitizesSent);
    this.sketch = new Sketch(config.exactTimerValues);
    this.seconds = config.flushIntervalMs / 1000;
  }

  /** Ends the epoch: samples go to the other side from here on. */
  begin(time: number, evictAll: boolean): void {
    this.time = time;
    this.evictAll = evictAll;
    this.epoch = this.metrics.epoch;
    this.metrics.epoch += 1;
    for (const kind of KINDS) this.ends[kind] = this.metrics.lists[kind].length;
    this.kind = 0;
    this.at = 0;
    this.kept = 0;
    this.metricCount = 0;
    this.processingMs = 0;
    this.running = true;
  }

  step(budgetMs: number, nowMs: () => number): FlushBatch | undefined {
    const startedMs = nowMs();
    let left = SLICE;
    while (this.kind < KINDS.length) {
      if (this.at >= this.ends[this.kind]!) {
        this.endKind();
        continue;
      }
      const { ids } = this.metrics.lists[this.kind as 0];
      const id = ids[this.at]!;
      if (this.isGathered(id)) {
        this.at += 1;
        if (this.visit(id)) ids[this.kept++] = id;
      } else left = 1;
      if (--left > 0) continue;
      left = SLICE;
      if (nowMs() - startedMs >= budgetMs) {
        this.processingMs += nowMs() - startedMs;
        return undefined;
      }
    }
    return this.finish(startedMs, nowMs);
  }

  /** What arrived during the walk moves up behind the metrics that stay. */
  private endKind(): void {
    const list = this.metrics.lists[this.kind as 0];
    list.ids.copyWithin(this.kept, this.at, list.length);
    list.length -= this.at - this.kept;
    this.kind += 1;
    this.at = 0;
    this.kept = 0;
  }

  private finish(startedMs: number, nowMs: () => number): FlushBatch {
    this.metrics.members[this.epoch & 1]!.clear();
    for (const ref of this.metrics.series.retired) this.batch.retire(ref);
    this.metrics.series.recycle();
    this.top.finish(this.time, this.seconds);
    this.running = false;
    this.sequence += 1;
    return this.batch.finish({
      sequence: this.sequence,
      times: this.time,
      intervalMs: this.metrics.config.flushIntervalMs,
      metricCount: this.metricCount,
      processingMs: this.processingMs + nowMs() - startedMs,
    });
  }

  /** Sends one metric and cleans its side; false when it is gone for good. */
  private visit(id: number): boolean {
    const { metrics } = this;
    const written = metrics.isWritten(id, this.epoch);
    const dormant = (metrics.flags[id]! & FLAG_DORMANT) !== 0;
    if (dormant && !written) return this.keepDormant(id);
    if (dormant) metrics.flags[id]! &= ~FLAG_DORMANT;
    // StatsD's own counters are sent whether somebody sends or not.
    this.isBusy = written && (metrics.flags[id]! & FLAG_PINNED) === 0;
    this.batch.isRepeat = !written && (metrics.flags[id]! & FLAG_PINNED) === 0;
    this.metricCount += 1;
    switch (this.kind) {
      case KIND_COUNTER:
        this.sendCounter(id);
        break;
      case KIND_TIMER:
        this.sendTimer(id);
        break;
      case KIND_GAUGE:
        this.sendGauge(id);
        break;
      default:
        this.sendSet(id);
    }
    if (this.isDeleted(id)) metrics.flags[id]! |= FLAG_DORMANT;
    return true;
  }

  private isDeleted(id: number): boolean {
    const { config, flags } = this.metrics;
    if ((flags[id]! & FLAG_PINNED) !== 0) return false;
    switch (this.kind) {
      case KIND_COUNTER:
        return config.deleteCounters && (flags[id]! & FLAG_ZEROED) === 0;
      case KIND_TIMER:
        return config.deleteTimers;
      case KIND_GAUGE:
        return config.deleteGauges && isGaugeExpired(this.metrics, id, this.epoch + 1);
      default:
        return config.deleteSets;
    }
  }

  private keepDormant(id: number): boolean {
    const { metrics } = this;
    const record = id * RECORD_WORDS;
    const { words } = metrics.names;
    if (metrics.isWritten(id, metrics.epoch)) return true;
    const last =
      this.kind === KIND_TIMER
        ? words[record + WORD_ONE]!
        : Math.max(words[record + WORD_STATE]!, words[record + WORD_STATE + 1]!);
    if (!this.evictAll && this.epoch - last < DORMANT_FLUSHES) return true;
    metrics.kill(id);
    return false;
  }

  private sendCounter(id: number): void {
    const { metrics } = this;
    const index = metrics.valueIndex(id, this.epoch);
    const value = metrics.names.doubles[index]!;
    metrics.names.doubles[index] = 0;
    if (this.isBusy) this.top.take(id, Math.abs(value));
    this.send(id, COUNTER_RATE, value / this.seconds, MERGE_RATE);
    if (metrics.config.flushCounts) this.send(id, COUNTER_COUNT, value, MERGE_SUM);
  }

  private sendGauge(id: number): void {
    const { metrics } = this;
    const { doubles } = metrics.names;
    const value = doubles[metrics.valueIndex(id, this.epoch)]!;
    if (!metrics.isWritten(id, metrics.epoch)) {
      doubles[metrics.valueIndex(id, metrics.epoch)] = value;
    }
    if (this.isBusy) this.top.take(id, 1);
    this.send(id, 0, value, MERGE_LAST);
  }

  private sendSet(id: number): void {
    const { doubles } = this.metrics.names;
    const index = this.metrics.valueIndex(id, this.epoch);
    if (this.isBusy) this.top.take(id, doubles[index]!);
    this.send(id, 0, doubles[index]!, MERGE_MAX);
    doubles[index] = 0;
    if (!this.isGathering) return;
    this.putSketch(id, SKETCH_SET, encodeDistinctInPlace(this.distinct));
    this.isGathering = false;
  }

  /** Members of a large set are gathered in several slices: false while there are more. */
  private isGathered(id: number): boolean {
    if (this.kind !== KIND_SET || !this.wantSketches) return true;
    const members = this.metrics.members[this.epoch & 1]!;
    if (!this.isGathering) {
      this.nextMember = members.lastOf(id);
      if (this.nextMember === 0) return true;
      this.distinct.clear();
      this.isGathering = true;
    }
    this.nextMember = members.gather(this.nextMember, SLICE_MEMBERS, this.distinct);
    return this.nextMember === 0;
  }

  private sendTimer(id: number): void {
    const { metrics, sketch, seconds } = this;
    const { plan } = metrics;
    const { doubles, words } = metrics.names;
    const index = metrics.valueIndex(id, this.epoch);
    const state = id * RECORD_WORDS + WORD_STATE + (this.epoch & 1);
    const cell = words[state]!;
    sketch.clear();
    if (cell === NO_CELL) {
      for (let i = plan.fixedFrom; i < plan.statistics.length; i++) {
        const one = plan.statistics[i]!;
        if (one.stat === STAT_COUNT || one.stat === STAT_COUNT_PS)
          this.sendStatistic(id, i, one, 0);
      }
      return;
    }
    metrics.timers.load(cell, sketch);
    sketch.count = doubles[index]!;
    if (this.isBusy) this.top.take(id, sketch.count);
    doubles[index] = 0;
    metrics.timers.give(cell);
    words[state] = NO_CELL;
    for (let i = 0; i < plan.statistics.length; i++) {
      const one = plan.statistics[i]!;
      if (i < plan.fixedFrom && !isThresholdSent(sketch.total, one.stat, one.argument)) continue;
      this.sendStatistic(id, i, one, statistic(sketch, one.stat, one.argument, seconds));
    }
    this.sendBins(id);
    if (!this.wantSketches) return;
    if (sketch.keepSummable()) this.putSketch(id, SKETCH_TIMER, encodeInPlace(sketch));
    else metrics.reject(id, NO_ROOM_SKETCH);
  }

  private putSketch(id: number, kind: SketchKind, bytes: Uint8Array): void {
    const { metrics, namespace } = this;
    const timer = metrics.timerIds[id]!;
    if ((metrics.flags[id]! & FLAG_SKETCHED) === 0) {
      metrics.flags[id]! |= FLAG_SKETCHED;
      namespace.writeBase(metrics.keyOf(id), this.kind);
      this.batch.declareSketch(timer, kind, namespace.out);
    }
    this.batch.putSketch(timer, bytes);
  }

  /** A bin holds what lies below its bound and in no bin before it, as StatsD's single pass. */
  private sendBins(id: number): void {
    const { metrics, sketch } = this;
    const histogram = metrics.plan.histograms[metrics.histogram[id]!];
    if (histogram === undefined || histogram.statistics.length === 0) return;
    if (!histogram.statistics[0]!.sent) return;
    if (metrics.binsBase[id] === NONE) {
      metrics.binsBase[id] = metrics.series.take(histogram.statistics.length);
    }
    let before = 0;
    for (let bin = 0; bin < histogram.statistics.length; bin++) {
      const one = histogram.statistics[bin]!;
      const below = statistic(sketch, one.stat, histogram.bounds[bin]!, this.seconds);
      const series = metrics.binsBase[id]! + bin;
      this.declare(id, series, 0, one);
      this.batch.put(series, Math.max(0, below - before));
      before = Math.max(before, below);
    }
  }

  private sendStatistic(id: number, index: number, one: TimerStatistic, value: number): void {
    if (!one.sent) return;
    const series = this.seriesOf(id) + index;
    this.declare(id, series, 0, one);
    this.batch.put(series, value);
  }

  private send(id: number, part: number, value: number, merge: MergeCode): void {
    const series = this.seriesOf(id) + part;
    if (!this.metrics.series.isKnown(series)) {
      this.declare(id, series, part, undefined);
      if (this.kind !== KIND_SET) this.batch.describe(merge, STAT_NONE, 0, NO_TIMER);
      else this.batch.describe(merge, STAT_DISTINCT, 0, this.metrics.timerIds[id]);
    }
    this.batch.put(series, value);
  }

  private seriesOf(id: number): number {
    const { seriesBase } = this.metrics;
    if (seriesBase[id] === NONE) {
      seriesBase[id] = this.metrics.series.take(this.metrics.seriesCount(this.kind));
    }
    return seriesBase[id]!;
  }

  private declare(id: number, series: number, part: number, one: TimerStatistic | undefined): void {
    const { metrics, namespace } = this;
    if (metrics.series.isKnown(series)) return;
    metrics.series.learn(series);
    namespace.write(metrics.keyOf(id), this.kind, part, one?.label);
    this.batch.declare(series, namespace.out);
    if (one !== undefined) {
      this.batch.describe(one.merge, one.stat, one.argument, metrics.timerIds[id]);
    }
  }

  /** The gauge's key behind an emitted name. */
  gaugeKey(name: string): string | undefined {
    return this.namespace.gaugeKey(name);
  }
}
