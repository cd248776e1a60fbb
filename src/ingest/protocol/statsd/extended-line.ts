/**
 * One line of the dialects `extended` and `dogstatsd` (test/conformance/statsd/DIALECTS.md). A line
 * is sections between bars; `extended` also takes StatsD's several samples in one line:
 *
 *     name:1:2|ms|@0.5|T1700000000|#env:prod,az:a|c:ci-7        packed values, fields in any order
 *     ^--^ ^-^ ^^ ^--------------------------------^
 *     name:1|c:2|ms                                             two samples of different types
 *
 * `dogstatsd` accepts or rejects a line as a whole, as the Datadog agent does; `extended` accepts
 * or rejects each sample, as StatsD does. Where both read a line well, `extended` follows StatsD. But
 * no value may count under a name that is not its own: where a name seems to hold a colon, or a line
 * feed to be missing, nothing that follows is read.
 *
 *     Billing::Invoice.perform:900|ms         lb.10_0_0_1:9001.active:7|g         a:1|cb:5|c
 *            ^                                           ^                             ^
 */
import {
  GAUGE_DELTAS,
  LENIENT,
  NEGATIVE_MS,
  PACKED,
  RATE_NEEDS_MARK,
  STRICT_COLONS,
  WEIGHTED_MS,
  WHOLE_LINE,
} from '../../../config/dialects.ts';
import { isFiniteAt, isSquarableAt, isWeight } from '../../../lib/admitted.ts';
import {
  BY_VALUES,
  NOT_REMEMBERED,
  REASON_COLON,
  REASON_FIELD,
  REASON_NAME,
  REASON_NEGATIVE,
  REASON_NO_TYPE,
  REASON_RATE,
  REASON_SUM,
  REASON_TIMESTAMP,
  REASON_TYPE,
  REASON_VALUE,
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_SET,
  KIND_TIMER,
  NO_METRIC,
  type SampleSink,
  TIME,
  VALUE,
  WEIGHT,
} from '../cursor.ts';
import { trimEnd, trimStart } from '../blank.ts';
import { readEvent, readCheck, isCheck, isEvent } from './event.ts';
import { NUMBER, readNumber } from '../number.ts';

const BAR = 0x7c;
const COLON = 0x3a;
const NUMBER_SIGN = 0x23;
const MINUS = 0x2d;
const PLUS = 0x2b;
const AT = 0x40;
const DOT = 0x2e;
const TIMESTAMP = 0x54;

const NO_REASON = -1;
const PACKED_DIGITS_MAX = 15;

/** Reads the line [from, to), which holds no newline; as LineReader says. */
export function readExtendedLine(
  cursor: Cursor,
  from: number,
  lineTo: number,
  sink: SampleSink,
): number {
  const bytes = cursor.bytes;
  const to =
    (cursor.traits & LENIENT) === 0
      ? withoutCarriageReturn(bytes, from, lineTo)
      : withoutTrailingBlanks(bytes, from, lineTo);
  cursor.lineFrom = from;
  cursor.lineTo = to;
  const start = mayBeBlank(bytes[from]!) ? trimStart(bytes, from, to) : from;
  if (isEvent(bytes, start, to)) {
    readEvent(cursor, start, to, sink);
    return NOT_REMEMBERED;
  }
  if (isCheck(bytes, start, to)) {
    readCheck(cursor, start, to, sink);
    return NOT_REMEMBERED;
  }
  // What has its first colon behind a bar, as what is left of a split event may, names nothing.
  let colon = start;
  while (colon < to && bytes[colon]! !== COLON && bytes[colon]! !== BAR) colon += 1;
  const isNamed = colon < to && bytes[colon]! === COLON;
  cursor.metric = NO_METRIC;
  cursor.nameFrom = start;
  cursor.nameTo = mayBeBlank(bytes[colon - 1]!) ? trimEnd(bytes, start, colon) : colon;
  cursor.valueFrom = cursor.valueTo = to;
  cursor.tagsFrom = cursor.tagsTo = 0;
  if (!isNamed || cursor.nameTo === start) {
    const reason = isNamed ? REASON_NAME : REASON_NO_TYPE;
    sink.reject(cursor, reason);
    return reason;
  }
  findTags(cursor, colon + 1, to);
  let at = readSample(cursor, colon + 1, to, sink);
  if (at < 0) return cursor.outcome;
  while (at >= 0) at = readSample(cursor, at, to, sink);
  return NOT_REMEMBERED;
}

/**
 * Reads a sample; returns where the next one starts, or -1 when there is no more to read. What can be
 * remembered of it is the cursor's outcome.
 */
function readSample(cursor: Cursor, from: number, to: number, sink: SampleSink): number {
  const bytes = cursor.bytes;
  cursor.valueFrom = from;
  cursor.valueTo = indexOf(bytes, BAR, from, to);
  cursor.numbers[WEIGHT] = 1;
  cursor.numbers[TIME] = 0;
  cursor.outcome = REASON_NO_TYPE;
  if (cursor.valueTo === to) {
    sink.reject(cursor, REASON_NO_TYPE);
    return -1;
  }
  const packs = (cursor.traits & PACKED) !== 0;
  const typeFrom = cursor.valueTo + 1;
  const sectionTo = indexOf(bytes, BAR, typeFrom, to);
  const colon = packs ? indexOf(bytes, COLON, typeFrom, sectionTo) : sectionTo;
  let next = colon < sectionTo ? colon + 1 : -1;
  let reason = readType(cursor, typeFrom, colon);
  cursor.fieldsFrom = cursor.fieldsTo = sectionTo;
  if (next < 0 && reason === NO_REASON) {
    for (let at = sectionTo; at < to && reason === NO_REASON;) {
      const fieldFrom = at + 1;
      let fieldTo = indexOf(bytes, BAR, fieldFrom, to);
      if (packs && bytes[fieldFrom]! === AT) {
        const end = indexOf(bytes, COLON, fieldFrom, fieldTo);
        if (end < fieldTo) {
          next = end + 1;
          fieldTo = end;
        }
      }
      reason = readField(cursor, fieldFrom, fieldTo);
      cursor.fieldsTo = fieldTo;
      if (next >= 0) break;
      at = fieldTo;
    }
  }
  cursor.outcome = reason;
  if (reason === NO_REASON) {
    cursor.outcome = next < 0 && cursor.numbers[TIME] === 0 ? BY_VALUES : NOT_REMEMBERED;
    reason = emitValues(cursor, sink);
  }
  if (reason === NO_REASON) return next;
  sink.reject(cursor, reason);
  // Behind any other mistake stands what may be another line's.
  return reason === REASON_VALUE ? next : -1;
}

function readType(cursor: Cursor, from: number, to: number): number {
  const { bytes } = cursor;
  const lenient = (cursor.traits & LENIENT) !== 0;
  let start = from;
  let end = to;
  if (lenient) {
    while (start < end && isBlank(bytes[start]!)) start += 1;
    end = withoutTrailingBlanks(bytes, start, end);
    // Bucky leaves the bar out: `ms@0.5`.
    const at = indexOf(bytes, AT, start, end);
    if (at > start && at < end) {
      const reason = readRate(cursor, at + 1, end);
      if (reason !== NO_REASON) return reason;
      end = at;
    }
  }
  cursor.typeFrom = start;
  cursor.typeTo = end;
  cursor.relative = false;
  cursor.kind = kindOf(bytes, start, end);
  // mtail writes no type at all where it means a counter.
  if (lenient && (start === end || cursor.kind === METER)) cursor.kind = KIND_COUNTER;
  const letter = bytes[start]!;
  const isMs = letter === 0x6d;
  cursor.weighted = cursor.kind === KIND_TIMER && (!isMs || (cursor.traits & WEIGHTED_MS) !== 0);
  cursor.unsigned = cursor.kind === KIND_TIMER && isMs && (cursor.traits & NEGATIVE_MS) === 0;
  return cursor.kind > KIND_SET ? REASON_TYPE : NO_REASON;
}

/** Of StatsD's counters by another name (Dropwizard's meters). */
const METER = KIND_SET + 1;
const NO_KIND = KIND_SET + 2;

/** A KIND_ by its letters, METER or NO_KIND. */
function kindOf(bytes: Uint8Array, from: number, to: number): number {
  const letter = bytes[from]!;
  if (to - from === 2) return letter === 0x6d && bytes[from + 1]! === 0x73 ? KIND_TIMER : NO_KIND;
  if (to - from !== 1) return NO_KIND;
  if (letter === 0x63) return KIND_COUNTER;
  if (letter === 0x67) return KIND_GAUGE;
  if (letter === 0x73) return KIND_SET;
  if (letter === 0x68 || letter === 0x64) return KIND_TIMER;
  return letter === 0x6d ? METER : NO_KIND;
}

function readField(cursor: Cursor, from: number, to: number): number {
  const bytes = cursor.bytes;
  if (from === to) return NO_REASON;
  const first = bytes[from]!;
  if (first === AT) return readRate(cursor, from + 1, to);
  if (first === TIMESTAMP) {
    return readTimestamp(cursor, from + 1, to) ? NO_REASON : REASON_TIMESTAMP;
  }
  // A type behind the tags is another line's, whose line feed is missing: `a:1|c|#x:yb:2|c`.
  if (to - from <= 2 && kindOf(bytes, from, to) !== NO_KIND) return REASON_FIELD;
  // Without this a rate whose '@' was forgotten is ignored in silence; StatsD rejects it too.
  const forgotten = isDigit(first) || first === DOT;
  return forgotten && (cursor.traits & RATE_NEEDS_MARK) !== 0 ? REASON_FIELD : NO_REASON;
}

function readRate(cursor: Cursor, from: number, to: number): number {
  const first = from < to ? cursor.bytes[from]! : 0;
  if (!isDigit(first) && first !== DOT) return REASON_RATE;
  if (!readNumber(cursor.bytes, from, to)) return REASON_RATE;
  const weight = 1 / NUMBER[0]!;
  if (!isWeight(weight)) return REASON_RATE;
  cursor.numbers[WEIGHT] = weight;
  return NO_REASON;
}

/** Whole seconds above 0 and below 2^63, the limit of the Datadog agent. */
function readTimestamp(cursor: Cursor, from: number, to: number): boolean {
  const { bytes, numbers } = cursor;
  numbers[TIME] = 0;
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at]!)) return false;
    numbers[TIME] = numbers[TIME] * 10 + (bytes[at]! - 0x30);
  }
  return numbers[TIME] > 0 && numbers[TIME] < 2 ** 63;
}

/** Reads the values of a line whose kind, weight and time are in the cursor. */
export function readExtendedValues(cursor: Cursor, sink: SampleSink): void {
  const reason = emitValues(cursor, sink);
  if (reason !== NO_REASON) sink.reject(cursor, reason);
}

/** One sample per packed value; a set's member is never split. Returns a reason for the line. */
function emitValues(cursor: Cursor, sink: SampleSink): number {
  const { bytes, valueFrom, valueTo } = cursor;
  const reason = checkValues(cursor);
  if (reason !== NO_REASON) return reason;
  if (cursor.kind === KIND_SET) {
    cursor.memberFrom = valueFrom;
    cursor.memberTo = valueTo;
    sink.sample(cursor);
    return NO_REASON;
  }
  let any = false;
  for (let at = valueFrom; at <= valueTo;) {
    const end = indexOf(bytes, COLON, at, valueTo);
    if (end > at) {
      any = true;
      cursor.valueFrom = at;
      cursor.valueTo = end;
      emitValue(cursor, sink);
    }
    at = end + 1;
  }
  cursor.valueFrom = valueFrom;
  cursor.valueTo = valueTo;
  return any ? NO_REASON : REASON_VALUE;
}

/** Whether what stands before the bar is values at all, where they are taken or refused together. */
function checkValues(cursor: Cursor): number {
  const { bytes, traits, kind, valueFrom, valueTo } = cursor;
  const strictColons = (traits & STRICT_COLONS) !== 0;
  const whole = (traits & WHOLE_LINE) !== 0;
  // `Billing::Invoice`, but `peers:::1|s` has a member that starts with two colons.
  const isScoped = bytes[valueFrom]! === COLON && bytes[valueFrom + 1]! !== COLON;
  if (kind === KIND_SET) {
    if (strictColons && isScoped) return REASON_COLON;
    return whole && valueFrom === valueTo ? REASON_VALUE : NO_REASON;
  }
  const isPacked = indexOf(bytes, COLON, valueFrom, valueTo) < valueTo;
  if (strictColons && isPacked) {
    const isFirstEmpty = bytes[valueFrom]! === COLON;
    return isFirstEmpty || !areLikely(bytes, valueFrom, valueTo) ? REASON_COLON : NO_REASON;
  }
  return whole ? valuesFault(cursor) : NO_REASON;
}

function emitValue(cursor: Cursor, sink: SampleSink): void {
  const { bytes, valueFrom, valueTo } = cursor;
  const reason = valueFault(cursor, valueFrom, valueTo);
  if (reason !== NO_REASON) return sink.reject(cursor, reason);
  cursor.numbers[VALUE] = NUMBER[0]!;
  const sign = bytes[valueFrom]!;
  const isSigned = sign === PLUS || sign === MINUS;
  // The value of a gauge at another time is not known, so nothing can be added to it.
  const mayAdd = (cursor.traits & GAUGE_DELTAS) !== 0 && cursor.numbers[TIME] === 0;
  cursor.relative = isSigned && cursor.kind === KIND_GAUGE && mayAdd;
  sink.sample(cursor);
}

const weighed = new Float64Array(1);

/** Why a value is refused, or NO_REASON; the value is in NUMBER. */
function valueFault(cursor: Cursor, from: number, to: number): number {
  const { kind, numbers } = cursor;
  if (!readNumber(cursor.bytes, from, to)) return REASON_VALUE;
  if (!isFiniteAt(NUMBER, 0)) return REASON_VALUE;
  if (kind === KIND_COUNTER) {
    weighed[0] = NUMBER[0]! * numbers[WEIGHT]!;
    return isFiniteAt(weighed, 0) ? NO_REASON : REASON_SUM;
  }
  if (kind !== KIND_TIMER) return NO_REASON;
  if (NUMBER[0]! < 0 && cursor.unsigned) return REASON_NEGATIVE;
  return isSquarableAt(NUMBER, 0) ? NO_REASON : REASON_SUM;
}

/** The first reason of all packed values. */
function valuesFault(cursor: Cursor): number {
  const { bytes, valueFrom, valueTo } = cursor;
  for (let at = valueFrom; at <= valueTo;) {
    const end = indexOf(bytes, COLON, at, valueTo);
    if (end > at) {
      if (!isDecimal(bytes, at, end)) return REASON_VALUE;
      const reason = valueFault(cursor, at, end);
      if (reason !== NO_REASON) return reason;
    }
    at = end + 1;
  }
  return NO_REASON;
}

/** Whether packed values are numbers, and none of them is rather part of a name. */
function areLikely(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at <= to;) {
    const first = bytes[at]!;
    const digitsFrom = first === PLUS || first === MINUS ? at + 1 : at;
    let end = digitsFrom;
    while (end < to && isDigit(bytes[end]!)) end += 1;
    const digits = end - digitsFrom;
    if (!isLikely(bytes, digitsFrom, digits)) return false;
    // Short decimals are numbers for sure.
    if (digits > 0 && end < to && bytes[end]! === DOT) {
      end += 1;
      while (end < to && isDigit(bytes[end]!)) end += 1;
    }
    if (digits === 0 || (end < to && bytes[end]! !== COLON)) {
      end = indexOf(bytes, COLON, end, to);
      if (end > at && !(isDecimal(bytes, at, end) && readNumber(bytes, at, end))) return false;
    }
    at = end + 1;
  }
  return true;
}

/** Only what decimals are made of: the agent takes no blanks and no `0x10`. */
function isDecimal(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    const isPart = byte === PLUS || byte === MINUS || byte === DOT || (byte | 0x20) === 0x65;
    if (!isPart && !isDigit(byte)) return false;
  }
  return true;
}

/**
 * Nobody writes a value with a zero before other digits, or with more than 15 digits before its
 * point, which is what a double holds exactly: they are parts of a name, an address or a shard, as
 * in `dev.3c:07:54:1|c` and `validators_-1:8000000000000000:1|c`.
 */
function isLikely(bytes: Uint8Array, from: number, digits: number): boolean {
  return digits <= PACKED_DIGITS_MAX && (digits < 2 || bytes[from]! !== 0x30);
}

/** The last section that starts with '#' holds the tags of every sample in the line. */
function findTags(cursor: Cursor, from: number, to: number): void {
  const bytes = cursor.bytes;
  for (let at = indexOf(bytes, BAR, from, to); at < to;) {
    const end = indexOf(bytes, BAR, at + 1, to);
    if (bytes[at + 1]! === NUMBER_SIGN && at + 1 < end) {
      cursor.tagsFrom = at + 2;
      cursor.tagsTo = end;
    }
    at = end;
  }
}

function withoutCarriageReturn(bytes: Uint8Array, from: number, to: number): number {
  return to > from && bytes[to - 1]! === 0x0d ? to - 1 : to;
}

function withoutTrailingBlanks(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && isBlank(bytes[end - 1]!)) end -= 1;
  return end;
}

/** Whether a blank may start or end with this byte. */
function mayBeBlank(byte: number): boolean {
  return byte <= 0x20 || byte >= 0x80;
}

/** With the NUL that C's clients send behind their texts. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== byte) at += 1;
  return at;
}
