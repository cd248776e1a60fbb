/**
 * DogStatsD's events and service checks, as far as it takes to accept or reject them.
 * explain.ts reads their fields.
 *
 *     _e{5,4}:title|text|p:low|#a:b          5 and 4 are bytes, so both parts may hold bars
 *     _sc|name|0|d:1700000000|#a:b|m:words   status 0 ok, 1 warning, 2 critical, 3 unknown
 *
 * JavaScript clients (hot-shots 17) write the lengths of their strings in units of UTF-16. Lengths
 * that do not fit as bytes are tried as such units, so that an `é` in a title loses no event.
 */
import { REASON_CHECK, REASON_EVENT, type Cursor, type SampleSink } from '../cursor.ts';

const BAR = 0x7c;
const COMMA = 0x2c;
const CLOSE = 0x7d;
const COLON = 0x3a;

export function isEvent(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 2 &&
    bytes[from]! === 0x5f &&
    bytes[from + 1]! === 0x65 &&
    (bytes[from + 2]! === 0x7b || bytes[from + 2]! === BAR)
  );
}

export function isCheck(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 3 &&
    bytes[from]! === 0x5f &&
    bytes[from + 1]! === 0x73 &&
    bytes[from + 2]! === 0x63 &&
    bytes[from + 3]! === BAR
  );
}

/** Leaves title, text and further fields in the cursor's value, type and fields ranges. */
export function readEvent(cursor: Cursor, from: number, to: number, sink: SampleSink): void {
  const bytes = cursor.bytes;
  const comma = digitsEnd(bytes, from + 3, to);
  const close = digitsEnd(bytes, comma + 1, to);
  const headerOk =
    bytes[from + 2]! === 0x7b &&
    comma > from + 3 &&
    comma < to &&
    bytes[comma]! === COMMA &&
    close > comma + 1 &&
    close + 1 < to &&
    bytes[close]! === CLOSE &&
    bytes[close + 1]! === COLON;
  if (!headerOk) return sink.reject(cursor, REASON_EVENT);
  const titleLength = lengthOf(bytes, from + 3, comma);
  const textLength = lengthOf(bytes, comma + 1, close);
  const titleFrom = close + 2;
  let titleTo = titleFrom + titleLength;
  let textTo = titleTo + 1 + textLength;
  if (!isWhole(bytes, titleTo, textTo, to)) {
    titleTo = skipUnits(bytes, titleFrom, to, titleLength);
    textTo = skipUnits(bytes, titleTo + 1, to, textLength);
  }
  if (titleLength === 0 || !isWhole(bytes, titleTo, textTo, to)) {
    return sink.reject(cursor, REASON_EVENT);
  }
  cursor.valueFrom = titleFrom;
  cursor.valueTo = titleTo;
  cursor.typeFrom = titleTo + 1;
  cursor.typeTo = textTo;
  cursor.fieldsFrom = textTo;
  cursor.fieldsTo = to;
  sink.event(cursor);
}

/** Whether title and text end where their lengths say: at a bar, and at a bar or the line's end. */
function isWhole(bytes: Uint8Array, titleTo: number, textTo: number, to: number): boolean {
  return textTo <= to && bytes[titleTo]! === BAR && (textTo === to || bytes[textTo]! === BAR);
}

/** End of a number of UTF-16 units; past `to` when there are fewer. */
function skipUnits(bytes: Uint8Array, from: number, to: number, units: number): number {
  let at = from;
  let left = units;
  while (left > 0 && at < to) {
    const lead = bytes[at]!;
    at += lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    // A character of four bytes is a surrogate pair: two units.
    left -= lead < 0xf0 ? 1 : 2;
  }
  return left === 0 ? at : to + 1;
}

/** Leaves name, status and further fields in the cursor. */
export function readCheck(cursor: Cursor, from: number, to: number, sink: SampleSink): void {
  const bytes = cursor.bytes;
  let nameTo = from + 4;
  while (nameTo < to && bytes[nameTo]! !== BAR) nameTo += 1;
  const status = nameTo + 1 < to ? bytes[nameTo + 1]! : 0;
  const ended = nameTo + 2 >= to || bytes[nameTo + 2]! === BAR;
  if (nameTo === from + 4 || status < 0x30 || status > 0x33 || !ended) {
    return sink.reject(cursor, REASON_CHECK);
  }
  cursor.nameFrom = from + 4;
  cursor.nameTo = nameTo;
  cursor.valueFrom = nameTo + 1;
  cursor.valueTo = nameTo + 2;
  cursor.typeFrom = cursor.typeTo = nameTo + 2;
  cursor.fieldsFrom = nameTo + 2;
  cursor.fieldsTo = to;
  sink.check(cursor);
}

function digitsEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at += 1;
  return at;
}

function lengthOf(bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  for (let at = from; at < to && length < 1e6; at++) length = length * 10 + bytes[at]! - 0x30;
  return length;
}
