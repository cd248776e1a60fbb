/**
 * One series in one chunk as few bytes as it takes (FORMAT.md, "Column"): the doubles come back
 * bit for bit, NaN is a missing value. The smallest of the modes that fit is written; no column is
 * longer than COLUMN_BYTES_MAX, so a block of a chunk is bounded too.
 */
import { BitReader, BitWriter } from './bits.ts';
import { CHUNK_ROWS } from './ring.ts';
import { SCALES, scaleColumn } from './scaled.ts';
import { readXor, writeXor, xorBytesMax } from './xor.ts';

const NOTHING = 0;
const CONSTANT = 1;
const DELTA_VARINT = 2;
const VARINT = 3;
const PACKED = 4;
const PACKED_DELTA = 5;
const XOR = 6;
const RAW = 7;
const MODE_MASK = 0x0f;
const WITH_NULLS = 0x10;

const BITMAP_BYTES = Math.ceil(CHUNK_ROWS / 8);
export const COLUMN_BYTES_MAX = 1 + BITMAP_BYTES + 8 * CHUNK_ROWS;

const present = new Float64Array(CHUNK_ROWS);
const whole = new Float64Array(CHUNK_ROWS);
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
    const mode = count > 1 && tryXor(count) ? XOR : RAW;
    out[at] = mode | flag;
    return mode === XOR ? copyXor(out, end) : writeRaw(out, end, count);
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
    count = 0;
    for (let i = 0; i < CHUNK_ROWS; i++) count += (bytes[start + (i >> 3)]! >> (i & 7)) & 1;
    start += BITMAP_BYTES;
  }
  if (mode === XOR) {
    reader.moveTo(bytes, start);
    readXor(reader, present, count);
  } else if (mode === RAW) {
    viewDoubles(bytes);
    for (let i = 0; i < count; i++) present[i] = doubles.getFloat64(start + 8 * i, true);
  } else {
    readWhole(mode, bytes, start + 1, count);
    const scale = SCALES[bytes[start]!] ?? 1;
    if (scale !== 1) for (let i = 0; i < count; i++) present[i]! /= scale;
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

function writeBitmap(values: Float64Array, from: number, out: Uint8Array, at: number): number {
  out.fill(0, at, at + BITMAP_BYTES);
  for (let i = 0; i < CHUNK_ROWS; i++) {
    const value = values[from + i]!;
    if (value === value) out[at + (i >> 3)]! |= 1 << (i & 7);
  }
  return at + BITMAP_BYTES;
}

/** Writes `present` to the scratch bytes; false when plain doubles are no longer. */
function tryXor(count: number): boolean {
  xorWriter.moveTo(0);
  writeXor(xorWriter, present, count);
  return xorWriter.length < 8 * count;
}

function copyXor(out: Uint8Array, at: number): number {
  const { length } = xorWriter;
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

/** The shortest way to write `count` whole numbers, by counting the bytes of each. */
function chooseWholeMode(count: number): number {
  const first = whole[0]!;
  let low = first;
  let high = first;
  let lowDelta = Infinity;
  let highDelta = -Infinity;
  let varintBytes = varintLength(zigzag(first));
  let deltaBytes = varintBytes;
  for (let i = 1; i < count; i++) {
    const value = whole[i]!;
    const delta = value - whole[i - 1]!;
    if (value < low) low = value;
    if (value > high) high = value;
    if (delta < lowDelta) lowDelta = delta;
    if (delta > highDelta) highDelta = delta;
    varintBytes += varintLength(zigzag(value));
    deltaBytes += varintLength(zigzag(delta));
  }
  if (low === high) return CONSTANT;
  let best = VARINT;
  let bytes = varintBytes;
  if (deltaBytes < bytes) {
    best = DELTA_VARINT;
    bytes = deltaBytes;
  }
  const packed = varintLength(zigzag(low)) + 1 + Math.ceil((count * widthOf(high - low)) / 8);
  if (packed < bytes) {
    best = PACKED;
    bytes = packed;
  }
  const deltaBits = (count - 1) * widthOf(highDelta - lowDelta);
  const packedDelta =
    varintLength(zigzag(first)) + varintLength(zigzag(lowDelta)) + 1 + Math.ceil(deltaBits / 8);
  return packedDelta < bytes ? PACKED_DELTA : best;
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
  let from = 0;
  if (mode === PACKED_DELTA) {
    end = writeVarint(out, end, zigzag(whole[0]!));
    for (let i = count - 1; i > 0; i--) whole[i]! -= whole[i - 1]!;
    from = 1;
  }
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < count; i++) {
    if (whole[i]! < low) low = whole[i]!;
    if (whole[i]! > high) high = whole[i]!;
  }
  end = writeVarint(out, end, zigzag(low));
  const width = widthOf(high - low);
  out[end++] = width;
  const writer = new BitWriter(out);
  writer.moveTo(end);
  for (let i = from; i < count; i++) writer.writeWide(whole[i]! - low, width);
  return writer.length;
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
  reader.moveTo(bytes, varintAt + 1);
  if (delta) present[0] = first;
  for (let i = delta ? 1 : 0; i < count; i++) {
    const value = low + reader.readWide(width);
    present[i] = delta ? present[i - 1]! + value : value;
  }
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

function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  let length = 4;
  for (let rest = value / 0x200000; rest >= 128; rest /= 128) length += 1;
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
