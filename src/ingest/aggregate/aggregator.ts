/**
 * The heart: packets in, one FlushFrame a flush out. `packet` goes from bytes to counters without
 * allocating; a flush swaps sides in constant time and is then walked in slices. Owned by an ingest
 * worker; pure, so time and clock come as arguments.
 */
import type { AggregationConfig } from '../../config/config.ts';
import type { FlushFrame, MetricKind } from '../../wire.ts';
import {
  Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_SET,
  KIND_TIMER,
  type SampleSink,
  VALUE,
  WEIGHT,
} from '../protocol/cursor.ts';
import { DIALECT_STATSD } from '../protocol/dialect.ts';
import { readExtendedLine } from '../protocol/extended-line.ts';
import { isPlainName } from '../protocol/plain-line.ts';
import { isAscii, NameWriter, putDecoded } from '../protocol/sanitize.ts';
import { readStatsdLine } from '../protocol/statsd-line.ts';
import { hashWords, littleEndianView } from '../protocol/words.ts';
import { type BadLine, BadLines } from './bad-lines.ts';
import { FlushWalk } from './flush.ts';
import { writeGauge } from './gauge.ts';
import { FLAG_PINNED, Metrics } from './metrics.ts';
import { DOUBLE_VALUES, NONE, RECORD_WORDS, WORD_ONE, WORD_STATE } from './name-table.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { COUNTED, countPlainLines, type PlainSink } from './plain-lines.ts';
import { REFUSED_BAD, Resolver } from './resolver.ts';
import { MEMBER_NEW, MEMBER_REFUSED } from './set.ts';
import { NO_CELL } from './timer.ts';

export interface AggregateHealth {
  /** Since start. */
  packets: number;
  lines: number;
  metrics: number;
  events: number;
  checks: number;
  badLines: Record<string, number>;
  /** The last 8, the newest last. */
  lastBad: BadLine[];
  /** Since StatsD's counter was zeroed: `messages.bad_lines_seen` of its console. */
  badLinesSeen: number;
  /** Metrics that are alive, and series that the store knows of. */
  metricsLive: number;
  series: number;
  /** What limits refused, by what it was: series, setMembers, timerValues. */
  refused: Record<string, number>;
  nameBytes: number;
  timerBytes: number;
  setBytes: number;
  /** Epoch seconds of the last packet, 0 before the first. */
  lastMessageTime: number;
}

const LISTS: Record<MetricKind, number> = {
  counters: KIND_COUNTER,
  timers: KIND_TIMER,
  gauges: KIND_GAUGE,
  sets: KIND_SET,
};

const NEWLINE = 0x0a;

/** StatsD's own counters, in its order of birth. */
const OWN_NAMES = ['bad_lines_seen', 'packets_received', 'metrics_received'];

/** Slots of `totals`; the first three wait to be taken over by StatsD's own counters. */
const NEW_BAD = 0;
const NEW_PACKETS = 1;
const NEW_LINES = 2;
const BAD_SEEN = 3;
const PACKETS = 4;
const LINES = 5;
const METRICS = 6;
const EVENTS = 7;
const CHECKS = 8;
const MEMBERS_REFUSED = 9;

export class Aggregator implements SampleSink, PlainSink {
  private readonly metrics: Metrics;
  private readonly resolver: Resolver;
  private readonly walk: FlushWalk;
  private readonly secret: number;
  private readonly cursor = new Cursor();
  private readonly buffer = new PacketBuffer();
  private readonly badLines = new BadLines();
  private readonly totals = new Float64Array(10);
  private readonly member = new NameWriter();
  private memberView = littleEndianView(this.member.bytes);
  /** StatsD's own counters; NONE once the console deleted one, until it counts again. */
  private readonly own = new Int32Array(OWN_NAMES.length).fill(NONE);
  private finished: FlushFrame | undefined;
  private lastFlushTime = NaN;
  private lastRefused = 0;
  /** Epoch seconds; the receiver sets it before it hands over packets. */
  nowSeconds = 0;
  private lastMessageTime = 0;

  constructor(config: AggregationConfig, options: { wantSketches: boolean; hashSeed: number }) {
    this.secret = options.hashSeed | 0;
    this.metrics = new Metrics(config, this.secret);
    this.resolver = new Resolver(this.metrics, this.secret);
    this.walk = new FlushWalk(this.metrics, options.wantSketches);
    this.pinOwnCounters();
  }

  /**
   * One packet: a datagram, or the complete lines of one read of a stream. Never throws on what is
   * in it.
   */
  packet(bytes: Uint8Array, from: number, to: number, dialect: number, stream: boolean): void {
    const { totals, cursor, buffer } = this;
    totals[PACKETS]! += 1;
    totals[NEW_PACKETS]! += 1;
    this.lastMessageTime = this.nowSeconds;
    cursor.dialect = dialect;
    const ascii = stream && dialect === DIALECT_STATSD;
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
    const { cursor, metrics, secret, totals } = this;
    let at = from;
    let other = 0;
    let counted = 0;
    for (;;) {
      at = countPlainLines(cursor, metrics, this, at, to, secret);
      counted += COUNTED[0]!;
      if (at === to) break;
      other += 1;
      at = Math.min(this.fullLine(at, to) + 1, to);
      if (at === to) break;
    }
    totals[LINES]! += counted + other;
    totals[NEW_LINES]! += counted + other;
    totals[METRICS]! += counted;
  }

  /** PlainSink: a plain line whose metric is new, tagged or has its first value since a flush. */
  plainSample(cursor: Cursor): boolean {
    const { names } = this.metrics;
    const { view, nameFrom, nameTo, tagsFrom, tagsTo, hash, kind } = cursor;
    let id = NONE;
    if (tagsFrom === tagsTo) id = names.find(view, nameFrom, nameTo - nameFrom, hash, kind);
    if (id === NONE) {
      if (!isPlainName(cursor)) return false;
      cursor.lineTo = tagsFrom === tagsTo ? nameTo : tagsTo;
      this.resolveAndApply();
    } else this.apply(id);
    return true;
  }

  /** Reads the line at `from` with its dialect's whole grammar; returns the line's end. */
  private fullLine(from: number, to: number): number {
    const { cursor } = this;
    const { bytes } = cursor;
    let end = from;
    while (end < to && bytes[end]! !== NEWLINE) end += 1;
    if (cursor.dialect === DIALECT_STATSD) readStatsdLine(cursor, from, end, this);
    else readExtendedLine(cursor, from, end, this);
    return end;
  }

  /** SampleSink: a sample of a line that was read in full. */
  sample(cursor: Cursor): void {
    const { view, nameFrom, nameTo } = cursor;
    if (cursor.hash === 0) cursor.hash = hashWords(view, nameFrom, nameTo - nameFrom, this.secret);
    this.totals[METRICS]! += 1;
    this.resolveAndApply();
  }

  bad(cursor: Cursor, reason: number): void {
    this.totals[NEW_BAD]! += 1;
    this.totals[BAD_SEEN]! += 1;
    this.badLines.add(cursor, reason);
  }

  event(_cursor: Cursor): void {
    this.totals[EVENTS]! += 1;
  }

  check(_cursor: Cursor): void {
    this.totals[CHECKS]! += 1;
  }

  private resolveAndApply(): void {
    const id = this.resolver.resolve(this.cursor);
    if (id >= 0) this.apply(id);
    else if (id <= REFUSED_BAD) this.bad(this.cursor, REFUSED_BAD - id);
  }

  private apply(id: number): void {
    const { cursor, metrics } = this;
    const { epoch, names } = metrics;
    const { numbers } = cursor;
    const record = id * RECORD_WORDS;
    const side = epoch & 1;
    switch (cursor.kind) {
      case KIND_COUNTER:
        names.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES + side]! +=
          numbers[VALUE]! * numbers[WEIGHT]!;
        names.words[record + WORD_STATE + side] = epoch;
        break;
      case KIND_TIMER: {
        names.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES + side]! += numbers[WEIGHT]!;
        let cell = names.words[record + WORD_STATE + side]!;
        if (cell === NO_CELL) {
          cell = metrics.timers.take();
          names.words[record + WORD_STATE + side] = cell;
          names.words[record + WORD_ONE] = epoch;
        }
        if (cursor.weighted && numbers[WEIGHT]! !== 1) {
          metrics.timers.addWeighted(cell, numbers, VALUE, WEIGHT);
        } else metrics.timers.add(cell, numbers, VALUE);
        break;
      }
      case KIND_GAUGE:
        writeGauge(metrics, id, cursor);
        break;
      default:
        this.addMember(id);
    }
  }

  /** An empty member is StatsD's "0"; broken UTF-8 counts as decoded. */
  private addMember(id: number): void {
    const { cursor, metrics, member } = this;
    const { epoch, names } = metrics;
    const side = epoch & 1;
    const index = metrics.valueIndex(id, epoch);
    const mayAdd = names.doubles[index]! < metrics.config.maxSetMembers;
    const { memberFrom, memberTo } = cursor;
    let result: number;
    if (memberFrom < memberTo && isAscii(cursor.bytes, memberFrom, memberTo)) {
      const length = memberTo - memberFrom;
      result = metrics.members[side]!.add(id, cursor.view, memberFrom, length, mayAdd);
    } else {
      member.start(3 * (memberTo - memberFrom) + 1);
      if (memberFrom === memberTo) member.put(0x30);
      else putDecoded(member, cursor.bytes, memberFrom, memberTo);
      if (this.memberView.buffer !== member.bytes.buffer) {
        this.memberView = littleEndianView(member.bytes);
      }
      result = metrics.members[side]!.add(id, this.memberView, 0, member.length, mayAdd);
    }
    names.words[id * RECORD_WORDS + WORD_STATE + side] = epoch;
    if (result === MEMBER_NEW) names.doubles[index]! += 1;
    else if (result === MEMBER_REFUSED) this.totals[MEMBERS_REFUSED]! += 1;
  }

  /** Swaps sides, whatever their size; every value of the frame gets this time (epoch seconds). */
  beginFlush(time: number): void {
    this.completeWalk();
    this.countOwn();
    if (!Number.isNaN(this.lastFlushTime)) this.writeTimestampLag(time);
    this.lastFlushTime = time;
    const refused = this.resolver.refusedSeries;
    this.walk.begin(time, refused > this.lastRefused);
    this.lastRefused = refused;
  }

  /** Walks on for about `budgetMs`; the finished frame, or undefined while there is more to do. */
  continueFlush(budgetMs: number, nowMs: () => number): FlushFrame | undefined {
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
    let taken = 0;
    for (let i = 0; i < names.length; i++) {
      const key = this.walk.gaugeKey(names[i]!);
      if (key === undefined) continue;
      const before = this.metrics.lists[KIND_GAUGE].length;
      const id = this.metrics.ensure(key, KIND_GAUGE);
      if (id === NONE || this.metrics.lists[KIND_GAUGE].length === before) continue;
      this.setGauge(id, values[i]!);
      taken += 1;
    }
    return taken;
  }

  /** What changes live: delete*, gaugesMaxTTL, histograms, calculatedTimerMetrics, prefixStats … */
  reconfigure(config: AggregationConfig): void {
    this.completeWalk();
    this.metrics.adopt(config);
    this.pinOwnCounters();
    this.totals.fill(0, NEW_BAD, BAD_SEEN + 1);
    for (const id of this.own) {
      this.metrics.names.doubles[this.metrics.valueIndex(id, this.metrics.epoch)] = 0;
    }
  }

  /** Metrics of a kind with what they hold since the last flush, in order of arrival. */
  inspect(kind: MetricKind): [string, number | number[] | string[]][] {
    this.completeWalk();
    this.countOwn();
    const { metrics } = this;
    const { ids, length } = metrics.lists[LISTS[kind] as 0];
    const entries: [string, number | number[] | string[]][] = [];
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for (let i = 0; i < length; i++) {
      const id = ids[i]!;
      if (metrics.isAlive(id)) entries.push([decoder.decode(metrics.keyOf(id)), this.contents(id)]);
    }
    return entries;
  }

  /** Deletes by name, or every name that starts with `a.` for `a.*`; returns what was deleted. */
  deleteMetrics(kind: 'counters' | 'timers' | 'gauges', pattern: string): string[] {
    this.completeWalk();
    this.countOwn();
    const { metrics } = this;
    const list = metrics.lists[LISTS[kind] as 0];
    const start = pattern.endsWith('.*') ? pattern.slice(0, -1) : undefined;
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const deleted: string[] = [];
    const ids = new Set<number>();
    for (let i = 0; i < list.length; i++) {
      const id = list.ids[i]!;
      const name = decoder.decode(metrics.keyOf(id));
      const hit = name === pattern || (start !== undefined && name.startsWith(start));
      if (!hit || !metrics.isAlive(id)) continue;
      deleted.push(name);
      ids.add(id);
    }
    for (const id of ids) metrics.kill(id);
    if (kind === 'counters') {
      for (let i = 0; i < this.own.length; i++) if (ids.has(this.own[i]!)) this.own[i] = NONE;
    }
    metrics.forget(LISTS[kind], ids);
    return deleted;
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
      series: metrics.series.knownCount,
      refused: {
        series: this.resolver.refusedSeries,
        setMembers: totals[MEMBERS_REFUSED]!,
        timerValues: metrics.timers.refused,
      },
      nameBytes: metrics.names.nameBytes + this.resolver.nameBytes,
      timerBytes: metrics.timers.usedBytes,
      setBytes: metrics.members[0].usedBytes + metrics.members[1].usedBytes,
      lastMessageTime: this.lastMessageTime,
    };
  }

  private contents(id: number): number | number[] | string[] {
    const { metrics } = this;
    const { words, doubles } = metrics.names;
    const kind = metrics.names.kindOf(id);
    if (kind === KIND_SET) return metrics.membersOf(id);
    if (kind === KIND_TIMER) {
      const cell = words[id * RECORD_WORDS + WORD_STATE + (metrics.epoch & 1)]!;
      return cell === NO_CELL ? [] : metrics.timers.valuesOf(cell);
    }
    return doubles[metrics.valueIndex(id, metrics.epoch)]!;
  }

  /** Walks to the end; the frame waits for the next continueFlush. */
  private completeWalk(): void {
    if (this.walk.running) this.finished = this.walk.step(Infinity, () => 0);
  }

  /** Brings what came since the last time into StatsD's own counters. */
  private countOwn(): void {
    const { totals, metrics } = this;
    for (let i = 0; i < OWN_NAMES.length; i++) {
      if (totals[i] === 0) continue;
      if (this.own[i] === NONE) this.pinOwnCounter(i);
      metrics.names.doubles[metrics.valueIndex(this.own[i]!, metrics.epoch)]! += totals[i]!;
      totals[i] = 0;
    }
  }

  private pinOwnCounters(): void {
    for (let i = 0; i < OWN_NAMES.length; i++) this.pinOwnCounter(i);
  }

  private pinOwnCounter(index: number): void {
    const prefix = this.metrics.config.namespace.prefixStats;
    this.own[index] = this.pin(`${prefix}.${OWN_NAMES[index]!}`, KIND_COUNTER);
  }

  private pin(name: string, kind: number): number {
    const id = this.metrics.ensure(name, kind);
    this.metrics.flags[id]! |= FLAG_PINNED;
    return id;
  }

  private writeTimestampLag(time: number): void {
    const { config } = this.metrics;
    const id = this.pin(`${config.namespace.prefixStats}.timestamp_lag`, KIND_GAUGE);
    this.setGauge(id, time - this.lastFlushTime - config.flushIntervalMs / 1000);
  }

  private setGauge(id: number, value: number): void {
    const { metrics } = this;
    metrics.names.doubles[metrics.valueIndex(id, 0)] = value;
    metrics.names.doubles[metrics.valueIndex(id, 1)] = value;
    metrics.names.words[id * RECORD_WORDS + WORD_STATE + (metrics.epoch & 1)] = metrics.epoch;
  }
}
