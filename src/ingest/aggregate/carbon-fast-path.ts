/**
 * Carbon's plaintext line as nearly every sender writes it, from bytes to columns without a string:
 * a known name, one blank, a number of up to 15 digits, one blank, whole or fractional seconds.
 *
 *     servers.web1.load 1.25 1700000000\n
 *     ^---- known ----^ ^--^ ^--------^
 *
 * It is one long function as statsd-fast-path.ts is, and for its reasons. Whatever is different in any
 * way stops it, and so does a name that is new; the full parser (protocol/carbon.ts) takes that
 * line. Called by the carbon listener.
 */
import { SECONDS_MAX } from '../../lib/admitted.ts';
import { POWERS_OF_TEN } from '../protocol/number.ts';
import { TAIL_MASKS } from '../protocol/words.ts';
import { NO_NAME, type CarbonNames } from './carbon-names.ts';

/** Where points go; all columns are as long as there is room. */
export interface PointColumns {
  numbers: Uint32Array;
  /** Whole epoch seconds. */
  times: Float64Array;
  values: Float64Array;
  length: number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const DOT = 0x2e;
const MINUS = 0x2d;
const DIGITS_MAX = 15;

/**
 * Takes plain lines of [from, to) into the columns; where it stopped: at `to`, at the start of
 * another line, or where the columns are full.
 */
export function takePlainPoints(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  names: CarbonNames,
  columns: PointColumns,
): number {
  const { words, places, lengths, nexts } = names;
  const { numbers, times, values } = columns;
  const room = numbers.length;
  let { last } = names;
  let { length } = columns;
  let lineFrom = from;
  line: while (lineFrom < to && length < room) {
    let at = lineFrom;
    let number = last === NO_NAME ? NO_NAME : nexts[last]!;
    let nameLength = number === NO_NAME ? 0 : lengths[number]!;
    if (number !== NO_NAME && at + nameLength + 4 <= to) {
      // With the blank behind it, which stands in the arena as well.
      const whole = (nameLength + 1) >> 2;
      let place = places[number]!;
      for (const end = place + whole; place < end; place++) {
        if (words[place]! !== view.getInt32(at, true)) break;
        at += 4;
      }
      const tail = (nameLength + 1) & 3;
      const fits =
        at === lineFrom + whole * 4 &&
        (tail === 0 || words[place]! === (view.getInt32(at, true) & TAIL_MASKS[tail]!));
      if (!fits) number = NO_NAME;
    } else number = NO_NAME;
    if (number === NO_NAME) {
      for (at = lineFrom; at < to && bytes[at]! > BLANK; at++);
      nameLength = at - lineFrom;
      if (nameLength === 0 || at + 4 > to || bytes[at]! !== BLANK) break;
      number = names.find(view, lineFrom, nameLength);
      if (number === NO_NAME) break;
    }

    at = lineFrom + nameLength + 1;
    const negative = bytes[at]! === MINUS;
    if (negative) at += 1;
    const digitsFrom = at;
    let mantissa = 0;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = bytes[++at]! - 0x30;
    }
    let digits = at - digitsFrom;
    let decimals = 0;
    if (digit === DOT - 0x30) {
      const pointAt = at;
      digit = bytes[++at]! - 0x30;
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digit = bytes[++at]! - 0x30;
      }
      decimals = at - pointAt - 1;
      digits += decimals;
    }
    if (digits === 0 || digits > DIGITS_MAX || digit !== BLANK - 0x30) break;
    // Both operands are exact doubles, so the quotient is the nearest double to the decimal.
    const value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;

    const timeFrom = at + 1;
    at = timeFrom;
    let time = 0;
    digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      time = time * 10 + digit;
      digit = bytes[++at]! - 0x30;
    }
    const timeDigits = at - timeFrom;
    if (timeDigits === 0 || time > SECONDS_MAX) break;
    if (digit === DOT - 0x30) {
      do digit = bytes[++at]! - 0x30;
      while (digit >= 0 && digit <= 9);
    }
    // A number that runs past the packet is no number of this line.
    if (at > to) break;
    if (at < to && bytes[at]! !== NEWLINE) {
      if (bytes[at]! !== RETURN || at + 1 >= to || bytes[at + 1]! !== NEWLINE) break line;
      at += 1;
    }
    numbers[length] = number;
    times[length] = time;
    values[length] = negative ? -value : value;
    length += 1;
    if (last !== NO_NAME) nexts[last] = number;
    last = number;
    lineFrom = at + 1;
  }
  names.last = last;
  columns.length = length;
  return lineFrom < to ? lineFrom : to;
}
