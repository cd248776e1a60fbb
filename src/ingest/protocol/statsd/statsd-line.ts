/**
 * One line as StatsD 0.10.2 reads it, with all its oddities (test/conformance/statsd/FACTS.md §1.2
 * to §1.4): what StatsD's chain of `split` calls does, as ranges of bytes:
 *
 *     key:1|c|@0.5:2|ms|#x:1,y:2|#rest is ignored
 *     ^-^ ^------^ ^--^   ^-----^
 *     key  sample  sample  tags
 */
import { GAUGE_DELTAS } from '../../../config/dialects.ts';
import { trimEnd, trimStart } from '../blank.ts';
import {
  BY_VALUES,
  NOT_REMEMBERED,
  REASON_NEGATIVE,
  REASON_NO_TYPE,
  REASON_RATE,
  REASON_VALUE,
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_SET,
  KIND_TIMER,
  NO_METRIC,
  type SampleSink,
  VALUE,
  WEIGHT,
} from '../cursor.ts';
import { NUMBER, readNumber } from '../number.ts';

const BAR = 0x7c;
const COLON = 0x3a;
const HASH = 0x23;
const MINUS = 0x2d;
const PLUS = 0x2b;
const AT = 0x40;
const DOT = 0x2e;

/** Reads the line [from, to), which is not empty and holds no newline; as LineReader says. */
export function readStatsdLine(cursor: Cursor, from: number, to: number, sink: SampleSink): number {
  const bytes = cursor.bytes;
  cursor.lineFrom = from;
  cursor.lineTo = to;
  const bodyTo = findTagMark(bytes, from, to);
  cursor.tagsFrom = Math.min(bodyTo + 2, to);
  cursor.tagsTo = bodyTo < to ? findTagMark(bytes, bodyTo + 2, to) : to;
  cursor.nameFrom = from;
  cursor.nameTo = indexOf(bytes, COLON, from, bodyTo);
  cursor.metric = NO_METRIC;
  if (cursor.nameTo === bodyTo) {
    cursor.valueFrom = cursor.valueTo = bodyTo;
    return rejectLine(cursor, REASON_NO_TYPE, sink);
  }
  const at = cursor.nameTo + 1;
  let sampleTo = indexOf(bytes, COLON, at, bodyTo);
  const outcome = readSample(cursor, at, sampleTo, sink);
  if (sampleTo === bodyTo) return outcome;
  while (sampleTo < bodyTo) {
    const next = sampleTo + 1;
    sampleTo = indexOf(bytes, COLON, next, bodyTo);
    readSample(cursor, next, sampleTo, sink);
  }
  return NOT_REMEMBERED;
}

function rejectLine(cursor: Cursor, reason: number, sink: SampleSink): number {
  sink.reject(cursor, reason);
  return reason;
}

function readSample(cursor: Cursor, from: number, to: number, sink: SampleSink): number {
  const bytes = cursor.bytes;
  const valueTo = indexOf(bytes, BAR, from, to);
  cursor.valueFrom = from;
  cursor.valueTo = valueTo;
  cursor.numbers[WEIGHT] = 1;
  cursor.weighted = false;
  if (valueTo === to) return rejectLine(cursor, REASON_NO_TYPE, sink);
  const typeFrom = valueTo + 1;
  const typeTo = indexOf(bytes, BAR, typeFrom, to);
  cursor.typeFrom = typeFrom;
  cursor.typeTo = typeTo;
  if (typeTo < to) {
    const rateFrom = typeTo + 1;
    if (!readRate(cursor, rateFrom, indexOf(bytes, BAR, rateFrom, to))) {
      return rejectLine(cursor, REASON_RATE, sink);
    }
  }
  const trimmedFrom = trimStart(bytes, typeFrom, typeTo);
  cursor.kind = strictKind(bytes, trimmedFrom, trimEnd(bytes, trimmedFrom, typeTo));
  // With blanks around its type a value is checked as a counter's, and stored as what it is.
  const strict = strictKind(bytes, typeFrom, typeTo);
  cursor.unsigned = strict === KIND_TIMER;
  readStatsdValue(cursor, sink, strict === KIND_SET);
  return strict === cursor.kind ? BY_VALUES : NOT_REMEMBERED;
}

/** Reads the value of a sample whose kind and weight are in the cursor; `isText`: it may be any. */
export function readStatsdValue(
  cursor: Cursor,
  sink: SampleSink,
  isText = cursor.kind === KIND_SET,
): void {
  const { bytes, kind, valueFrom, valueTo } = cursor;
  cursor.relative = false;
  if (!isText) {
    if (valueFrom === valueTo || !readNumber(bytes, valueFrom, valueTo)) {
      return sink.reject(cursor, REASON_VALUE);
    }
    cursor.numbers[VALUE] = NUMBER[0]!;
    if (cursor.unsigned && NUMBER[0]! < 0) return sink.reject(cursor, REASON_NEGATIVE);
  }
  if (kind === KIND_GAUGE) {
    const isSigned = bytes[valueFrom]! === PLUS || bytes[valueFrom]! === MINUS;
    cursor.relative = isSigned && (cursor.traits & GAUGE_DELTAS) !== 0;
  } else if (kind === KIND_SET) {
    cursor.memberFrom = valueFrom;
    cursor.memberTo = valueTo;
  }
  sink.sample(cursor);
}

/** `@` and a JavaScript number without a minus; its leading [0-9.]+ counts (`@1e-2` is 1). */
function readRate(cursor: Cursor, from: number, to: number): boolean {
  const bytes = cursor.bytes;
  if (to - from < 2 || bytes[from]! !== AT || bytes[from + 1]! === MINUS) return false;
  if (!readNumber(bytes, from + 1, to)) return false;
  let end = from + 1;
  while (end < to && (isDigit(bytes[end]!) || bytes[end]! === DOT)) end += 1;
  // StatsD crashes here (no match): `@+0.5`, `@ 1`, `@Infinity`. Here the sample is rejected.
  if (end === from + 1) return false;
  if (!readNumber(bytes, from + 1, end)) return false;
  cursor.numbers[WEIGHT] = 1 / NUMBER[0]!;
  return true;
}

function strictKind(bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 1) {
    if (bytes[from]! === 0x67) return KIND_GAUGE;
    if (bytes[from]! === 0x73) return KIND_SET;
  } else if (to - from === 2 && bytes[from]! === 0x6d && bytes[from + 1]! === 0x73) {
    return KIND_TIMER;
  }
  return KIND_COUNTER;
}

function findTagMark(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at + 1 < to; at++) {
    if (bytes[at]! === BAR && bytes[at + 1]! === HASH) return at;
  }
  return to;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== byte) at += 1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
