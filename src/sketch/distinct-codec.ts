/**
 * Distinct counts as bytes, for batches and for archives; FORMAT.md draws them. Damaged
 * bytes are refused with a sentence before anything is merged.
 */
import {
  beginBytes,
  bytesLeft,
  closeBytes,
  damaged,
  finishBytes,
  openBytes,
  putByte,
  putVarint,
  takeByte,
  takeVarint,
} from './bytes.ts';
import { DistinctSketch, EXACT_MAX, REGISTER_MAX, REGISTERS } from './distinct.ts';

/** The first byte tells distinct counts from percentile sketches. */
export const DISTINCT_VERSION = 0x81;
const FORM_EXACT = 0;
const FORM_REGISTERS = 1;
/** A register that is this much or more above the least stands in the list behind the nibbles. */
const NIBBLE_MAX = 15;

/** The bytes of a distinct count, in a buffer of their own; equal contents have equal bytes. */
export function encodeDistinct(sketch: DistinctSketch): Uint8Array {
  return encodeDistinctInPlace(sketch).slice();
}

/** The same in a shared buffer: valid until the next sketch is encoded. */
export function encodeDistinctInPlace(sketch: DistinctSketch): Uint8Array {
  beginBytes();
  putByte(DISTINCT_VERSION);
  putByte(sketch.isExact ? FORM_EXACT : FORM_REGISTERS);
  if (sketch.isExact) putHashes(sketch);
  else putRegisters(sketch.registers);
  return finishBytes();
}

/** Reads what encodeDistinct wrote. Throws an Error that says what is wrong. */
export function decodeDistinct(bytes: Uint8Array, into = new DistinctSketch()): DistinctSketch {
  into.clear();
  mergeEncodedDistinct(bytes, into);
  return into;
}

/** Takes encoded bytes in (those of `from` up to `to`), without a sketch in between. */
export function mergeEncodedDistinct(
  bytes: Uint8Array,
  into: DistinctSketch,
  from = 0,
  to = bytes.length,
): void {
  openBytes(bytes, from, to);
  const version = takeByte();
  if (version !== DISTINCT_VERSION) {
    throw damaged(`version ${version}, expected ${DISTINCT_VERSION} of a distinct count`);
  }
  const form = takeByte();
  if (form > FORM_REGISTERS) throw damaged(`form ${form} of a distinct count`);
  if (form === FORM_EXACT) mergeHashes(into);
  else mergeRegisters(into);
  closeBytes();
}

/** Ascending, so that equal sets have equal bytes. */
function putHashes(sketch: DistinctSketch): void {
  const hashes = new Float64Array(sketch.hashCount);
  const lows = new Map<number, number[]>();
  let count = 0;
  sketch.forEachHash((high, low) => {
    hashes[count++] = high;
    lows.set(high, [...(lows.get(high) ?? []), low]); // two of one high are rare
  });
  hashes.sort();
  putVarint(count);
  for (let i = 0; i < count; i++) {
    const high = hashes[i]!;
    if (i > 0 && hashes[i - 1] === high) continue;
    for (const low of lows.get(high)!.sort((a, b) => a - b)) {
      putWord(high);
      putWord(low);
    }
  }
}

function mergeHashes(into: DistinctSketch): void {
  const count = takeVarint();
  if (count > EXACT_MAX || count * 8 !== bytesLeft()) throw damaged(`${count} hashes`);
  for (let i = 0; i < count; i++) {
    const high = takeWord();
    into.addHash(high, takeWord());
  }
}

function putRegisters(registers: Uint8Array): void {
  let least = REGISTER_MAX;
  for (const value of registers) if (value < least) least = value;
  putByte(least);
  let large = 0;
  for (let i = 0; i < REGISTERS; i += 2) {
    const low = Math.min(registers[i]! - least, NIBBLE_MAX);
    const high = Math.min(registers[i + 1]! - least, NIBBLE_MAX);
    putByte(low | (high << 4));
    if (low === NIBBLE_MAX) large += 1;
    if (high === NIBBLE_MAX) large += 1;
  }
  putVarint(large);
  for (const value of registers) if (value - least >= NIBBLE_MAX) putByte(value);
}

function mergeRegisters(into: DistinctSketch): void {
  const least = takeByte();
  if (least > REGISTER_MAX) throw damaged(`register ${least}`);
  const values = merged;
  let large = 0;
  for (let i = 0; i < REGISTERS; i += 2) {
    const pair = takeByte();
    values[i] = pair & 15;
    values[i + 1] = pair >>> 4;
    if (values[i] === NIBBLE_MAX) large += 1;
    if (values[i + 1] === NIBBLE_MAX) large += 1;
  }
  if (takeVarint() !== large) throw damaged('another number of large registers than listed');
  for (let i = 0; i < REGISTERS; i++) {
    values[i] = values[i] === NIBBLE_MAX ? takeByte() : values[i]! + least;
    if (values[i]! > REGISTER_MAX) throw damaged(`register ${values[i]}`);
  }
  into.toRegisters();
  const { registers } = into;
  for (let i = 0; i < REGISTERS; i++) if (values[i]! > registers[i]!) registers[i] = values[i]!;
}

const merged = new Uint8Array(REGISTERS);

function putWord(word: number): void {
  for (let shift = 0; shift < 32; shift += 8) putByte((word >>> shift) & 0xff);
}

function takeWord(): number {
  return (takeByte() | (takeByte() << 8) | (takeByte() << 16) | (takeByte() << 24)) >>> 0;
}
