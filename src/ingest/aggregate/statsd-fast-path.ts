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
import { finishHash, mixWord, REST_MASKS } from '../protocol/words.ts';
import { writeGauge } from './gauge.ts';
import type { Metrics } from './metrics.ts';
import { DOUBLE_VALUES, RECORD_WORDS, WORD_GENERATION, WORD_STATE } from './name-table.ts';
import {
  DIALECT_SHIFT,
  GENERATION,
  HEAD,
  LENGTHS,
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
/** A constant of this file is one of its code; an imported one is looked up. */
const SUM_MAX = EXACT_MAX;

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

/** Reads known lines of [from, to); returns where it stopped: at `to`, or at a line that is new. */
export function countKnownLines(
  cursor: Cursor,
  metrics: Metrics,
  spellings: Spellings,
  sink: KnownLineSink,
  from: number,
  to: number,
  secret: number,
): number {
  const { view, bytes, numbers, traits } = cursor;
  const { names, epoch } = metrics;
  let { words: records, doubles } = names;
  const { words, doubles: weights } = spellings;
  const { slots, mask } = spellings.index;
  const dialect = cursor.dialect << DIALECT_SHIFT;
  const side = epoch & 1;
  let lines = 0;
  let lineFrom = from;
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
      hash = mixWord(hash, word, secret);
      at += 4;
    }
    const headRest = (31 - Math.clz32(found & -found)) >> 3;
    const headWord = word & REST_MASKS[headRest]!;
    hash = mixWord(hash, headWord, secret);
    const headWhole = at;
    at += headRest + 1;

    const valueFrom = at;
    const sign = bytes[at]!;
    if (sign === MINUS || sign === PLUS) at += 1;
    const digitsFrom = at;
    let mantissa = 0;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      mantissa = (mantissa * 10 + digit) | 0;
      digit = bytes[++at]! - 0x30;
    }
    let digits = at - digitsFrom;
    let decimals = 0;
    if (digit === DOT - 0x30) {
      decimals = ~at;
      digit = bytes[++at]! - 0x30;
      while (digit >= 0 && digit <= 9) {
        mantissa = (mantissa * 10 + digit) | 0;
        digit = bytes[++at]! - 0x30;
      }
      decimals += at;
      digits += decimals;
    }
    const isShort = digits > 0 && digits <= DIGITS_MAX && digit === BAR - 0x30;
    if (!isShort) at = valuesEnd(bytes, valueFrom, to, traits);
    if (at < 0 || at > to) break;

    const valueTo = at;
    for (;;) {
      word = view.getInt32(at, true);
      const differing = word ^ NEWLINES;
      found = (differing - LOW_BITS) & HIGH_BITS;
      if ((found !== 0 && (found &= ~differing) !== 0) || at + 4 > to) break;
      hash = mixWord(hash, word, secret);
      at += 4;
    }
    let tailRest = found === 0 ? 4 : (31 - Math.clz32(found & -found)) >> 3;
    if (tailRest > to - at) tailRest = to - at;
    const tailWord = word & REST_MASKS[tailRest]!;
    const tailWhole = at;
    const lineTo = at + tailRest;
    const headBytes = valueFrom - 1 - lineFrom;
    const tailBytes = lineTo - valueTo;
    if (headBytes > PART_BYTES_MAX || tailBytes > PART_BYTES_MAX) break;
    const lengths = headBytes | (tailBytes << TAIL_SHIFT) | dialect;
    hash = finishHash(hash ^ Math.imul(tailWord, LAST_FACTOR), lengths);

    let place = NOWHERE;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot * 2 + 1]!;
      if (entry === 0) break;
      if (slots[slot * 2]! !== hash) continue;
      let i = entry - 1;
      if (words[i + LENGTHS]! !== lengths) continue;
      i += HEAD;
      let j = lineFrom;
      for (; j < headWhole; j += 4) {
        if (words[i]! !== view.getInt32(j, true)) break;
        i += 1;
      }
      if (j !== headWhole) continue;
      if (words[i++]! !== headWord) continue;
      for (j = valueTo; j < tailWhole; j += 4) {
        if (words[i]! !== view.getInt32(j, true)) break;
        i += 1;
      }
      if (j !== tailWhole || words[i]! !== tailWord) continue;
      place = entry - 1;
      break;
    }
    if (place === NOWHERE) {
      spellings.seek(lineFrom, valueFrom, valueTo, lineTo, hash);
      break;
    }

    const id = words[place + METRIC]!;
    const record = id * RECORD_WORDS;
    if (isShort && id >= 0 && records[record + WORD_GENERATION]! === words[place + GENERATION]!) {
      let value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
      if (sign === MINUS) value = -value;
      const meaning = words[place + MEANING]!;
      let isCounted: boolean;
      if ((meaning & (MEANS_KIND | MEANS_SAMPLED)) === KIND_COUNTER) {
        const stored = (record >> 1) + DOUBLE_VALUES + side;
        const sum = doubles[stored]! + value;
        isCounted = Math.abs(sum) < SUM_MAX; // else it is to be told, or rejected
        if (isCounted) doubles[stored] = sum;
        if (isCounted) records[record + WORD_STATE + side] = epoch;
      } else {
        numbers[VALUE] = value;
        const isSampled = (meaning & MEANS_SAMPLED) !== 0;
        numbers[WEIGHT] = isSampled ? weights[restOf(place, lengths) >> 1]! : 1;
        isCounted = isAdded(cursor, metrics, id, meaning, sign);
      }
      if (isCounted) {
        lines += 1;
        lineFrom = lineTo + 1;
        continue;
      }
    }
    sink.knownLine(place, lineFrom, valueFrom, valueTo, lineTo);
    lineFrom = lineTo + 1;
    ({ words: records, doubles } = names);
  }
  COUNTED[0] = lines;
  return lineFrom < to ? lineFrom : to;
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
  const kind = meaning & MEANS_KIND;
  if (kind === KIND_GAUGE) {
    if ((sign === MINUS || sign === PLUS) && (traits & GAUGE_DELTAS) !== 0) return false;
    cursor.relative = false;
    return writeGauge(metrics, id, cursor);
  }
  const weight = numbers[WEIGHT]!;
  const side = epoch & 1;
  const index = id * (RECORD_WORDS / 2) + DOUBLE_VALUES + side;
  const state = id * RECORD_WORDS + WORD_STATE + side;
  if (kind === KIND_COUNTER) {
    const sum = names.doubles[index]! + numbers[VALUE]! * weight;
    if (!(Math.abs(sum) < SUM_MAX)) return false;
    names.doubles[index] = sum;
    names.words[state] = epoch;
    return true;
  }
  const cell = names.words[state]!;
  const count = names.doubles[index]! + weight;
  if (kind !== KIND_TIMER || cell === NO_CELL || !(count < SUM_MAX)) return false;
  if (sign === MINUS && (meaning & MEANS_UNSIGNED) !== 0) return false;
  names.doubles[index] = count;
  if (weight === 1 || (meaning & MEANS_WEIGHTED) === 0) timers.add(cell, numbers, VALUE);
  else timers.addWeighted(cell, numbers, VALUE, WEIGHT);
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
