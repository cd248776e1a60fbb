/**
 * Reads and writes runs of bits, most significant first, in a byte array; the codec's ground.
 * Integers are up to 53 bits wide, so they are handled as a high part and 32 low bits.
 */
const TWO_32 = 2 ** 32;

export class BitWriter {
  private readonly bytes: Uint8Array;
  private at = 0;
  private free = 8;

  /** Bits are written from the start of `bytes`, whose content does not matter. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Starts again at a byte position. */
  moveTo(at: number): void {
    this.at = at;
    this.free = 8;
  }

  /** Bytes used so far, the last one perhaps in part. */
  get length(): number {
    return this.free === 8 ? this.at : this.at + 1;
  }

  /** The low `width` (0 to 32) bits of `value`. */
  write(value: number, width: number): void {
    let left = width;
    while (left > 0) {
      if (this.free === 8) this.bytes[this.at] = 0;
      const take = left < this.free ? left : this.free;
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      this.bytes[this.at]! |= part << (this.free - take);
      this.free -= take;
      left -= take;
      if (this.free === 0) {
        this.at += 1;
        this.free = 8;
      }
    }
  }

  /** A non-negative whole number below 2 ** width, width up to 53. */
  writeWide(value: number, width: number): void {
    if (width > 32) this.write(Math.floor(value / TWO_32), width - 32);
    this.write((value % TWO_32) | 0, width > 32 ? 32 : width);
  }
}

export class BitReader {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private left = 8;

  moveTo(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.left = 8;
  }

  /** `width` (0 to 32) bits as an unsigned number; zeroes past the end. */
  read(width: number): number {
    let value = 0;
    let wanted = width;
    while (wanted > 0) {
      const take = wanted < this.left ? wanted : this.left;
      const byte = this.bytes[this.at] ?? 0;
      value = (value << take) | ((byte >>> (this.left - take)) & ((1 << take) - 1));
      this.left -= take;
      wanted -= take;
      if (this.left === 0) {
        this.at += 1;
        this.left = 8;
      }
    }
    return value >>> 0;
  }

  readWide(width: number): number {
    if (width <= 32) return this.read(width);
    return this.read(width - 32) * TWO_32 + this.read(32);
  }
}
