/**
 * Sketches as bytes, for the flush frame and for archives. FORMAT.md draws the layout. Decoding
 * checks everything and says what is wrong with damaged bytes; it never returns half a sketch.
 */
import { BIN_BITS, BIN_LAST, type Bins, WINDOW_BINS_MAX } from './bins.ts';
import { Sketch } from './log-linear.ts';

const VERSION = 1;
const FLAG_RAW = 1;
/** Weights are whole numbers, written as varints. */
const FLAG_WHOLE = 2;
const HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** A varint of a whole double: 53 bits in groups of 7. */
const VARINT_BYTES_MAX = 8;

let scratch = new Uint8Array(4096);
let view = new DataView(scratch.buffer);
let length = 0;

/** The bytes of a sketch, in a buffer of their own. */
export function encodeSketch(sketch: Sketch): Uint8Array {
  return encodeInPlace(sketch).slice();
}

/** The same in a shared buffer: valid until the next call. */
export function encodeInPlace(sketch: Sketch): Uint8Array {
  length = 0;
  const whole =
    !sketch.isRaw &&
    Number.isSafeInteger(sketch.zeros) &&
    isWhole(sketch.positive) &&
    isWhole(sketch.negative);
  putByte(VERSION);
  putByte(BIN_BITS);
  putByte((sketch.isRaw ? FLAG_RAW : 0) | (whole ? FLAG_WHOLE : 0));
  putDouble(sketch.count);
  if (sketch.isRaw) {
    putVarint(sketch.rawLength);
    for (const value of sketch.sortedRaw()) putDouble(value);
  } else {
    for (const value of [sketch.total, sketch.sum, sketch.sumSquares, sketch.min, sketch.max]) {
      putDouble(value);
    }
    putWeight(sketch.zeros, whole);
    putBins(sketch.positive, whole);
    putBins(sketch.negative, whole);
  }
  const sum = checksum(scratch, length);
  reserve(CHECKSUM_BYTES);
  view.setInt32(length, sum, true);
  length += CHECKSUM_BYTES;
  return scratch.subarray(0, length);
}

/**
 * Reads what encodeSketch wrote, into a new sketch or into `into` (cleared first). Throws an Error
 * that says what is wrong when the bytes are damaged or of another version.
 */
export function decodeSketch(bytes: Uint8Array, into = new Sketch()): Sketch {
  into.clear();
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < HEADER_BYTES) throw damaged(`${bytes.length} bytes are too few`);
  const reader = new Reader(bytes, end);
  if (reader.sum() !== checksum(bytes, end)) throw damaged('the checksum differs');
  const version = reader.byte();
  if (version !== VERSION) throw damaged(`version ${version}, expected ${VERSION}`);
  const bits = reader.byte();
  if (bits !== BIN_BITS) throw damaged(`bins of ${bits} bits, expected ${BIN_BITS}`);
  const flags = reader.byte();
  const count = reader.double();
  if ((flags & FLAG_RAW) !== 0) readRaw(reader, into);
  else readBinned(reader, into, (flags & FLAG_WHOLE) !== 0);
  if (!reader.isAtEnd()) throw damaged('bytes are left over');
  into.count = count;
  return into;
}

function readRaw(reader: Reader, into: Sketch): void {
  const values = reader.varint();
  for (let i = 0; i < values; i++) into.add(reader.double());
}

function readBinned(reader: Reader, into: Sketch, whole: boolean): void {
  into.toBins();
  into.total = reader.double();
  into.sum = reader.double();
  into.sumSquares = reader.double();
  into.min = reader.double();
  into.max = reader.double();
  into.zeros = reader.weight(whole);
  readBins(reader, into.positive, whole);
  readBins(reader, into.negative, whole);
}

function readBins(reader: Reader, bins: Bins, whole: boolean): void {
  const entries = reader.varint();
  if (entries > WINDOW_BINS_MAX) throw damaged(`${entries} bins`);
  let bin = -1;
  for (let i = 0; i < entries; i++) {
    bin += reader.varint() + 1;
    if (bin > BIN_LAST) throw damaged(`bin ${bin}`);
    one[0] = reader.weight(whole);
    bins.addWeighted(bin, one);
  }
}

const one = new Float64Array(1);

/** Pairs of gap and weight of the bins that hold something. */
function putBins(bins: Bins, whole: boolean): void {
  let entries = 0;
  for (const weight of bins.weights) if (weight !== 0) entries += 1;
  putVarint(entries);
  let last = -1;
  for (let i = 0; i < bins.weights.length; i++) {
    const weight = bins.weights[i]!;
    if (weight === 0) continue;
    putVarint(bins.low + i - last - 1);
    putWeight(weight, whole);
    last = bins.low + i;
  }
}

function isWhole(bins: Bins): boolean {
  for (const weight of bins.weights) if (!Number.isSafeInteger(weight)) return false;
  return true;
}

function putWeight(weight: number, whole: boolean): void {
  if (whole) putVarint(weight);
  else putDouble(weight);
}

function putByte(byte: number): void {
  reserve(1);
  scratch[length++] = byte;
}

function putVarint(value: number): void {
  reserve(VARINT_BYTES_MAX);
  let rest = value;
  while (rest >= 0x80) {
    scratch[length++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[length++] = rest;
}

function putDouble(value: number): void {
  reserve(8);
  view.setFloat64(length, value, true);
  length += 8;
}

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return;
  const larger = new Uint8Array(scratch.length * 2);
  larger.set(scratch);
  scratch = larger;
  view = new DataView(scratch.buffer);
}

/** FNV-1a: any one changed byte changes it. */
function checksum(bytes: Uint8Array, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash | 0;
}

function damaged(what: string): Error {
  return new Error(`not a sketch: ${what}`);
}

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;
  private at = 0;

  constructor(bytes: Uint8Array, end: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = end;
  }

  sum(): number {
    return this.view.getInt32(this.end, true);
  }

  isAtEnd(): boolean {
    return this.at === this.end;
  }

  byte(): number {
    this.need(1);
    return this.bytes[this.at++]!;
  }

  double(): number {
    this.need(8);
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  weight(whole: boolean): number {
    return whole ? this.varint() : this.double();
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw damaged('a number is too long');
  }

  private need(bytes: number): void {
    if (this.at + bytes > this.end) throw damaged('the bytes end too early');
  }
}
