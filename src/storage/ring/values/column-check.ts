/**
 * Whether a stored column can be decoded at all: its parts must end exactly where the next column
 * starts (FORMAT.md, "Column"). A reader does not need this, the checksum of the block covers it;
 * `verify` does, to tell a column that was written wrong from one that was damaged.
 */
import {
  BITMAP_BYTES,
  CONSTANT,
  DELTA_VARINT,
  MODE_MASK,
  NOTHING,
  PACKED,
  PACKED_DELTA,
  RAW,
  VARINT,
  WITH_NULLS,
  WITH_ULPS,
  XOR,
  knownIn,
} from './codec.ts';
import { CHUNK_ROWS } from '../ring.ts';
import { SCALES } from './scaled.ts';

/** Differences of whole numbers below 2 ** 50, in zigzag. */
const WIDTH_MAX = 53;

/** What is wrong with the column in bytes `at` up to `end`; undefined when nothing is. */
export function columnFault(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (end <= at) return 'it has no bytes';
  const header = bytes[at]!;
  const mode = header & MODE_MASK;
  const withUlps = (header & WITH_ULPS) !== 0;
  if ((header & ~(MODE_MASK | WITH_NULLS | WITH_ULPS)) !== 0 || mode > RAW) {
    return `its header is ${header}`;
  }
  if (withUlps && (mode < CONSTANT || mode > PACKED_DELTA)) return `its header is ${header}`;
  if (mode === NOTHING) return lengthFault(at + 1, end);
  const withNulls = (header & WITH_NULLS) !== 0;
  const count = withNulls ? knownIn(bytes, at + 1) : CHUNK_ROWS;
  if (count === 0) return 'it has a map of values without any';
  const start = at + 1 + (withNulls ? BITMAP_BYTES : 0);
  if (mode === RAW) return lengthFault(start + 8 * count, end);
  if (mode === XOR) return lengthFault(endOfXor(bytes, start, count), end);
  const ulpsBytes = 1 + Math.ceil((count * ((bytes[start + 1] ?? 0) & 0x0f)) / 8);
  if (start >= end || bytes[start]! >= SCALES.length) return 'its scale is unknown';
  return wholeFault(mode, bytes, start + 1 + (withUlps ? ulpsBytes : 0), count, end);
}

function lengthFault(found: number, end: number): string | undefined {
  if (found === end) return undefined;
  return found > end ? 'it ends too early' : `${end - found} bytes of it are left over`;
}

function wholeFault(
  mode: number,
  bytes: Uint8Array,
  start: number,
  count: number,
  end: number,
): string | undefined {
  if (mode === VARINT || mode === DELTA_VARINT || mode === CONSTANT) {
    return lengthFault(skipVarints(bytes, start, mode === CONSTANT ? 1 : count), end);
  }
  const widthAt = skipVarints(bytes, start, mode === PACKED_DELTA ? 2 : 1);
  const width = bytes[widthAt] ?? 0;
  if (width > WIDTH_MAX) return `its numbers are ${width} bits wide`;
  const packed = mode === PACKED ? count : count - 1;
  return lengthFault(widthAt + 1 + Math.ceil((packed * width) / 8), end);
}

function skipVarints(bytes: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    while ((bytes[at] ?? 0) >= 128) at += 1;
    at += 1;
  }
  return at;
}

/** Position after the last byte that the bits of an XOR column touch (xor.ts). */
function endOfXor(bytes: Uint8Array, start: number, count: number): number {
  let bit = start * 8;
  const read = (width: number): number => {
    let value = 0;
    for (let i = 0; i < width; i++, bit++) {
      value = value * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    return value;
  };
  let length = 0;
  bit += 64;
  for (let i = 1; i < count; i++) {
    if (read(1) === 0) continue;
    if (read(1) === 1) {
      read(5);
      length = read(6) + 1;
    }
    bit += length;
  }
  return Math.ceil(bit / 8);
}
