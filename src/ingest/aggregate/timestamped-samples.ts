/**
 * Values that come with a time of their own: DogStatsD's `|T1700000000` on counters and gauges.
 * They do not join the current interval, they are gathered by name and second and go out behind a
 * flush as batches of their own, into the slots of their times. Lines of one name and second add up
 * (counters), or the last one stays (gauges). A time that is still ahead waits for the flush that
 * passes it, so that a slot has its flush before anything is added to it.
 *
 *     table   (kind, seconds as 4 bytes, canonical name) -> value A: value, value B: time
 */
import { isFiniteNumber, isStoredTime } from '../../lib/admitted.ts';
import { MERGE_POINT, MERGE_RATE, MERGE_SUM, type MergeCode } from '../../wire/merge.ts';
import { dictionaryOf } from '../../wire/dictionary.ts';
import { StringPacker } from '../../wire/packed-strings.ts';
import { PRODUCER_TIMESTAMPED, type SampleBatch } from '../../wire/sample-batch.ts';
import {
  REASON_FUTURE,
  REASON_SUM,
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  TIME,
  VALUE,
  WEIGHT,
} from '../protocol/cursor.ts';
import { NameWriter } from '../protocol/statsd/sanitize.ts';
import { NAME_OK, writeName } from '../protocol/statsd/tags.ts';
import { hashWords, littleEndianView } from '../protocol/words.ts';
import type { Metrics } from './metrics.ts';
import { DOUBLE_VALUES, NameTable, NONE, RECORD_WORDS, WORD_STATE } from './name-table.ts';
import { COUNTER_COUNT, COUNTER_RATE, Namespace } from './namespace.ts';
import { NO_ROOM_TIMED } from './rejected-series.ts';

/** Names and seconds that wait for a flush: 64 bytes each, and what is longer than 32 of a name. */
const VALUES_MAX = 65_536;
const NAME_BYTES = 16 * 2 ** 20;
const INT32_MAX = 0x7fffffff;
const TIME_BYTES = 4;
/** Taken at once: some 2 ms. */
const BATCH_VALUES = 1024;
/** Above every id, for numbers that are sorted by when and hold which. */
const ID_RANGE = 2 ** 20;
/** The table's lengths are 16 bits. */
const KEY_BYTES_MAX = 65_535;

export const TIMED_OK = -1;
export const TIMED_REJECTED = -2;

export class TimestampedSamples {
  private readonly metrics: Metrics;
  private readonly secret: number;
  private readonly namespace: Namespace;
  private readonly table: NameTable;
  private readonly name = new NameWriter();
  private readonly names = new StringPacker();
  private sequence = 0;
  private key = new Uint8Array(256);
  private keyView = littleEndianView(this.key);
  private lastWrite = 0;
  /** What is being taken: ids, from where on, and up to which time. */
  private due = new Int32Array(0);
  private dueFrom = 0;
  private dueTime = NaN;

  constructor(metrics: Metrics, secret: number) {
    const { config } = metrics;
    this.metrics = metrics;
    this.secret = secret;
    this.namespace = new Namespace(config.namespace, config.sanitizesSent);
    this.table = new NameTable(VALUES_MAX, NAME_BYTES, secret);
  }

  get waiting(): number {
    return this.table.live;
  }

  /** Takes a counter's or gauge's sample; TIMED_OK, TIMED_REJECTED or a BAD_ reason. */
  add(cursor: Cursor, nowSeconds: number): number {
    const { numbers, kind } = cursor;
    const { config } = this.metrics;
    const time = numbers[TIME]!;
    const ahead = config.futureToleranceMs / 1000;
    // Before the first second nobody told what time it is.
    if (!isStoredTime(time) || (nowSeconds > 0 && time > nowSeconds + ahead)) return REASON_FUTURE;
    const limit = Math.min(config.maxNameBytes, KEY_BYTES_MAX - TIME_BYTES);
    const result = writeName(this.name, cursor, config.keyNameSanitize, limit);
    if (result !== NAME_OK) return result;
    const length = this.writeKey(numbers[TIME]!);
    const hash = hashWords(this.keyView, 0, length, this.secret);
    let id = this.table.find(this.keyView, 0, length, hash, kind);
    const isNew = id === NONE;
    const isOnly = this.table.live === 0;
    if (isNew) id = this.table.add(this.keyView, 0, length, hash, kind);
    if (id === NONE) {
      this.metrics.rejected.note(NO_ROOM_TIMED, this.name.bytes, 0, this.name.length);
      return TIMED_REJECTED;
    }
    const { doubles, words } = this.table;
    const value = id * (RECORD_WORDS / 2) + DOUBLE_VALUES;
    if (isNew) {
      if (this.name.changes !== 0) this.metrics.changedNames.note(this.name.changes, cursor);
      doubles[value] = 0;
      doubles[value + 1] = numbers[TIME]!;
    }
    if (kind === KIND_COUNTER) {
      const sum = doubles[value]! + numbers[VALUE]! * numbers[WEIGHT]!;
      if (!isFiniteNumber(sum)) return REASON_SUM;
      doubles[value] = sum;
    } else doubles[value] = numbers[VALUE]!;
    this.lastWrite = isOnly || this.lastWrite === INT32_MAX ? 0 : this.lastWrite + 1;
    words[id * RECORD_WORDS + WORD_STATE] = this.lastWrite;
    return TIMED_OK;
  }

  /**
   * Part of what has a time of at most `flushTime` (epoch seconds), in the order of the last lines;
   * undefined when that was all. Called until then, with the sockets having their turn in between.
   */
  take(flushTime: number): SampleBatch | undefined {
    if (this.dueTime !== flushTime) this.collect(flushTime);
    const ids = this.due.subarray(this.dueFrom, this.dueFrom + BATCH_VALUES);
    if (ids.length === 0) {
      this.dueTime = NaN;
      return undefined;
    }
    const batch = this.batchOf(ids);
    for (const id of ids) this.table.remove(id);
    this.dueFrom += ids.length;
    return batch;
  }

  private collect(flushTime: number): void {
    const { table } = this;
    const order = new Float64Array(table.live);
    let count = 0;
    for (let id = 0; table.live > 0 && id < table.size; id++) {
      if (table.isFree(id)) continue;
      if (table.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES + 1]! > flushTime) continue;
      order[count++] = table.words[id * RECORD_WORDS + WORD_STATE]! * ID_RANGE + id;
    }
    order.subarray(0, count).sort();
    this.due = new Int32Array(count);
    for (let i = 0; i < count; i++) this.due[i] = order[i]! % ID_RANGE;
    this.dueFrom = 0;
    this.dueTime = flushTime;
  }

  /** A batch with a dictionary of its own: names of two parts are seldom the same. */
  private batchOf(ids: Int32Array): SampleBatch {
    const { flushIntervalMs, flushCounts } = this.metrics.config;
    const times: number[] = [];
    const values: number[] = [];
    const merges: number[] = [];
    const put = (id: number, part: number, value: number, merge: MergeCode): void => {
      this.writeSeries(id, part);
      this.names.add(this.namespace.out.bytes, this.namespace.out.length);
      times.push(this.table.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES + 1]!);
      values.push(value);
      merges.push(merge);
    };
    for (const id of ids) {
      const value = this.table.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES]!;
      if (this.table.kindOf(id) === KIND_GAUGE) {
        put(id, 0, value, MERGE_POINT);
        continue;
      }
      put(id, COUNTER_RATE, value / (flushIntervalMs / 1000), MERGE_RATE);
      if (flushCounts) put(id, COUNTER_COUNT, value, MERGE_SUM);
    }
    const refs = Uint32Array.from(values.keys());
    const series = dictionaryOf(refs, this.names.finish(), MERGE_POINT, true);
    return {
      producer: PRODUCER_TIMESTAMPED,
      sequence: ++this.sequence,
      series: { ...series, merges: Uint8Array.from(merges) },
      refs,
      values: Float64Array.from(values),
      times: Float64Array.from(times),
      intervalMs: flushIntervalMs,
      how: 'merge',
    };
  }

  /** The name of the series that the same metric has without a time. */
  private writeSeries(id: number, part: number): void {
    const { table, namespace } = this;
    const start = table.startOf(id);
    const key = table.bytes.subarray(start + TIME_BYTES, start + table.lengthOf(id));
    namespace.write(key, table.kindOf(id), part, undefined);
  }

  private writeKey(time: number): number {
    const { bytes, length } = this.name;
    if (this.key.length < length + 16) {
      this.key = new Uint8Array(2 * length + 16);
      this.keyView = littleEndianView(this.key);
    }
    this.keyView.setUint32(0, time, true);
    for (let i = 0; i < length; i++) this.key[TIME_BYTES + i] = bytes[i]!;
    return TIME_BYTES + length;
  }
}
