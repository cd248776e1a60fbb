/**
 * Doubles that are no short decimals, after Gorilla (Pelkonen et al., VLDB 2015, section 4.1.2):
 * each value is XORed with the one before; equal values cost one bit, similar ones the bits that
 * differ.
 *
 *     first   64 bits
 *     then    0                                        the same value again
 *             10  bits within the last window
 *             11  leading zeroes (5)  length - 1 (6)  bits      a new window
 */
import { type BitReader, type BitWriter, HIGH, LOW } from './bits.ts';

const double = new Float64Array(1);
/** Signed: unsigned ones past 2 ** 31 would be objects. */
const words = new Int32Array(double.buffer);

/** Most bytes that `count` values can take. */
export function xorBytesMax(count: number): number {
  return 8 + Math.ceil(((count - 1) * 77) / 8);
}

export function writeXor(writer: BitWriter, values: Float64Array, count: number): void {
  double[0] = values[0]!;
  let lastHigh = words[HIGH]!;
  let lastLow = words[LOW]!;
  writer.write(lastHigh, 32);
  writer.write(lastLow, 32);
  let leading = 65;
  let length = 0;
  for (let i = 1; i < count; i++) {
    double[0] = values[i]!;
    const high = words[HIGH]! ^ lastHigh;
    const low = words[LOW]! ^ lastLow;
    lastHigh = words[HIGH]!;
    lastLow = words[LOW]!;
    if (high === 0 && low === 0) {
      writer.writeShort(0, 1);
      continue;
    }
    const lead = Math.min(31, high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low));
    const trail = low !== 0 ? trailingZeroes(low) : 32 + trailingZeroes(high);
    if (lead >= leading && 64 - trail <= leading + length) {
      writer.writeShort(2, 2);
    } else {
      leading = lead;
      length = 64 - lead - trail;
      writer.writeShort((3 << 11) | (leading << 6) | (length - 1), 13);
    }
    writeWindow(writer, high, low, 64 - leading - length, length);
  }
}

export function readXor(reader: BitReader, values: Float64Array, count: number): void {
  let high = reader.read(32) | 0;
  let low = reader.read(32) | 0;
  let trail = 0;
  let length = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0 && reader.readShort(1) === 1) {
      if (reader.readShort(1) === 1) {
        const window = reader.readShort(11);
        length = (window & 63) + 1;
        trail = 64 - (window >> 6) - length;
      }
      const topBits = length > 32 ? reader.read(length - 32) : 0;
      const restBits = reader.read(length > 32 ? 32 : length);
      if (trail >= 32) {
        high ^= restBits << (trail - 32);
      } else if (trail === 0) {
        high ^= topBits;
        low ^= restBits;
      } else {
        high ^= (topBits << trail) | (restBits >>> (32 - trail));
        low ^= restBits << trail;
      }
    }
    words[HIGH] = high;
    words[LOW] = low;
    values[i] = double[0]!;
  }
}

/** `length` bits of the 64 in (high, low) that end `trail` bits from the right. */
function writeWindow(
  writer: BitWriter,
  high: number,
  low: number,
  trail: number,
  length: number,
): void {
  if (trail >= 32) {
    writer.write((high >>> (trail - 32)) | 0, length);
    return;
  }
  const restBits = trail === 0 ? low : (low >>> trail) | (high << (32 - trail));
  if (length > 32) writer.write((high >>> trail) | 0, length - 32);
  writer.write(restBits, length > 32 ? 32 : length);
}

function trailingZeroes(word: number): number {
  return 31 - Math.clz32(word & -word);
}
