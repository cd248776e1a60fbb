/**
 * Lines whose spelling is known, from bytes to counter in one pass without leaving this function: a
 * hash grows over the line's head while the colon is searched four bytes at a time, the value is an
 * integer mantissa with a decimal exponent, the hash goes on over the tail up to the line feed, the
 * table of spellings is probed in place.
 *
 *     name:-12.5|ms|@0.1|#tags\n
 *     ^--^ ^---^^-------------^
 *     head value      tail
 *
 * It is long on purpose: everything hoisted and nothing passed on is a third of its speed
 * (native-bench/hot.ts). It knows nothing of names, types, rates and tags: a head may even hold a line
 * feed, as then it is no line's head and never in the table. A spelling that is new stops it; values
 * that are not one short decimal, and a metric that does not take its value in place, are the sink's.
 */
import { GAUGE_DELTAS, PACKED_VALUES } from '../../config/dialects.ts';
import { EXACT_MAX } from '../../lib/admitted.ts';
import {
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_TIMER,
  VALUE,
  WEIGHT,
} from '../protocol/cursor.ts';
import { POWERS_OF_TEN } from '../protocol/number.ts';
import { finishHash, mixWord } from '../protocol/words.ts';
import { writeGauge } from './gauge.ts';
import type { Metrics } from './metrics.ts';
import { DOUBLE_VALUES, RECORD_WORDS, WORD_GENERATION, WORD_STATE } from './name-table.ts';
import {
  DIALECT_SHIFT,
  GENERATION,
  HEAD,
  MEANING,
  MEANS_KIND,
  MEANS_SAMPLED,
  MEANS_UNSIGNED,
  MEANS_WEIGHTED,
  METRIC,
  PART_BYTES_MAX,
  restOf,
  type Spellings,
  TAIL_SHIFT,
} from './spellings.ts';
import { NO_CELL } from './timer.ts';

const COLONS = 0x3a3a3a3a;
const NEWLINES = 0x0a0a0a0a;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const BAR = 0x7c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const DIGITS_MAX = 9;
const NOWHERE = -1;
const LAST_FACTOR = 0x2c1b3c6d;

// A constant of this file is one of its code. One of another file is looked up, tested and its sums
// tested for overflow wherever it is used: a fifth of the time of a short line.
const mix = mixWord;
const finish = finishHash;
const POWERS = POWERS_OF_TEN;
const SUM_MAX = EXACT_MAX;
const AT_METRIC = METRIC;
const AT_GENERATION = GENERATION;
const AT_MEANING = MEANING;
const AT_HEAD = HEAD;
const PART_MAX = PART_BYTES_MAX;
const TAIL_LENGTH = TAIL_SHIFT;
const DIALECT = DIALECT_SHIFT;
const KIND = MEANS_KIND;
const SAMPLED = MEANS_SAMPLED;
const WEIGHTED = MEANS_WEIGHTED;
const UNSIGNED = MEANS_UNSIGNED;
const COUNTER = KIND_COUNTER;
const GAUGE = KIND_GAUGE;
const TIMER = KIND_TIMER;
const METRIC_WORDS = RECORD_WORDS;
const METRIC_DOUBLES = RECORD_WORDS / 2;
const METRIC_GENERATION = WORD_GENERATION;
const METRIC_VALUES = DOUBLE_VALUES;
const METRIC_STATE = WORD_STATE;
const NUMBER_VALUE = VALUE;
const NUMBER_WEIGHT = WEIGHT;
const NO_TIMER = NO_CELL;
const DELTAS = GAUGE_DELTAS;

/** What to do with a line of a known spelling that the loop cannot count in place. */
export interface KnownLineSink {
  /** Where the spelling's record is, and the line's first byte, values and end. */
  knownLine(
    place: number,
    lineFrom: number,
    valueFrom: number,
    valueTo: number,
    lineTo: number,
  ): void;
}

/** Samples that the last call counted in place, a line each. */
export const COUNTED = new Int32Array(1);

/** Reads known lines of [start, end); returns where it stopped: at `end`, or at a line that is new. */
export function countKnownLines(
  cursor: Cursor,
  metrics: Metrics,
  spellings: Spellings,
  sink: KnownLineSink,
  start: number,
  end: number,
  seed: number,
): number {
  const { view, bytes, numbers, traits } = cursor;
  const { names, epoch } = metrics;
  let { words: records, doubles } = names;
  const { words, doubles: weights } = spellings;
  const { slots, mask } = spellings.index;
  const dialect = cursor.dialect << DIALECT;
  const side = epoch & 1;
  const to = end | 0;
  const secret = seed | 0;
  let lines = 0;
  let lineFrom = start | 0;
  line: while (lineFrom < to) {
    let hash = secret;
    let at = lineFrom;
    let word = 0;
    let found = 0;
    for (;;) {
      if (at >= to) break line;
      word = view.getInt32(at, true);
      const differing = word ^ COLONS;
      found = (differing - LOW_BITS) & HIGH_BITS;
      // With bytes beyond ASCII it may be none.
      if (found !== 0 && (found &= ~differing) !== 0) break;
      hash = mix(hash, word, secret);
      at = (at + 4) | 0;
    }
    found &= -found;
    const headWord = word & ((found >>> 7) - 1);
    hash = mix(hash, headWord, secret);
    const headWhole = at;
    const valueFrom = (at + ((39 - Math.clz32(found)) >> 3)) | 0;

    at = valueFrom;
    const sign = bytes[at]!;
    if (sign === MINUS || sign === PLUS) at += 1;
    const digitsFrom = at;
    let mantissa = 0;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      digit = bytes[++at]! - 0x30;
    }
    let digits = (at - digitsFrom) | 0;
    let decimals = 0;
    if (digit === DOT - 0x30) {
      decimals = ~at;
      digit = bytes[++at]! - 0x30;
      while (digit >= 0 && digit <= 9) {
        mantissa = (Math.imul(mantissa, 10) + digit) | 0;
        digit = bytes[++at]! - 0x30;
      }
      decimals = (decimals + at) | 0;
      digits = (digits + decimals) | 0;
    }
    const isShort = digits > 0 && digits <= DIGITS_MAX && digit === BAR - 0x30;
    if (!isShort) at = valuesEnd(bytes, valueFrom, to, traits) | 0;
    if (at < 0 || at > to) break;

    const valueTo = at;
    for (;;) {
      word = view.getInt32(at, true);
      const differing = word ^ NEWLINES;
      found = (differing - LOW_BITS) & HIGH_BITS;
      if ((found !== 0 && (found &= ~differing) !== 0) || ((at + 4) | 0) > to) break;
      hash = mix(hash, word, secret);
      at = (at + 4) | 0;
      // The same again: what V8 tests of the view, it tests once in each turn.
      word = view.getInt32(at, true);
      const next = word ^ NEWLINES;
      found = (next - LOW_BITS) & HIGH_BITS;
      if ((found !== 0 && (found &= ~next) !== 0) || ((at + 4) | 0) > to) break;
      hash = mix(hash, word, secret);
      at = (at + 4) | 0;
    }
    found &= -found;
    let lineTo = (at + ((31 - Math.clz32(found)) >> 3)) | 0;
    if (found === 0 || lineTo > to) {
      lineTo = to;
      found = 0x80 << ((to - at) << 3);
    }
    const tailWord = word & ((found >>> 7) - 1);
    const tailWhole = at;
    const headBytes = valueFrom - 1 - lineFrom;
    const tailBytes = lineTo - valueTo;
    if (headBytes > PART_MAX || tailBytes > PART_MAX) break;
    const lengths = headBytes | (tailBytes << TAIL_LENGTH) | dialect;
    hash = finish(hash ^ Math.imul(tailWord, LAST_FACTOR), lengths);

    let place = NOWHERE;
    for (let slot = (hash & mask) << 1; ; slot = (((slot >> 1) + 1) & mask) << 1) {
      place = slots[slot | 1]! - 1;
      if (place === NOWHERE) {
        spellings.seek(lineFrom, valueFrom, valueTo, lineTo, hash);
        break line;
      }
      if (slots[slot]! !== hash || words[place]! !== lengths) continue;
      const tail = place + AT_HEAD + 1 + (headBytes >> 2);
      if (words[tail - 1]! !== headWord || words[tail + (tailBytes >> 2)]! !== tailWord) continue;
      if (!areSame(words, place + AT_HEAD, view, lineFrom, headWhole)) continue;
      if (areSame(words, tail, view, valueTo, tailWhole)) break;
    }

    const id = words[place + AT_METRIC]!;
    const record = Math.imul(id, METRIC_WORDS);
    const generation = words[place + AT_GENERATION]!;
    if (isShort && id >= 0 && records[record + METRIC_GENERATION]! === generation) {
      let value = decimals === 0 ? mantissa : mantissa / POWERS[decimals]!;
      if (sign === MINUS) value = -value;
      const meaning = words[place + AT_MEANING]!;
      let isCounted: boolean;
      if ((meaning & (KIND | SAMPLED)) === COUNTER) {
        const stored = ((record >> 1) + METRIC_VALUES + side) | 0;
        const sum = doubles[stored]! + value;
        isCounted = Math.abs(sum) < SUM_MAX; // else it is to be told, or rejected
        if (isCounted) doubles[stored] = sum;
        if (isCounted) records[(record + METRIC_STATE + side) | 0] = epoch;
      } else {
        numbers[NUMBER_VALUE] = value;
        numbers[NUMBER_WEIGHT] = meaning & SAMPLED ? weights[restOf(place, lengths) >> 1]! : 1;
        isCounted = isAdded(cursor, metrics, id, meaning, sign);
      }
      if (isCounted) {
        lines += 1;
        lineFrom = (lineTo + 1) | 0;
        continue;
      }
    }
    sink.knownLine(place, lineFrom, valueFrom, valueTo, lineTo);
    lineFrom = (lineTo + 1) | 0;
    ({ words: records, doubles } = names);
  }
  COUNTED[0] = lines;
  return lineFrom < to ? lineFrom : to;
}

/** Whether the words at `place` are those of [from, to), which is whole words. */
function areSame(
  words: Int32Array,
  place: number,
  view: DataView,
  from: number,
  to: number,
): boolean {
  let i = place;
  let at = from;
  for (const last = (to - 4) | 0; at < last; at = (at + 8) | 0) {
    const first = words[i]! ^ view.getInt32(at, true);
    if ((first | (words[i + 1]! ^ view.getInt32(at + 4, true))) !== 0) return false;
    i = (i + 2) | 0;
  }
  return at >= to || words[i]! === view.getInt32(at, true);
}

/** Adds a value with its weight where nothing is to be told, or rejected. */
function isAdded(
  cursor: Cursor,
  metrics: Metrics,
  id: number,
  meaning: number,
  sign: number,
): boolean {
  const { numbers, traits } = cursor;
  const { epoch, names, timers } = metrics;
  const kind = meaning & KIND;
  const side = epoch & 1;
  const index = Math.imul(id, METRIC_DOUBLES) + METRIC_VALUES + side;
  const state = Math.imul(id, METRIC_WORDS) + METRIC_STATE + side;
  if (kind === GAUGE) {
    if ((sign === MINUS || sign === PLUS) && (traits & DELTAS) !== 0) return false;
    cursor.relative = false;
    if (names.words[state]! !== epoch) return writeGauge(metrics, id, cursor);
    names.doubles[index] = numbers[NUMBER_VALUE]!;
    return true;
  }
  const weight = numbers[NUMBER_WEIGHT]!;
  if (kind === COUNTER) {
    const sum = names.doubles[index]! + numbers[NUMBER_VALUE]! * weight;
    if (!(Math.abs(sum) < SUM_MAX)) return false;
    names.doubles[index] = sum;
    names.words[state] = epoch;
    return true;
  }
  const cell = names.words[state]!;
  const count = names.doubles[index]! + weight;
  if (kind !== TIMER || cell === NO_TIMER || !(count < SUM_MAX)) return false;
  if (sign === MINUS && (meaning & UNSIGNED) !== 0) return false;
  names.doubles[index] = count;
  if (weight === 1 || (meaning & WEIGHTED) === 0) timers.add(cell, numbers, NUMBER_VALUE);
  else timers.addWeighted(cell, numbers, NUMBER_VALUE, NUMBER_WEIGHT);
  return true;
}

/** Where other values than one short decimal end; NOWHERE: what stands there is several samples. */
function valuesEnd(bytes: Uint8Array, from: number, to: number, traits: number): number {
  const mayPack = (traits & PACKED_VALUES) !== 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === BAR || byte === NEWLINE) return at;
    if (byte === COLON && !mayPack) return NOWHERE;
  }
  return to;
}
