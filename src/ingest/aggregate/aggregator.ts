/**
 * The heart: packets in, one SampleBatch a flush out. `packet` goes from bytes to counters without
 * allocating; a flush swaps sides in constant time and is then walked in slices. Owned by an ingest
 * worker; pure, so time and clock come as arguments.
 */
import type { AggregationConfig } from '../../config/config.ts';
import { ASCII_STREAMS, FIELDS, STRICT_TIMESTAMPS } from '../../config/dialects.ts';
import { isMisread } from '../../rejections/mistakes.ts';
import type { Rejection } from '../../rejections/rejections.ts';
import type { BatchMemory } from '../../wire/batch-memory.ts';
import type { FlushTop } from '../../wire/flush-top.ts';
import type { FlushBatch, SampleBatch } from '../../wire/sample-batch.ts';
import type { MetricKind, EventOrCheck } from '../../wire/ingest-messages.ts';
import {
  REASON_SUM,
  REASON_TIMED_TYPE,
  Cursor,
  KIND_COUNTER,
  NO_METRIC,
  NOT_REMEMBERED,
  KIND_GAUGE,
  KIND_SET,
  KIND_TIMER,
  type SampleSink,
  TIME,
} from '../protocol/cursor.ts';
import { LINE_READERS, VALUE_READERS } from '../protocol/statsd/line-readers.ts';
import { isAscii } from '../protocol/statsd/sanitize.ts';
import {
  ODD_INEXACT,
  ODD_INFINITE,
  ODD_NEWLINE,
  type RejectedLine,
  RejectedLines,
} from './rejected-lines.ts';
import { FlushWalk } from './flush.ts';
import { restoreGauge } from './gauge.ts';
import { deleteMatching, inspectMetrics, type MetricContents } from './inspect.ts';
import { Metrics } from './metrics.ts';
import { NONE } from './name-table.ts';
import { checkOf, eventOf, EventQueue } from './events.ts';
import { OwnCounters } from './own-counters.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { COUNTED, countKnownLines, type KnownLineSink } from './statsd-fast-path.ts';
import { NO_ROOM, REJECTED_BAD, Resolver } from './resolver.ts';
import { Spellings } from './spellings.ts';
import { SampleStore, SUM_TOO_LARGE, TAKEN, TAKEN_INEXACT } from './sample-store.ts';
import { touchLines } from './touch.ts';
import { TIMED_OK, TIMED_REJECTED, TimestampedSamples } from './timestamped-samples.ts';

export interface AggregateHealth {
  /** Since start. */
  packets: number;
  lines: number;
  metrics: number;
  events: number;
  checks: number;
  badLines: Record<string, number>;
  /** The last 8, the newest last. */
  lastBad: RejectedLine[];
  /** Since StatsD's counter was zeroed: `messages.bad_lines_seen` of its console. */
  badLinesSeen: number;
  /** Metrics that are alive, and series that the store knows of. */
  metricsLive: number;
  /** Metrics in the tables by kind, those that are idle too. */
  byKind: Record<MetricKind, number>;
  /** The senders that made most of the metrics, where they are known. */
  sources: { sender: string; metrics: number }[];
  series: number;
  nameBytes: number;
  /** Memory of what is known of lines that came before. */
  spellingBytes: number;
  timerBytes: number;
  setBytes: number;
  /** Epoch seconds of the last packet, 0 before the first. */
  lastMessageTime: number;
}

interface AggregatorOptions {
  wantSketches: boolean;
  hashSeed: number;
  /** What flushes cross threads in. */
  memory?: BatchMemory;
  /** What is remembered of lines that came before; 0: each is read in full. */
  spellingBytes?: number;
  /** Spellings from which on packets are touched (touch.ts). */
  touchedSpellings?: number;
}

const LISTS: Record<MetricKind, number> = {
  counters: KIND_COUNTER,
  timers: KIND_TIMER,
  gauges: KIND_GAUGE,
  sets: KIND_SET,
};

/** Senders in a health report. */
const SOURCES_SHOWN = 10;

/**
 * Measured on 2 MB of second-level cache: with so many spellings touching lines of 30 bytes takes a fifth
 * off, with a quarter of them it costs as much; of long lines hashing them twice costs more than it gains.
 */
const TOUCHED_SPELLINGS = 16_384;
const TOUCHED_LINE_BYTES_MAX = 64;
/** Shorter packets have too few lines to wait for side by side. */
const TOUCHED_PACKET_BYTES = 256;

const NEWLINE = 0x0a;
const COLON = 0x3a;

/** Slots of `totals`; the first three wait to be taken over by OwnCounters, in its order. */
const NEW_BAD = 0;
const NEW_PACKETS = 1;
const NEW_LINES = 2;
const BAD_SEEN = 3;
const PACKETS = 4;
const LINES = 5;
const METRICS = 6;
const EVENTS = 7;
const CHECKS = 8;

export class Aggregator implements SampleSink, KnownLineSink {
  private readonly metrics: Metrics;
  private readonly resolver: Resolver;
  private readonly spellings: Spellings;
  private readonly walk: FlushWalk;
  private readonly secret: number;
  private readonly cursor = new Cursor();
  private readonly buffer = new PacketBuffer();
  private readonly badLines = new RejectedLines();
  private readonly totals = new Float64Array(9);
  private readonly samples: SampleStore;
  private readonly own: OwnCounters;
  private readonly eventQueue = new EventQueue();
  private readonly timed: TimestampedSamples;
  private finished: FlushBatch | undefined;
  private lastRejectedNames = 0;
  private readonly touchedSpellings: number;
  /** Bytes of a line, on average of the packet before. */
  private lineBytes = 0;
  /** Epoch seconds; the receiver sets it before it hands over packets. */
  nowSeconds = 0;
  private lastMessageTime = 0;

  constructor(config: AggregationConfig, options: AggregatorOptions) {
    this.secret = options.hashSeed | 0;
    this.metrics = new Metrics(config, this.secret);
    this.spellings = new Spellings(options.spellingBytes);
    this.touchedSpellings = options.touchedSpellings ?? TOUCHED_SPELLINGS;
    this.resolver = new Resolver(this.metrics, this.secret);
    this.walk = new FlushWalk(this.metrics, options.wantSketches, options.memory);
    this.samples = new SampleStore(this.metrics);
    this.own = new OwnCounters(this.metrics);
    this.timed = new TimestampedSamples(this.metrics, this.secret);
  }

  /**
   * One packet: a datagram, or the complete lines of one read of a stream. Never throws on what is
   * in it. `sender`: its address, where it is known.
   */
  packet(
    bytes: Uint8Array,
    from: number,
    to: number,
    dialect: number,
    stream: boolean,
    sender?: string,
  ): void {
    const { totals, cursor, buffer } = this;
    this.metrics.sources.sender = sender;
    this.metrics.rejected.nowSeconds = this.nowSeconds;
    this.badLines.beginPacket();
    totals[PACKETS]! += 1;
    totals[NEW_PACKETS]! += 1;
    this.lastMessageTime = this.nowSeconds;
    cursor.setDialect(dialect);
    const ascii = stream && (cursor.traits & ASCII_STREAMS) !== 0;
    if (buffer.isReadable(bytes, to) && !(ascii && !isAscii(bytes, from, to))) {
      cursor.attach(bytes);
      this.lines(from, to);
    } else {
      buffer.copy(bytes, from, to, ascii);
      cursor.attach(buffer.bytes);
      this.lines(0, to - from);
    }
  }

  private lines(from: number, to: number): void {
    const { cursor, metrics, spellings, secret, totals } = this;
    if (spellings.index.count >= this.touchedSpellings) this.touch(from, to);
    let at = from;
    let other = 0;
    let counted = 0;
    for (;;) {
      at = countKnownLines(cursor, metrics, spellings, this, at, to, secret);
      counted += COUNTED[0]!;
      if (at === to) break;
      // Each line without a colon would make the fast path look for one in all that follows.
      const colon = spellings.soughtColon(at) ?? colonFrom(cursor.bytes, at, to);
      for (; at < to && at <= colon; at++) {
        if (cursor.bytes[at]! === NEWLINE) continue;
        other += 1;
        at = this.fullLine(at, to);
      }
      if (at >= to) break;
    }
    const lines = counted + other;
    totals[LINES]! += lines;
    totals[NEW_LINES]! += lines;
    totals[METRICS]! += counted;
    if (lines > 0) this.lineBytes = Math.trunc((to - from) / lines);
  }

  private touch(from: number, to: number): void {
    if (to - from < TOUCHED_PACKET_BYTES || this.lineBytes > TOUCHED_LINE_BYTES_MAX) return;
    const { cursor, metrics, spellings, secret } = this;
    const { bytes, view, dialect } = cursor;
    touchLines(bytes, view, from, to, dialect, spellings, metrics.names, secret);
  }

  /** Reads the line at `from` with its dialect's whole grammar; returns the line's end. */
  private fullLine(from: number, to: number): number {
    const { cursor, spellings } = this;
    const { bytes } = cursor;
    let end = from;
    while (end < to && bytes[end]! !== NEWLINE) end += 1;
    const outcome = LINE_READERS[cursor.dialect]!(cursor, from, end, this);
    const isNew = spellings.wasSought(from, end);
    if (isNew && outcome !== NOT_REMEMBERED && !isMisreadType(cursor)) {
      spellings.learn(cursor, outcome, this.metrics.names);
    }
    return end;
  }

  /** KnownLineSink: the spelling says all but what the values are. */
  knownLine(
    place: number,
    lineFrom: number,
    valueFrom: number,
    valueTo: number,
    lineTo: number,
  ): void {
    const { cursor, spellings, totals } = this;
    const { names } = this.metrics;
    totals[LINES]! += 1;
    totals[NEW_LINES]! += 1;
    cursor.lineFrom = lineFrom;
    cursor.valueFrom = valueFrom;
    cursor.valueTo = valueTo;
    const reason = spellings.load(place, cursor, lineTo, names);
    if (reason >= 0) return this.reject(cursor, reason);
    const known = cursor.metric;
    VALUE_READERS[cursor.dialect]!(cursor, this);
    if (cursor.metric !== known) spellings.point(place, cursor.metric, names);
  }

  /** SampleSink: a sample whose value was read by the dialect's reader. */
  sample(cursor: Cursor): void {
    if ((cursor.traits & FIELDS) !== 0 && cursor.numbers[TIME]! > 0) {
      if (cursor.kind === KIND_COUNTER || cursor.kind === KIND_GAUGE) return this.addTimed(cursor);
      // The agent discards them. `extended` loses nothing that it can count: in this interval.
      if ((cursor.traits & STRICT_TIMESTAMPS) !== 0) return this.reject(cursor, REASON_TIMED_TYPE);
    }
    // What is no type of StatsD's is a counter to it: `a:1|ms\nb:2|ms` in one line, too.
    if (isMisreadType(cursor)) this.addOdd(ODD_NEWLINE);
    if (cursor.metric === NO_METRIC || cursor.metricKind !== cursor.kind) {
      const metric = this.resolver.resolve(cursor);
      cursor.metric = metric === NO_ROOM ? NO_METRIC : metric;
      cursor.metricKind = cursor.kind;
    }
    const { metric } = cursor;
    if (metric >= 0) this.apply(metric);
    else if (metric <= REJECTED_BAD) this.reject(cursor, REJECTED_BAD - metric);
  }

  private addTimed(cursor: Cursor): void {
    const result = this.timed.add(cursor, this.nowSeconds);
    if (result === TIMED_OK) this.totals[METRICS]! += 1;
    else if (result !== TIMED_REJECTED) this.reject(cursor, result);
  }

  /** As TimedValues.take: called until it is undefined, behind a flush. */
  takeTimed(flushTime: number): SampleBatch | undefined {
    return this.timed.take(flushTime);
  }

  reject(cursor: Cursor, reason: number): void {
    this.totals[NEW_BAD]! += 1;
    this.totals[BAD_SEEN]! += 1;
    this.badLines.add(cursor, reason, this.nowSeconds, this.metrics.sources.sender);
  }

  event(cursor: Cursor): void {
    this.totals[EVENTS]! += 1;
    this.eventQueue.add(cursor, eventOf);
  }

  check(cursor: Cursor): void {
    this.totals[CHECKS]! += 1;
    this.eventQueue.add(cursor, checkOf);
  }

  /** Events and service checks that came since the last call. */
  takeEvents(): EventOrCheck[] {
    return this.eventQueue.take();
  }

  /** Adds the cursor's sample to a metric, if that has room for its value. */
  private apply(id: number): void {
    const result = this.samples.apply(this.cursor, id);
    if (result === SUM_TOO_LARGE) return this.reject(this.cursor, REASON_SUM);
    this.totals[METRICS]! += 1;
    if (result !== TAKEN) this.addOdd(result === TAKEN_INEXACT ? ODD_INEXACT : ODD_INFINITE);
  }

  /** Notes a sample that is counted, and hardly what was meant. */
  private addOdd(reason: number): void {
    this.badLines.addOdd(this.cursor, reason, this.nowSeconds, this.metrics.sources.sender);
  }

  /** Swaps sides, whatever their size; every value of the batch gets this time (epoch seconds). */
  beginFlush(time: number): void {
    this.completeWalk();
    this.metrics.sources.sender = undefined;
    this.takeOverOwn();
    this.own.noteFlush(time);
    const { ofNames } = this.metrics.rejected;
    this.walk.begin(time, ofNames > this.lastRejectedNames);
    this.lastRejectedNames = ofNames;
  }

  /** Walks on for about `budgetMs`; the finished batch, or undefined while there is more to do. */
  continueFlush(budgetMs: number, nowMs: () => number): FlushBatch | undefined {
    const { finished } = this;
    if (finished !== undefined) {
      this.finished = undefined;
      return finished;
    }
    return this.walk.running ? this.walk.step(budgetMs, nowMs) : undefined;
  }

  /**
   * Takes values of gauges that were sent before a restart, by their emitted names (as
   * `stats.gauges.a.b;x=y`). Names of other series and gauges that are there already are left out;
   * returns how many were taken.
   */
  restoreGauges(names: string[], values: Float64Array): number {
    this.completeWalk();
    // No sender made what comes back.
    this.metrics.sources.sender = undefined;
    let taken = 0;
    for (let i = 0; i < names.length; i++) {
      const key = this.walk.gaugeKey(names[i]!);
      if (key === undefined) continue;
      const before = this.metrics.lists[KIND_GAUGE].length;
      const id = this.metrics.ensure(key, KIND_GAUGE);
      if (id === NONE || this.metrics.lists[KIND_GAUGE].length === before) continue;
      restoreGauge(this.metrics, id, values[i]!);
      taken += 1;
    }
    return taken;
  }

  /** What changes live: delete*, gaugesMaxTTL, histograms, calculatedTimerMetrics, prefixStats … */
  reconfigure(config: AggregationConfig, wantSketches: boolean): void {
    this.completeWalk();
    this.walk.wantSketches = wantSketches;
    this.metrics.adopt(config);
    this.spellings.clear();
    this.own.reset();
    this.totals.fill(0, NEW_BAD, BAD_SEEN + 1);
  }

  /** Metrics of a kind with what they hold since the last flush, in order of arrival. */
  inspect(kind: MetricKind): [string, MetricContents][] {
    this.completeWalk();
    this.takeOverOwn();
    return inspectMetrics(this.metrics, LISTS[kind]);
  }

  /** Deletes by name, or every name that starts with `a.` for `a.*`; returns what was deleted. */
  deleteMetrics(kind: MetricKind, pattern: string): string[] {
    this.completeWalk();
    this.takeOverOwn();
    const { names, ids } = deleteMatching(this.metrics, LISTS[kind], pattern);
    this.own.forget(ids);
    return names;
  }

  /** What was busiest in the last flush. */
  top(): FlushTop {
    return this.walk.top.last;
  }

  health(): AggregateHealth {
    const { totals, metrics } = this;
    return {
      packets: totals[PACKETS]!,
      lines: totals[LINES]!,
      metrics: totals[METRICS]!,
      events: totals[EVENTS]!,
      checks: totals[CHECKS]!,
      badLines: this.badLines.byReason(),
      lastBad: this.badLines.last(),
      badLinesSeen: totals[BAD_SEEN]!,
      metricsLive: metrics.names.live,
      byKind: {
        counters: metrics.lists[KIND_COUNTER].length,
        timers: metrics.lists[KIND_TIMER].length,
        gauges: metrics.lists[KIND_GAUGE].length,
        sets: metrics.lists[KIND_SET].length,
      },
      sources: metrics.sources.largest(SOURCES_SHOWN),
      series: metrics.series.knownCount,
      nameBytes: metrics.names.nameBytes,
      spellingBytes: this.spellings.usedBytes,
      timerBytes: metrics.timers.usedBytes,
      setBytes: metrics.members[0].usedBytes + metrics.members[1].usedBytes,
      lastMessageTime: this.lastMessageTime,
    };
  }

  /** What was rejected since the start, with examples. */
  rejections(): Rejection[] {
    return [
      ...this.badLines.rejections(),
      ...this.metrics.rejected.list(),
      ...this.metrics.changedNames.list(),
      ...this.eventQueue.rejections(),
    ];
  }

  /** Brings what came since the last time into StatsD's own counters. */
  private takeOverOwn(): void {
    this.own.add(this.totals);
    this.totals.fill(0, NEW_BAD, NEW_LINES + 1);
  }

  /** Walks to the end; the batch waits for the next continueFlush. */
  private completeWalk(): void {
    if (this.walk.running) this.finished = this.walk.step(Infinity, () => 0);
  }
}

/** Whether a type that StatsD takes for a counter is rather a line feed typed out. */
function isMisreadType({ bytes, kind, typeFrom, typeTo }: Cursor): boolean {
  return kind === KIND_COUNTER && typeTo - typeFrom > 1 && isMisread(bytes, typeFrom, typeTo);
}

/** Where the next colon is; the last byte where there is none. */
function colonFrom(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to - 1 && bytes[at]! !== COLON) at += 1;
  return at;
}
