/**
 * 64 bits of hash of a set's member, as two words: MurmurHash3's 32-bit body (Appleby) run twice
 * from two seeds, crossed at the end. The seeds are constants, unlike those of the name tables:
 * sets are merged over restarts and hosts, so a member must hash alike everywhere and for ever.
 * FORMAT.md fixes it; a change is a new version of the format.
 */
const SEED_HIGH = 0x9e3779b9;
const SEED_LOW = 0x7f4a7c15;

/** The hash of the last `hashMember`: high and low word, unsigned. */
export const memberHash = new Uint32Array(2);

/** Hashes `bytes[from..to)` into `memberHash`. */
export function hashMember(bytes: Uint8Array, from: number, to: number): void {
  let high = SEED_HIGH | 0;
  let low = SEED_LOW | 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    high = step(high, word);
    low = step(low, word ^ 0x5bd1e995);
  }
  let tail = 0;
  for (let shift = 0; at < to; at++, shift += 8) tail |= bytes[at]! << shift;
  high = finish(step(high, tail) ^ (to - from));
  low = finish(step(low, tail ^ 0x5bd1e995) ^ (to - from));
  memberHash[0] = finish(high + Math.imul(low, 0x85ebca6b));
  memberHash[1] = finish(low + Math.imul(high, 0xc2b2ae35));
}

function step(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
