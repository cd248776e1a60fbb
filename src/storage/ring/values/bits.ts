/**
 * Reads and writes runs of bits, most significant first, in a byte array; the codec's ground. Up to
 * 31 bits wait in one integer, so that a run costs a shift and not a walk over its bytes.
 * `packBits` and `unpackBits` do a column of whole numbers at once.
 */
export const TWO_32 = 2 ** 32;
/** Positions of the high and the low word of a double on this machine. */
export const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
export const LOW = 1 - HIGH;
/** Runs up to here fit beside the up to seven bits that wait. */
const WIDTH_AT_ONCE = 24;

export class BitWriter {
  private readonly bytes: Uint8Array;
  private at = 0;
  /** The lowest `waiting` bits are still to be written; higher ones are left-overs. */
  private bits = 0;
  private waiting = 0;

  /** Bits are written from the start of `bytes`, whose content does not matter. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Starts again at a byte position. */
  moveTo(at: number): void {
    this.at = at;
    this.waiting = 0;
  }

  /** Bytes used so far, the last one perhaps in part. */
  get length(): number {
    return this.waiting === 0 ? this.at : this.at + 1;
  }

  /** The low `width` (0 to 32) bits of `value`. */
  write(value: number, width: number): void {
    if (width > WIDTH_AT_ONCE) {
      this.writeShort(value >>> 16, width - 16);
      this.writeShort(value, 16);
    } else this.writeShort(value, width);
  }

  /** The low `width` (0 to 24) bits of `value`. */
  writeShort(value: number, width: number): void {
    this.bits = (this.bits << width) | (value & ((1 << width) - 1));
    let { waiting } = this;
    waiting += width;
    while (waiting >= 8) {
      waiting -= 8;
      this.bytes[this.at++] = this.bits >>> waiting;
    }
    this.waiting = waiting;
  }

  /** Writes the last, partial byte; returns the position after. */
  finish(): number {
    if (this.waiting > 0) this.bytes[this.at++] = this.bits << (8 - this.waiting);
    this.waiting = 0;
    return this.at;
  }
}

export class BitReader {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** The lowest `waiting` bits are still to be read. */
  private bits = 0;
  private waiting = 0;

  moveTo(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.waiting = 0;
  }

  /** `width` (0 to 32) bits as an unsigned number; zeroes past the end. */
  read(width: number): number {
    if (width <= WIDTH_AT_ONCE) return this.readShort(width);
    const high = this.readShort(width - 16);
    return ((high << 16) | this.readShort(16)) >>> 0;
  }

  /** `width` (0 to 24) bits. */
  readShort(width: number): number {
    let { bits, waiting } = this;
    while (waiting < width) {
      bits = (bits << 8) | (this.bytes[this.at++] ?? 0);
      waiting += 8;
    }
    waiting -= width;
    this.bits = bits;
    this.waiting = waiting;
    return (bits >>> waiting) & ((1 << width) - 1);
  }
}

/**
 * Writes `values[i] - low` for i from `from` up to `end`, `width` (0 to 53) bits each; returns the
 * position after.
 */
export function packBits(
  values: Float64Array,
  from: number,
  end: number,
  low: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  if (width > WIDTH_AT_ONCE) {
    const writer = new BitWriter(out);
    writer.moveTo(at);
    for (let i = from; i < end; i++) {
      const value = values[i]! - low;
      if (width > 32) writer.write(Math.floor(value / TWO_32), width - 32);
      writer.write((value % TWO_32) | 0, width > 32 ? 32 : width);
    }
    return writer.finish();
  }
  let bits = 0;
  let waiting = 0;
  let next = at;
  for (let i = from; i < end; i++) {
    bits = (bits << width) | (values[i]! - low);
    waiting += width;
    while (waiting >= 8) {
      waiting -= 8;
      out[next++] = bits >>> waiting;
    }
  }
  if (waiting > 0) out[next++] = bits << (8 - waiting);
  return next;
}

/** The counterpart of packBits; numbers past the end of `bytes` are `low`. */
export function unpackBits(
  bytes: Uint8Array,
  at: number,
  width: number,
  low: number,
  values: Float64Array,
  from: number,
  end: number,
): void {
  if (width > WIDTH_AT_ONCE) {
    const reader = new BitReader();
    reader.moveTo(bytes, at);
    for (let i = from; i < end; i++) {
      const high = width > 32 ? reader.read(width - 32) : 0;
      values[i] = low + high * TWO_32 + reader.read(width > 32 ? 32 : width);
    }
    return;
  }
  const mask = (1 << width) - 1;
  let bits = 0;
  let waiting = 0;
  let next = at;
  for (let i = from; i < end; i++) {
    while (waiting < width) {
      bits = (bits << 8) | (bytes[next++] ?? 0);
      waiting += 8;
    }
    waiting -= width;
    values[i] = low + ((bits >>> waiting) & mask);
  }
}
