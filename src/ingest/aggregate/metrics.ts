/**
 * All live metrics: the name table with their values, what the flush needs to know beside them, and
 * their order of arrival per kind. Values are kept twice, by parity of the epoch: samples go to
 * this epoch's side while the flush walks the other one.
 *
 *     record word       1                 A, B (f64)                 6, 7
 *     counter           -                 sum                        epoch of the last sample
 *     timer             last epoch        sum of 1 / rate            cell with the values, or NO_CELL
 *     gauge             epoch before      value                      epoch of the last sample
 *     set               -                 members                    epoch of the last sample
 *
 * A metric that StatsD would delete when idle is only marked dormant: it is not sent and not
 * counted, but keeps its numbers for when it comes back, and leaves after some flushes.
 */
import type { AggregationConfig } from '../../config/config.ts';
import { grown } from '../../lib/grown.ts';
import { PrefixLimit } from '../../rejections/prefix-limit.ts';
import { KIND_COUNTER, KIND_SET, KIND_TIMER } from '../protocol/cursor.ts';
import { littleEndianView, hashWords } from '../protocol/words.ts';
import { ChangedNames } from './changed-names.ts';
import { DOUBLE_VALUES, NameTable, NONE, RECORD_WORDS, WORD_STATE } from './name-table.ts';
import { holdsBytes, matchHistogram, planTimers, type TimerPlan } from './plan.ts';
import { RejectedSeries } from './rejected-series.ts';
import { SeriesRefs } from './series-refs.ts';
import { SetMembers } from './set.ts';
import { SourceLimit } from './source-limit.ts';
import { NO_CELL, TimerCells } from './timer.ts';

/** StatsD's own metrics: never dormant. */
export const FLAG_PINNED = 1;
/** A counter that StatsD zeroes instead of deleting. */
export const FLAG_ZEROED = 2;
export const FLAG_DORMANT = 4;
/** A timer or set whose base name went out in a batch. */
export const FLAG_SKETCHED = 8;

/** Bounds of the pools; names are bounded by maxSeries and maxNameBytes as well. */
const ARENA_BYTES = 256 * 2 ** 20;
/** Of one prefix. */
const PREFIX_BYTES = ARENA_BYTES / 4;
const TIMER_BYTES = 256 * 2 ** 20;
const MEMBER_BYTES = 128 * 2 ** 20;
/** StatsD's own metrics come on top of maxSeries. */
const OWN_METRICS = 16;

const ZEROED_NAMES = ['packets_received', 'metrics_received', 'bad_lines_seen'].map((name) =>
  new TextEncoder().encode(name),
);

const UNDERSCORE = 0x5f;

/** Ids in order of arrival. */
class IdList {
  ids = new Int32Array(256);
  length = 0;

  push(id: number): void {
    if (this.length === this.ids.length) {
      const ids = new Int32Array(this.length * 2);
      ids.set(this.ids);
      this.ids = ids;
    }
    this.ids[this.length++] = id;
  }
}

export class Metrics {
  readonly names: NameTable;
  readonly timers: TimerCells;
  readonly members: [SetMembers, SetMembers];
  readonly series = new SeriesRefs();
  readonly prefixes: PrefixLimit;
  readonly sources: SourceLimit;
  readonly rejected: RejectedSeries;
  readonly changedNames: ChangedNames;
  readonly lists = [new IdList(), new IdList(), new IdList(), new IdList()] as const;
  plan: TimerPlan;
  config: AggregationConfig;
  /** 1, 2, 3 …; samples belong to it. */
  epoch = 1;
  /** Epoch since which deleteGauges is on; idle gauges count from there. */
  gaugesDeletedSince = 1;

  flags = new Uint8Array(256);
  seriesBase = new Int32Array(256);
  binsBase = new Int32Array(256);
  histogram = new Int16Array(256);
  /** Refs of timers and sets in the sketches of batches. */
  timerIds = new Int32Array(256);
  private nextTimer = 0;
  private readonly freeTimers: number[] = [];
  private readonly secret: number;

  constructor(config: AggregationConfig, secret: number) {
    this.config = config;
    this.secret = secret;
    this.plan = planTimers(config);
    this.names = new NameTable(config.maxSeries + OWN_METRICS, ARENA_BYTES, secret);
    this.prefixes = new PrefixLimit({
      nodes: config.prefixNodes,
      limit: config.maxSeriesPerPrefix,
      bytes: { prefix: PREFIX_BYTES, all: Infinity },
      secret,
    });
    this.sources = new SourceLimit(config.maxSeriesPerSource);
    this.rejected = new RejectedSeries(this.sources);
    this.changedNames = new ChangedNames(this.rejected, this.sources);
    this.timers = new TimerCells(config.exactTimerValues, TIMER_BYTES, (id, reason, count) =>
      this.reject(id, reason, count),
    );
    this.members = [new SetMembers(MEMBER_BYTES, secret), new SetMembers(MEMBER_BYTES, secret)];
  }

  /**
   * Adds a metric that is not there; NONE when the table is full. Budgets count, they do not refuse: the
   * caller asked `prefixes.obstacle` about the name before, and no other since.
   */
  declare(view: DataView, from: number, length: number, hash: number, kind: number): number {
    const id = this.names.add(view, from, length, hash, kind);
    if (id === NONE) return NONE;
    if (id >= this.flags.length) this.growColumns();
    const start = this.names.startOf(id);
    this.prefixes.addLast(id, this.names.bytes, start, start + length);
    this.sources.add(id);
    this.flags[id] = 0;
    this.seriesBase[id] = NONE;
    this.binsBase[id] = NONE;
    if (kind === KIND_TIMER) {
      this.names.words[id * RECORD_WORDS + WORD_STATE] = NO_CELL;
      this.names.words[id * RECORD_WORDS + WORD_STATE + 1] = NO_CELL;
      this.histogram[id] = matchHistogram(this.plan, this.names.bytes, start, start + length);
    } else if (kind === KIND_COUNTER && isZeroed(this.names.bytes, start, start + length)) {
      this.flags[id] = FLAG_ZEROED;
    }
    if (isSketched(kind)) this.timerIds[id] = this.freeTimers.pop() ?? this.nextTimer++;
    this.lists[kind as 0].push(id);
    return id;
  }

  /** A metric by name, made when it is not there. */
  ensure(name: string, kind: number): number {
    const bytes = new TextEncoder().encode(`${name}\0\0\0\0`);
    const length = bytes.length - 4;
    const view = littleEndianView(bytes);
    const hash = hashWords(view, 0, length, this.secret);
    const id = this.names.find(view, 0, length, hash, kind);
    if (id !== NONE) return id;
    this.prefixes.obstacle(bytes, 0, length);
    return this.declare(view, 0, length, hash, kind);
  }

  /** Takes a metric out of everything but its list; the caller drops it there. */
  kill(id: number): void {
    const kind = this.names.kindOf(id);
    if (kind === KIND_TIMER) {
      for (let parity = 0; parity < 2; parity++) {
        const cell = this.names.words[id * RECORD_WORDS + WORD_STATE + parity]!;
        if (cell !== NO_CELL) this.timers.give(cell);
      }
    }
    if (isSketched(kind)) this.freeTimers.push(this.timerIds[id]!);
    this.giveSeries(id, kind);
    this.prefixes.remove(id);
    this.sources.remove(id);
    this.names.remove(id);
  }

  /** Frees the series of a metric; it gets new ones when it is sent again. */
  giveSeries(id: number, kind: number): void {
    if (this.seriesBase[id] !== NONE) {
      this.series.give(this.seriesBase[id]!, this.seriesCount(kind));
      this.seriesBase[id] = NONE;
    }
    if (this.binsBase[id] === NONE) return;
    const bins = this.plan.histograms[this.histogram[id]!]!.statistics.length;
    this.series.give(this.binsBase[id]!, bins);
    this.binsBase[id] = NONE;
  }

  seriesCount(kind: number): number {
    if (kind === KIND_TIMER) return this.plan.statistics.length;
    return kind === KIND_COUNTER ? 2 : 1;
  }

  /** Whether a metric got a sample in an epoch (this one or the one before). */
  isWritten(id: number, epoch: number): boolean {
    const state = this.names.words[id * RECORD_WORDS + WORD_STATE + (epoch & 1)]!;
    return this.names.kindOf(id) === KIND_TIMER ? state !== NO_CELL : state === epoch;
  }

  /** Whether StatsD would still have the metric now. */
  isAlive(id: number): boolean {
    return (this.flags[id]! & FLAG_DORMANT) === 0 || this.isWritten(id, this.epoch);
  }

  /** Counts values that a metric had no room for. */
  reject(id: number, reason: number, count = 1): void {
    const { names } = this;
    this.rejected.note(reason, names.bytes, names.startOf(id), names.lengthOf(id), count);
  }

  valueIndex(id: number, epoch: number): number {
    return id * (RECORD_WORDS / 2) + DOUBLE_VALUES + (epoch & 1);
  }

  keyOf(id: number): Uint8Array {
    const start = this.names.startOf(id);
    return this.names.bytes.subarray(start, start + this.names.lengthOf(id));
  }

  /** Takes over the parts of a configuration that change live. */
  adopt(config: AggregationConfig): void {
    if (config.deleteGauges && !this.config.deleteGauges) this.gaugesDeletedSince = this.epoch;
    const plan = planTimers(config);
    const { ids, length } = this.lists[KIND_TIMER];
    for (let i = 0; i < length; i++) {
      const id = ids[i]!;
      if (!samePlan(plan, this.plan)) this.giveSeries(id, KIND_TIMER);
      const key = this.keyOf(id);
      this.histogram[id] = matchHistogram(plan, key, 0, key.length);
    }
    this.plan = plan;
    this.config = config;
    this.prefixes.limit = config.maxSeriesPerPrefix;
    this.sources.limit = config.maxSeriesPerSource;
  }

  /** Drops killed metrics from their list. */
  forget(kind: number, ids: Set<number>): void {
    const list = this.lists[kind as 0];
    let kept = 0;
    for (let i = 0; i < list.length; i++) {
      if (!ids.has(list.ids[i]!)) list.ids[kept++] = list.ids[i]!;
    }
    list.length = kept;
  }

  membersOf(id: number): string[] {
    return this.names.kindOf(id) === KIND_SET ? this.members[this.epoch & 1]!.membersOf(id) : [];
  }

  private growColumns(): void {
    const size = this.flags.length * 2;
    this.flags = grown(this.flags, new Uint8Array(size));
    this.seriesBase = grown(this.seriesBase, new Int32Array(size));
    this.binsBase = grown(this.binsBase, new Int32Array(size));
    this.histogram = grown(this.histogram, new Int16Array(size));
    this.timerIds = grown(this.timerIds, new Int32Array(size));
  }
}

/** Whether the name of a counter is one that StatsD zeroes. */
function isZeroed(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && bytes[at]! !== UNDERSCORE) at += 1;
  // Each of them holds one; hardly a name is looked through for all.
  if (at === to) return false;
  for (const name of ZEROED_NAMES) if (holdsBytes(bytes, from, to, name)) return true;
  return false;
}

function isSketched(kind: number): boolean {
  return kind === KIND_TIMER || kind === KIND_SET;
}

/** Whether series numbers of one plan mean the same under the other. */
function samePlan(a: TimerPlan, b: TimerPlan): boolean {
  const labels = (plan: TimerPlan): string =>
    JSON.stringify([
      plan.statistics.map(({ label }) => label),
      plan.histograms.map(({ metric, statistics }) => [
        [...metric],
        statistics.map(({ label }) => label),
      ]),
    ]);
  return labels(a) === labels(b);
}
