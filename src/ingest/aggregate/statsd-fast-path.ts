/**
 * The line that nearly every client sends, from bytes to counter in one pass without leaving this
 * function: the hash of the name grows while the colon is searched four bytes at a time, the value
 * is an integer mantissa with a decimal exponent, the table is probed in place.
 *
 *     name:-12.5|ms|@0.1|#tags\n
 *     ^---^^---^ ^^  ^-^  ^--^
 *
 * It is long on purpose: everything hoisted and nothing passed on is a third of its speed
 * (native-bench/hot.ts). Whatever is different in any way (other numbers, other types, several
 * samples, fields in another order, carriage returns) stops it; the dialect's full parser takes that
 * line. A name is hardly looked at beyond its hash: it may hold a newline or a bar. Such a name is
 * never in the table, so that is asked when a name is new, and only then.
 */
import {
  DISTRIBUTIONS,
  EVENTS,
  GAUGE_DELTAS,
  NEEDS_NAME,
  WEIGHTED_MS,
} from '../../config/dialects.ts';
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
import { isPlainWord, isWord, readPlainFields } from '../protocol/plain-fields.ts';
import { finishHash, mixWord, TAIL_MASKS } from '../protocol/words.ts';
import { writeGauge } from './gauge.ts';
import type { Metrics } from './metrics.ts';
import { DOUBLE_VALUES, RECORD_WORDS, WORD_NAME, WORD_STATE } from './name-table.ts';
import { NO_CELL } from './timer.ts';

const COLONS = 0x3a3a3a3a;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const BAR = 0x7c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const INLINE_BYTES = 32;
/** A constant of this file is one of its code; an imported one is looked up. */
const SUM_MAX = EXACT_MAX;

/** What to do with a sample that the loop cannot count in place. */
export interface PlainSink {
  /**
   * Counts the cursor's sample; false when its name shows that this is no plain line, or when its
   * metric does not take it.
   */
  plainSample(cursor: Cursor): boolean;
  /** Counts a bad value; false when its name shows that this is no plain line. */
  plainRefusal(cursor: Cursor): boolean;
}

/** Lines that the last call counted. */
export const COUNTED = new Int32Array(1);

/** Counts plain lines of [from, to); returns where it stopped: at `to`, or at another line. */
export function countPlainLines(
  cursor: Cursor,
  metrics: Metrics,
  sink: PlainSink,
  from: number,
  to: number,
  secret: number,
): number {
  const { view, bytes, numbers, traits } = cursor;
  const { names, epoch } = metrics;
  let { words, doubles, index, mask } = names;
  const side = epoch & 1;
  let lines = 0;
  let lineFrom = from;
  line: while (lineFrom < to) {
    if (bytes[lineFrom]! === NEWLINE) {
      lineFrom += 1;
      continue;
    }
    const first = bytes[lineFrom]!;
    if (first === UNDERSCORE || first === COLON) {
      // `_e…` and no name at all may be a metric of one dialect, in the table, and none of another.
      if ((traits & NEEDS_NAME) !== 0 && first === COLON) break;
      if ((traits & EVENTS) !== 0 && first === UNDERSCORE && bytes[lineFrom + 1]! === 0x65) break;
    }
    let hash = secret;
    let at = lineFrom;
    let word = 0;
    let colon = 0;
    for (;;) {
      if (at >= to) break line;
      word = view.getInt32(at, true);
      const differing = word ^ COLONS;
      colon = (differing - LOW_BITS) & ~differing & HIGH_BITS;
      if (colon !== 0) break;
      hash = mixWord(hash, word, secret);
      at += 4;
    }
    const tail = (31 - Math.clz32(colon & -colon)) >> 3;
    const tailWord = word & (tail === 0 ? 0 : TAIL_MASKS[tail]!);
    if (tail > 0) hash = mixWord(hash, tailWord, secret);
    const length = at + tail - lineFrom;
    hash = finishHash(hash, length);
    at += tail + 1;
    const sign = bytes[at]!;
    const signed = sign === MINUS || sign === PLUS;
    if (signed) at += 1;
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
      const pointAt = at;
      digit = bytes[++at]! - 0x30;
      while (digit >= 0 && digit <= 9) {
        mantissa = (mantissa * 10 + digit) | 0;
        digit = bytes[++at]! - 0x30;
      }
      decimals = at - pointAt - 1;
      digits += decimals;
    }
    if (digits === 0 || digits > 9 || digit !== BAR - 0x30) {
      if (digits > 0 || !isWord(digit) || at > to) break;
      if (!isRefusedWord(sink, cursor, lineFrom, length, at, to)) break;
      lines += 1;
      lineFrom = cursor.lineTo + 1;
      continue;
    }
    let value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
    if (sign === MINUS) value = -value;

    let kind = KIND_COUNTER;
    const letter = bytes[at + 1]!;
    at += 2;
    if (letter === 0x6d) {
      if (bytes[at]! !== 0x73 || sign === MINUS) break;
      at += 1;
      kind = KIND_TIMER;
    } else if (letter === 0x67) kind = KIND_GAUGE;
    else if (letter === 0x68 || letter === 0x64) {
      if ((traits & DISTRIBUTIONS) !== 0) kind = KIND_TIMER;
    } else if (letter !== 0x63) break;

    if (at === to || bytes[at]! === NEWLINE) {
      const key = hash ^ Math.imul(kind + 1, 0x9e3779b1);
      const head = length | (kind << 16);
      for (let slot = key & mask; length <= INLINE_BYTES; slot = (slot + 1) & mask) {
        const entry = index[slot * 2 + 1]!;
        if (entry === 0) break;
        if (index[slot * 2]! !== key) continue;
        const record = (entry - 1) * RECORD_WORDS;
        if (words[record]! !== head) continue;
        let nameAt = record + WORD_NAME;
        let i = lineFrom;
        for (const last = lineFrom + (length & ~3); i < last; i += 4) {
          if (words[nameAt]! !== view.getInt32(i, true)) break;
          nameAt += 1;
        }
        if (i !== lineFrom + (length & ~3)) continue;
        if (tail > 0 && words[nameAt]! !== tailWord) continue;
        if (kind === KIND_COUNTER) {
          const sum = doubles[(record >> 1) + DOUBLE_VALUES + side]! + value;
          if (!(Math.abs(sum) < SUM_MAX)) break; // to be told, or refused
          doubles[(record >> 1) + DOUBLE_VALUES + side] = sum;
          words[record + WORD_STATE + side] = epoch;
        } else {
          numbers[VALUE] = value;
          if (kind === KIND_TIMER) {
            const cell = words[record + WORD_STATE + side]!;
            const count = doubles[(record >> 1) + DOUBLE_VALUES + side]! + 1;
            if (cell === NO_CELL || !(count < SUM_MAX)) break;
            doubles[(record >> 1) + DOUBLE_VALUES + side] = count;
            metrics.timers.add(cell, numbers, VALUE);
          } else {
            cursor.relative = signed && (traits & GAUGE_DELTAS) !== 0;
            if (!writeGauge(metrics, entry - 1, cursor)) break;
          }
        }
        lines += 1;
        lineFrom = at + 1;
        continue line;
      }
    }
    numbers[VALUE] = value;
    numbers[WEIGHT] = 1;
    cursor.tagsFrom = cursor.tagsTo = 0;
    if (at < to && bytes[at]! === BAR) at = readPlainFields(cursor, at + 1, to);
    if (at < 0 || at > to || (at < to && bytes[at]! !== NEWLINE)) break;
    cursor.lineFrom = cursor.nameFrom = lineFrom;
    cursor.nameTo = lineFrom + length;
    cursor.hash = hash;
    cursor.kind = kind;
    cursor.weighted = letter !== 0x6d || (traits & WEIGHTED_MS) !== 0;
    cursor.relative = kind === KIND_GAUGE && signed && (traits & GAUGE_DELTAS) !== 0;
    if (!sink.plainSample(cursor)) break;
    lines += 1;
    lineFrom = at + 1;
    ({ words, doubles, index, mask } = names);
  }
  COUNTED[0] = lines;
  return lineFrom < to ? lineFrom : to;
}

/** Whether the line's value is text, which has been counted as a bad value then. */
function isRefusedWord(
  sink: PlainSink,
  cursor: Cursor,
  lineFrom: number,
  nameLength: number,
  at: number,
  to: number,
): boolean {
  cursor.lineFrom = cursor.nameFrom = lineFrom;
  cursor.nameTo = lineFrom + nameLength;
  return isPlainWord(cursor, at, to) && sink.plainRefusal(cursor);
}
