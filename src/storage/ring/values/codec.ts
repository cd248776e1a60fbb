/**
 * One series in one chunk as few bytes as it takes (FORMAT.md, "Column"): the doubles come back
 * bit for bit, NaN is a missing value. The smallest of the modes that fit is written; no column is
 * longer than COLUMN_BYTES_MAX, so a block of a chunk is bounded too.
 */
import { BitReader, BitWriter, packBits, unpackBits } from './bits.ts';
import { ULPS_MIN, addUlps, scaleNear } from './near.ts';
import { CHUNK_ROWS } from '../ring.ts';
import { SCALES, scaleColumn } from './scaled.ts';
import { readXor, writeXor, xorBytesMax } from './xor.ts';

export const NOTHING = 0;
export const CONSTANT = 1;
export const DELTA_VARINT = 2;
export const VARINT = 3;
export const PACKED = 4;
export const PACKED_DELTA = 5;
export const XOR = 6;
export const RAW = 7;
export const MODE_MASK = 0x0f;
export const WITH_NULLS = 0x10;
/** The whole numbers are off by some ulps, which stand before them (near.ts). */
export const WITH_ULPS = 0x20;

export const BITMAP_BYTES = Math.ceil(CHUNK_ROWS / 8);
/** Where there are nulls, their bitmap takes no more than the doubles that are missing. */
export const COLUMN_BYTES_MAX = 1 + 8 * CHUNK_ROWS;

const present = new Float64Array(CHUNK_ROWS);
const whole = new Float64Array(CHUNK_ROWS);
const ulps = new Float64Array(CHUNK_ROWS);
const xorBytes = new Uint8Array(xorBytesMax(CHUNK_ROWS) + 8);
const xorWriter = new BitWriter(xorBytes);
const reader = new BitReader();
let doubles: DataView = new DataView(new ArrayBuffer(0));

/**
 * Writes CHUNK_ROWS values (from `from`) into `out` at `at`, where COLUMN_BYTES_MAX bytes must be
 * free; returns the position after.
 */
export function encodeColumn(
  values: Float64Array,
  from: number,
  out: Uint8Array,
  at: number,
): number {
  let count = 0;
  for (let i = 0; i < CHUNK_ROWS; i++) {
    const value = values[from + i]!;
    if (value === value) present[count++] = value;
  }
  if (count === 0) {
    out[at] = NOTHING;
    return at + 1;
  }
  let end = at + 1;
  const flag = count < CHUNK_ROWS ? WITH_NULLS : 0;
  if (flag !== 0) end = writeBitmap(values, from, out, end);
  const scaleIndex = scaleColumn(present, count, whole);
  if (scaleIndex < 0) {
    const near = writeNear(count, flag, out, at, end);
    if (near > 0 && near - end <= xorBytesLikely(count)) return near;
    const isShorter = count > 1 && tryXor(count);
    if (near > 0 && near - end <= (isShorter ? xorWriter.length : 8 * count)) return near;
    out[at] = (isShorter ? XOR : RAW) | flag;
    return isShorter ? copyXor(out, end) : writeRaw(out, end, count);
  }
  out[end++] = scaleIndex;
  const mode = chooseWholeMode(count);
  out[at] = mode | flag;
  return writeWhole(mode, count, out, end);
}

/** Reads the column at `at` into CHUNK_ROWS values from `to`. */
export function decodeColumn(
  bytes: Uint8Array,
  at: number,
  values: Float64Array,
  to: number,
): void {
  const header = bytes[at]!;
  const mode = header & MODE_MASK;
  if (mode === NOTHING) {
    values.fill(NaN, to, to + CHUNK_ROWS);
    return;
  }
  let start = at + 1;
  let count = CHUNK_ROWS;
  if ((header & WITH_NULLS) !== 0) {
    count = knownIn(bytes, start);
    start += BITMAP_BYTES;
  }
  if (mode === XOR) {
    reader.moveTo(bytes, start);
    readXor(reader, present, count);
  } else if (mode === RAW) {
    viewDoubles(bytes);
    for (let i = 0; i < count; i++) present[i] = doubles.getFloat64(start + 8 * i, true);
  } else {
    const near = (header & WITH_ULPS) !== 0;
    const scale = SCALES[bytes[start]!] ?? 1;
    start = near ? readUlps(bytes, start + 1, count) : start + 1;
    readWhole(mode, bytes, start, count);
    if (scale !== 1) for (let i = 0; i < count; i++) present[i]! /= scale;
    if (near) addUlps(present, count, ulps);
  }
  if (count === CHUNK_ROWS) {
    values.set(present, to);
    return;
  }
  let next = 0;
  for (let i = 0; i < CHUNK_ROWS; i++) {
    const known = (bytes[at + 1 + (i >> 3)]! >> (i & 7)) & 1;
    values[to + i] = known === 1 ? present[next++]! : NaN;
  }
}

/** Values that the bitmap at `at` says are there. */
export function knownIn(bytes: Uint8Array, at: number): number {
  let count = 0;
  for (let i = 0; i < CHUNK_ROWS; i++) count += ((bytes[at + (i >> 3)] ?? 0) >> (i & 7)) & 1;
  return count;
}

function writeBitmap(values: Float64Array, from: number, out: Uint8Array, at: number): number {
  out.fill(0, at, at + BITMAP_BYTES);
  for (let i = 0; i < CHUNK_ROWS; i++) {
    const value = values[from + i]!;
    if (value === value) out[at + (i >> 3)]! |= 1 << (i & 7);
  }
  return at + BITMAP_BYTES;
}

/** Writes the column as whole numbers and ulps; the position after, 0 when it cannot be. */
function writeNear(
  count: number,
  flag: number,
  out: Uint8Array,
  at: number,
  start: number,
): number {
  const scaleIndex = scaleNear(present, count, whole, ulps);
  if (scaleIndex < 0) return 0;
  let least = ulps[0]!;
  let most = least;
  for (let i = 1; i < count; i++) {
    if (ulps[i]! < least) least = ulps[i]!;
    if (ulps[i]! > most) most = ulps[i]!;
  }
  const width = widthOf(most - least);
  out[start] = scaleIndex;
  out[start + 1] = ((least - ULPS_MIN) << 4) | width;
  const end = packBits(ulps, 0, count, least, width, out, start + 2);
  const mode = chooseWholeMode(count);
  out[at] = mode | flag | WITH_ULPS;
  return writeWhole(mode, count, out, end);
}

/** Returns the position after. */
function readUlps(bytes: Uint8Array, at: number, count: number): number {
  const width = bytes[at]! & 0x0f;
  unpackBits(bytes, at + 1, width, (bytes[at]! >> 4) + ULPS_MIN, ulps, 0, count);
  return at + 1 + Math.ceil((count * width) / 8);
}

/** What XOR takes where half the bits of every new value are new. */
function xorBytesLikely(count: number): number {
  let changes = 0;
  for (let i = 1; i < count; i++) if (present[i] !== present[i - 1]) changes += 1;
  return 8 + 4 * changes;
}

/** Writes `present` to the scratch bytes; false when plain doubles are no longer. */
function tryXor(count: number): boolean {
  xorWriter.moveTo(0);
  writeXor(xorWriter, present, count);
  return xorWriter.length < 8 * count;
}

function copyXor(out: Uint8Array, at: number): number {
  const length = xorWriter.finish();
  for (let i = 0; i < length; i++) out[at + i] = xorBytes[i]!;
  return at + length;
}

function writeRaw(out: Uint8Array, at: number, count: number): number {
  viewDoubles(out);
  for (let i = 0; i < count; i++) doubles.setFloat64(at + 8 * i, present[i]!, true);
  return at + 8 * count;
}

function viewDoubles(bytes: Uint8Array): void {
  if (doubles.buffer === bytes.buffer && doubles.byteOffset === bytes.byteOffset) return;
  doubles = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The range of a column's numbers, or of their differences, as the packed modes need it. */
const packing = { low: 0, width: 0 };

/** The shortest way to write `count` whole numbers; sets `packing` for the packed modes. */
function chooseWholeMode(count: number): number {
  const first = whole[0]!;
  let low = first;
  let high = first;
  let lowDelta = Infinity;
  let highDelta = -Infinity;
  for (let i = 1; i < count; i++) {
    const value = whole[i]!;
    const delta = value - whole[i - 1]!;
    if (value < low) low = value;
    if (value > high) high = value;
    if (delta < lowDelta) lowDelta = delta;
    if (delta > highDelta) highDelta = delta;
  }
  if (low === high) return CONSTANT;
  const width = widthOf(high - low);
  const deltaWidth = widthOf(highDelta - lowDelta);
  const packed = zigzagLength(low) + 1 + Math.ceil((count * width) / 8);
  const packedDelta =
    zigzagLength(first) + zigzagLength(lowDelta) + 1 + Math.ceil(((count - 1) * deltaWidth) / 8);
  const useDelta = packedDelta < packed;
  packing.low = useDelta ? lowDelta : low;
  packing.width = useDelta ? deltaWidth : width;
  const mode = useDelta ? PACKED_DELTA : PACKED;
  const bytes = useDelta ? packedDelta : packed;
  // A varint takes a byte at least, so small numbers need no count of them: half of the columns.
  return bytes < count ? mode : chooseVarint(count, bytes, mode);
}

/** A varint mode when it takes no more than the `bytes` of `mode`. */
function chooseVarint(count: number, bytes: number, mode: number): number {
  let varintBytes = zigzagLength(whole[0]!);
  let deltaBytes = varintBytes;
  for (let i = 1; i < count; i++) {
    const value = whole[i]!;
    varintBytes += zigzagLength(value);
    deltaBytes += zigzagLength(value - whole[i - 1]!);
  }
  if (bytes < Math.min(varintBytes, deltaBytes)) return mode;
  return deltaBytes < varintBytes ? DELTA_VARINT : VARINT;
}

function writeWhole(mode: number, count: number, out: Uint8Array, at: number): number {
  if (mode === VARINT || mode === DELTA_VARINT) {
    let end = writeVarint(out, at, zigzag(whole[0]!));
    for (let i = 1; i < count; i++) {
      const value = mode === VARINT ? whole[i]! : whole[i]! - whole[i - 1]!;
      end = writeVarint(out, end, zigzag(value));
    }
    return end;
  }
  if (mode === CONSTANT) return writeVarint(out, at, zigzag(whole[0]!));
  let end = at;
  if (mode === PACKED_DELTA) {
    end = writeVarint(out, end, zigzag(whole[0]!));
    for (let i = count - 1; i > 0; i--) whole[i]! -= whole[i - 1]!;
  }
  const { low, width } = packing;
  end = writeVarint(out, end, zigzag(low));
  out[end++] = width;
  return packBits(whole, mode === PACKED_DELTA ? 1 : 0, count, low, width, out, end);
}

/** Reads `count` whole numbers into `present`. */
function readWhole(mode: number, bytes: Uint8Array, at: number, count: number): void {
  varintAt = at;
  const first = unzigzag(readVarint(bytes));
  if (mode === CONSTANT) {
    present.fill(first, 0, count);
    return;
  }
  if (mode === VARINT || mode === DELTA_VARINT) {
    present[0] = first;
    for (let i = 1; i < count; i++) {
      const value = unzigzag(readVarint(bytes));
      present[i] = mode === VARINT ? value : value + present[i - 1]!;
    }
    return;
  }
  const delta = mode === PACKED_DELTA;
  const low = delta ? unzigzag(readVarint(bytes)) : first;
  const width = bytes[varintAt]!;
  unpackBits(bytes, varintAt + 1, width, low, present, delta ? 1 : 0, count);
  if (!delta) return;
  present[0] = first;
  for (let i = 1; i < count; i++) present[i]! += present[i - 1]!;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Bits that a whole number from 0 to `most` takes. */
function widthOf(most: number): number {
  if (most < 0x80000000) return 32 - Math.clz32(most);
  return 32 + widthOf(Math.floor(most / 0x100000000));
}

/** Bytes of a whole number as a zigzag varint: seven bits a byte, one of them for the sign. */
function zigzagLength(value: number): number {
  if (value >= -0x80000000 && value <= 0x7fffffff) {
    // Without branches on the value, which nobody could predict: 1 + bits / 7, rounded down.
    const bits = 32 - Math.clz32(value ^ (value >> 31));
    return 1 + ((bits * 37) >> 8);
  }
  let length = 5;
  for (let rest = zigzag(value) / 2 ** 35; rest >= 1; rest /= 128) length += 1;
  return length;
}

function writeVarint(out: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest >= 128) {
    out[end++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  out[end++] = rest;
  return end;
}

let varintAt = 0;

function readVarint(bytes: Uint8Array): number {
  let value = 0;
  let unit = 1;
  for (;;) {
    const byte = bytes[varintAt++]!;
    value += (byte & 0x7f) * unit;
    if (!(byte >= 128)) return value; // also past the end
    unit *= 128;
  }
}
