/**
 * Bytes read four at a time: hashing and comparing names costs a third of what bytes one by one
 * cost (native-bench/hot.ts). A word is an int32 in little-endian order; the last word of a name is
 * masked to its bytes.
 */

/** A DataView over exactly the bytes of an array. */
export function littleEndianView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Masks of the last word by its number of bytes (0 = a full word). */
export const TAIL_MASKS = new Int32Array([-1, 0xff, 0xffff, 0xffffff]);

/**
 * One word into a hash. `secret` is per process: an attacker who cannot guess it cannot make names
 * collide. The second product carries the word's high bits into low ones: without it, two names
 * that differ in the top bits of neighbouring words would collide under every seed.
 */
export function mixWord(hash: number, word: number, secret: number): number {
  const turned = ((word << 16) | (word >>> 16)) + secret;
  return Math.imul(hash ^ word, 0x2c1b3c6d) ^ Math.imul(turned, 0x297a2d39);
}

export function finishHash(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return h ^ (h >>> 15);
}

/** Hash of `length` bytes at `from`; reads whole words, so 3 bytes past the end must exist. */
export function hashWords(view: DataView, from: number, length: number, secret: number): number {
  let hash = secret;
  let at = from;
  for (const end = from + (length & ~3); at < end; at += 4) {
    hash = mixWord(hash, view.getInt32(at, true), secret);
  }
  if ((length & 3) !== 0) {
    hash = mixWord(hash, view.getInt32(at, true) & TAIL_MASKS[length & 3]!, secret);
  }
  return finishHash(hash, length);
}

/** Copies `length` bytes at `from` into as many words as they take, from `words[at]` on. */
export function copyWords(
  words: Int32Array,
  at: number,
  view: DataView,
  from: number,
  length: number,
): void {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) words[at + i] = view.getInt32(from + i * 4, true);
  const tail = length & 3;
  if (tail !== 0) words[at + whole] = view.getInt32(from + whole * 4, true) & TAIL_MASKS[tail]!;
}
