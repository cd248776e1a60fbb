/**
 * Graphite's plaintext line, as carbon's receivers read it (carbon/protocols.py), and the points of
 * its pickles under the same rules. Numbers are spelled as Python's float() takes them. Pure;
 * called by the carbon listeners with whole packets.
 *
 *     servers.web1.load  1.25  1700000000\r\n
 *     name               value time        blanks in runs; time -1 or N is now, fractions are cut
 */
import { SECONDS_MAX } from '../../../lib/admitted.ts';
import { isUsual, NAME_FAULTS, nameFault } from '../../../wire/series-name.ts';
import { NO_TEXT, readPicklePoints } from './pickle.ts';

export const CARBON_REASONS = [
  'badLine',
  'badValue',
  'badTime',
  'notSeconds',
  'notFinite',
  'nameTooLong',
  'badPickle',
  ...NAME_FAULTS,
] as const;
export type CarbonReason = (typeof CARBON_REASONS)[number];

/** Receives what is read from a packet. */
export interface CarbonSink {
  /** `time` in whole epoch seconds; `value` is finite; the name has a form, but may not be in it. */
  point(name: string, time: number, value: number): void;
  /** `bytes[from, to)` is what is rejected: a line, a pickle, or a name in one. */
  reject(reason: CarbonReason, bytes: Uint8Array, from: number, to: number): void;
}

export interface CarbonRules {
  nowSeconds: number;
  nameBytesMax: number;
}

const NEWLINE = 0x0a;
const NO_TEXT_EXAMPLE = Buffer.from('a name in a pickle that is not UTF-8');
/** Characters of a rejected name that its example shows. */
const EXAMPLE_CHARACTERS = 200;
/** Looking at a plain name of so many characters costs less than finding it among others. */
const SHORT_NAME = 64;
/** Longer numbers are rejected: a double never needs more digits than this to be exact. */
const NUMBER_BYTES_MAX = 800;

/**
 * Reads the line at `from` and returns where the next one starts, which is at or past `to` after
 * the last line. The last line may lack its newline; a blank line is skipped.
 */
export function readCarbonLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  rules: CarbonRules,
  sink: CarbonSink,
): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.indexOf(NEWLINE, from);
  if (end < 0 || end > to) end = to;
  readLine(buffer, from, end, rules, sink);
  return end + 1;
}

/** Reads one pickle message in `bytes[from..to)`. */
export function readCarbonPickle(
  bytes: Uint8Array,
  from: number,
  to: number,
  rules: CarbonRules,
  sink: CarbonSink,
): void {
  const read = readPicklePoints(bytes, from, to);
  if ('rejected' in read) {
    sink.reject('badPickle', bytes, from, to);
    return;
  }
  const malformed = Buffer.from(
    `${read.lastMalformed.slice(0, EXAMPLE_CHARACTERS)} in a pickle: no (name, (time, value))`,
  );
  for (let i = 0; i < read.malformed; i++) sink.reject('badLine', malformed, 0, malformed.length);
  const faults = new Map<string, CarbonReason | undefined>();
  for (let i = 0; i < read.names.length; i++) {
    const name = read.names[i]!; // the three columns have one length
    const value = read.values[i]!;
    const seconds = Math.trunc(read.times[i]!);
    let reason: CarbonReason | undefined;
    if (!Number.isFinite(value)) reason = 'notFinite';
    else if (!Number.isFinite(seconds)) reason = 'badTime';
    else if (seconds > SECONDS_MAX) reason = 'notSeconds';
    else if (name === NO_TEXT) reason = 'badName';
    else reason = pickledNameFault(name, rules.nameBytesMax, faults);
    if (name === NO_TEXT)
      sink.reject(reason ?? 'badName', NO_TEXT_EXAMPLE, 0, NO_TEXT_EXAMPLE.length);
    else if (reason === undefined) {
      sink.point(name, seconds === -1 ? rules.nowSeconds : seconds, value);
    } else {
      const text = Buffer.from(name.slice(0, EXAMPLE_CHARACTERS));
      sink.reject(reason, text, 0, text.length);
    }
  }
}

/**
 * Tens of thousands of points may share one name, which the memo names in two bytes: one that is dear
 * to look at is looked at once. `known` has those of the message.
 */
function pickledNameFault(
  name: string,
  bytesMax: number,
  known: Map<string, CarbonReason | undefined>,
): CarbonReason | undefined {
  if (name.length <= SHORT_NAME && name.length <= bytesMax && isUsual(name)) return undefined;
  if (known.has(name)) return known.get(name);
  const fault = Buffer.byteLength(name) > bytesMax ? 'nameTooLong' : nameFault(name);
  known.set(name, fault);
  return fault;
}

function readLine(
  bytes: Buffer,
  from: number,
  to: number,
  rules: CarbonRules,
  sink: CarbonSink,
): void {
  const nameStart = skipBlanks(bytes, from, to);
  if (nameStart === to) return;
  const nameEnd = skipField(bytes, nameStart, to);
  const valueStart = skipBlanks(bytes, nameEnd, to);
  const valueEnd = skipField(bytes, valueStart, to);
  const timeStart = skipBlanks(bytes, valueEnd, to);
  const timeEnd = skipField(bytes, timeStart, to);
  if (timeStart === timeEnd || skipBlanks(bytes, timeEnd, to) !== to) {
    sink.reject('badLine', bytes, from, to);
    return;
  }
  const value = readNumber(bytes, valueStart, valueEnd);
  if (value === undefined) {
    sink.reject('badValue', bytes, from, to);
    return;
  }
  if (!Number.isFinite(value)) {
    sink.reject('notFinite', bytes, from, to);
    return;
  }
  const time = readTime(bytes, timeStart, timeEnd, rules.nowSeconds);
  if (time === undefined) {
    sink.reject('badTime', bytes, from, to);
    return;
  }
  if (time > SECONDS_MAX) {
    sink.reject('notSeconds', bytes, from, to);
    return;
  }
  if (nameEnd - nameStart > rules.nameBytesMax) {
    sink.reject('nameTooLong', bytes, from, to);
    return;
  }
  const name = readName(bytes, nameStart, nameEnd);
  const fault = name === undefined ? 'badName' : nameFault(name);
  if (name === undefined || fault !== undefined)
    sink.reject(fault!, bytes, from, to); // one is there
  else sink.point(name, time, value);
}

/** Undefined when the bytes are not UTF-8. */
function readName(bytes: Buffer, from: number, to: number): string | undefined {
  for (let i = from; i < to; i++) {
    if (bytes[i]! < 0x80) continue;
    const name = bytes.toString('utf8', from, to);
    // A replacement character that was sent encodes to the same bytes, one made here does not.
    return Buffer.from(name).equals(bytes.subarray(from, to)) ? name : undefined;
  }
  return bytes.toString('latin1', from, to);
}

function readTime(bytes: Buffer, from: number, to: number, nowSeconds: number): number | undefined {
  if (to - from === 1 && bytes[from] === 0x4e) return nowSeconds; // N
  const time = readNumber(bytes, from, to);
  if (time === undefined || !Number.isFinite(time)) return undefined;
  const seconds = Math.trunc(time);
  return seconds === -1 ? nowSeconds : seconds;
}

/** Python's float(): undefined when it would raise ValueError; may be NaN or infinite. */
function readNumber(bytes: Buffer, from: number, to: number): number | undefined {
  let at = from;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at += 1;
  let digits = 0;
  let fraction = 0;
  let point = false;
  let mantissa = 0;
  for (; at < to; at++) {
    const code = bytes[at]!;
    if (code >= 0x30 && code <= 0x39) {
      mantissa = mantissa * 10 + (code - 0x30);
      digits += 1;
      if (point) fraction += 1;
    } else if (code === 0x2e && !point) {
      point = true;
    } else {
      return readUnusualNumber(bytes, from, to);
    }
  }
  if (digits === 0) return undefined;
  if (digits > 15) return readUnusualNumber(bytes, from, to);
  // Both operands are exact doubles, so the quotient is the nearest double to the decimal.
  const value = fraction === 0 ? mantissa : mantissa / 10 ** fraction;
  return negative ? -value : value;
}

const DECIMAL =
  /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const NOT_A_NUMBER = /^[+-]?nan$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

function readUnusualNumber(bytes: Buffer, from: number, to: number): number | undefined {
  if (to - from > NUMBER_BYTES_MAX) return undefined;
  const text = bytes.toString('latin1', from, to);
  if (DECIMAL.test(text)) return Number(text.replaceAll('_', ''));
  if (NOT_A_NUMBER.test(text)) return NaN;
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}

function skipBlanks(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at]!)) at += 1;
  return at;
}

function skipField(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && !isBlank(bytes[at]!)) at += 1;
  return at;
}

/** ASCII blanks, as Python's str.split() cuts them. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
}
