/**
 * Percentile sketches as bytes, for batches and for archives; FORMAT.md draws the layout.
 * Bytes are merged into a sketch as they are read, with no object in between. Damaged bytes are
 * refused with a sentence before anything is merged; bytes that lie although their checksum is
 * right may be refused half-way, the sketch is then of no more use.
 */
import { EXACT_MAX, isExactSum } from '../lib/admitted.ts';
import { BIN_BITS, type Bins, COARSE_BITS } from './bins.ts';
import { AS_THEY_ARE, mergeBins, putBins } from './bins-codec.ts';
import {
  beginBytes,
  closeBytes,
  damaged,
  finishBytes,
  openBytes,
  peekBytes,
  putByte,
  putDoubles,
  putVarint,
  takeByte,
  takeDoubles,
  takeVarint,
} from './bytes.ts';
import { NUMBERS, Sketch, WEIGHT_SCALE } from './log-linear.ts';

const SKETCH_VERSION = 2;
/** Version, bits and flags. */
const HEADER_BYTES = 3;
const FLAG_RAW = 1;
/** Weights are multiples of 1 / WEIGHT_SCALE and written as such. */
const FLAG_FRACTIONS = 2;
/** More raw values than this are written as bins: they would be longer. */
const RAW_MAX = 32;

/** Of raw values only the first two numbers are written: the count. */
const COUNT_NUMBERS = 2;

const numbers = new Float64Array(NUMBERS);
const numberWords = new Int32Array(numbers.buffer);
const values = new Float64Array(RAW_MAX);
const valueWords = new Int32Array(values.buffer);

/** The bytes of a sketch, in a buffer of their own; equal contents have equal bytes. */
export function encodeSketch(sketch: Sketch): Uint8Array {
  return encodeInPlace(sketch).slice();
}

/** The same in a shared buffer: valid until the next sketch is encoded. */
export function encodeInPlace(sketch: Sketch): Uint8Array {
  beginBytes();
  putByte(SKETCH_VERSION);
  putByte(sketch.bits);
  if (sketch.isRaw && sketch.rawLength <= RAW_MAX) putRaw(sketch);
  else if (sketch.isRaw) putBinned(binnedCopy(sketch));
  else putBinned(sketch);
  return finishBytes();
}

/**
 * Reads what encodeSketch wrote, into a new sketch or into `into` (cleared first). Throws an Error
 * that says what is wrong when the bytes are damaged or of another version.
 */
export function decodeSketch(bytes: Uint8Array, into = new Sketch()): Sketch {
  into.clear();
  mergeEncoded(bytes, into);
  return into;
}

/** Takes encoded bytes in, as `merge` would take the sketch. Throws like decodeSketch. */
export function mergeEncoded(bytes: Uint8Array, into: Sketch): void {
  openBytes(bytes);
  mergeOpened(into);
}

/** The same with `bytes[from..to)`, whose record was checked: not their own checksum as well. */
export function mergeChecked(bytes: Uint8Array, from: number, to: number, into: Sketch): void {
  peekBytes(bytes, from, to);
  mergeOpened(into);
}

function mergeOpened(into: Sketch): void {
  const version = takeByte();
  if (version !== SKETCH_VERSION) {
    throw damaged(`version ${version}, expected ${SKETCH_VERSION} of a percentile sketch`);
  }
  const bits = takeByte();
  if (bits !== BIN_BITS && bits !== COARSE_BITS) throw damaged(`bins of ${bits} bits`);
  const flags = takeByte();
  if (flags > (FLAG_RAW | FLAG_FRACTIONS)) throw damaged(`flags ${flags}`);
  if ((flags & FLAG_RAW) !== 0) mergeRaw(into);
  else mergeBinned(into, bits, (flags & FLAG_FRACTIONS) !== 0 ? WEIGHT_SCALE : 1);
  closeBytes();
}

/** Only the count in `bytes[from..to)`, which stands in front; no checksum is looked at. */
export function encodedCount(bytes: Uint8Array, from: number, to: number): number {
  const doubles = (bytes[from + 2]! & FLAG_RAW) !== 0 ? COUNT_NUMBERS : NUMBERS;
  const kept = bytes[from + HEADER_BYTES]! & 15;
  const first = from + HEADER_BYTES + ((doubles + 1) >> 1);
  if (first + kept > to || kept > 8) throw damaged('the bytes end too early');
  let high = 0;
  let low = 0;
  for (let at = first + kept - 1, shift = 24; at >= first; at--, shift -= 8) {
    if (shift >= 0) high |= bytes[at]! << shift;
    else low |= bytes[at]! << (shift + 32);
  }
  numberWords[0] = low;
  numberWords[1] = high;
  return numbers[0]!;
}

function putRaw(sketch: Sketch): void {
  putByte(FLAG_RAW);
  putDoubles(sketch.numbers, COUNT_NUMBERS);
  putVarint(sketch.rawLength);
  putDoubles(sketch.sortedRaw(), sketch.rawLength);
}

function mergeRaw(into: Sketch): void {
  takeDoubles(numberWords, COUNT_NUMBERS);
  const length = takeVarint();
  if (length > RAW_MAX) throw damaged(`${length} raw values`);
  takeDoubles(valueWords, length);
  into.addCount(numbers);
  into.addRawValues(values, length);
}

function putBinned(sketch: Sketch): void {
  const { positive, negative } = sketch;
  const whole = isWhole(positive) && isWhole(negative);
  // Where fractions would not fit into 53 bits they are less than a weight's last digit.
  const scale = whole || !(sketch.total * WEIGHT_SCALE < EXACT_MAX) ? 1 : WEIGHT_SCALE;
  putByte(scale === 1 ? 0 : FLAG_FRACTIONS);
  putDoubles(sketch.numbers, NUMBERS);
  putBins(positive, whole ? AS_THEY_ARE : scale);
  putBins(negative, whole ? AS_THEY_ARE : scale);
}

function mergeBinned(into: Sketch, bits: number, scale: number): void {
  takeDoubles(numberWords, NUMBERS);
  into.addCount(numbers);
  into.addTotals(numbers, bits);
  mergeBins(into.positive, bits, scale);
  mergeBins(into.negative, bits, scale);
}

/** Whether all weights are numbers that can be written as they are. */
function isWhole(bins: Bins): boolean {
  const { weights } = bins;
  const last = bins.lastIndex();
  for (let i = Math.max(bins.firstIndex(), 0); i <= last; i++) {
    if (weights[i] !== Math.floor(weights[i]!) || !isExactSum(weights[i]!)) return false;
  }
  return true;
}

let copy: Sketch | undefined;

/** The same values in bins. */
function binnedCopy(sketch: Sketch): Sketch {
  copy ??= new Sketch(0);
  copy.clear();
  copy.merge(sketch);
  return copy;
}
