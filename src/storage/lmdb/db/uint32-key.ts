/** Keys that are one number: big-endian, so that LMDB has them in its order. */

export function uint32Key(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Undefined when the key is none; byte by byte, as lmdb's own arrays have no buffer at first. */
export function readUint32Key(key: Uint8Array): number | undefined {
  if (key.length !== 4) return undefined;
  return ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
}
