/**
 * Where the tables are larger than the processor's caches, counting a line waits for memory three times
 * in a row: for its slot of the index, its spelling, its metric. This pass goes over a packet before the
 * loop of statsd-fast-path.ts does and asks for each of them line beside line, so that the waits overlap.
 * It is a hint and changes nothing: where it takes a line for another, that one waits.
 */
import { finishHash, mixWord } from '../protocol/words.ts';
import { type NameTable, RECORD_WORDS } from './name-table.ts';
import { DIALECT_SHIFT, METRIC, type Spellings, TAIL_SHIFT } from './spellings.ts';

const COLONS = 0x3a3a3a3a;
const NEWLINES = 0x0a0a0a0a;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const BAR = 0x7c;
const LAST_FACTOR = 0x2c1b3c6d;
/** Lines of a packet that are touched; there are as many in the fullest datagrams of Ethernet. */
const LINES_MAX = 64;

// Constants of this file, as in statsd-fast-path.ts.
const mix = mixWord;
const finish = finishHash;
const METRIC_WORDS = RECORD_WORDS;
const AT_METRIC = METRIC;
const TAIL_LENGTH = TAIL_SHIFT;

const hashes = new Int32Array(LINES_MAX);
const places = new Int32Array(LINES_MAX);
const metrics = new Int32Array(LINES_MAX);
const generations = new Int32Array(LINES_MAX);

/** Touches what the first lines of [from, to) are looked up in; returns how many hashes are known. */
export function touchLines(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  dialect: number,
  spellings: Spellings,
  names: NameTable,
  secret: number,
): number {
  const count = hashLines(bytes, view, from, to, dialect, secret);
  const { words } = spellings;
  const { slots, mask } = spellings.index;
  const { words: records } = names;
  let known = 0;
  for (let i = 0; i < count; i++) {
    const slot = (hashes[i]! & mask) << 1;
    if (slots[slot]! === hashes[i]!) known += 1;
    places[i] = slots[slot | 1]!;
  }
  for (let i = 0; i < count; i++) metrics[i] = words[Math.max(places[i]! - 1, 0) + AT_METRIC]!;
  for (let i = 0; i < count; i++)
    generations[i] = records[Math.max(metrics[i]!, 0) * METRIC_WORDS]!;
  return known;
}

/** The hashes of the lines, as statsd-fast-path.ts makes them; returns how many there are. */
function hashLines(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  dialect: number,
  seed: number,
): number {
  const to = end | 0;
  const secret = seed | 0;
  const dialectBits = dialect << DIALECT_SHIFT;
  let count = 0;
  let at = start | 0;
  while (count < LINES_MAX) {
    const lineFrom = at;
    let hash = secret;
    let word = 0;
    let found = 0;
    for (;;) {
      if (at >= to) return count;
      word = view.getInt32(at, true);
      const differing = word ^ COLONS;
      found = (differing - LOW_BITS) & ~differing & HIGH_BITS;
      if (found !== 0) break;
      hash = mix(hash, word, secret);
      at = (at + 4) | 0;
    }
    found &= -found;
    hash = mix(hash, word & ((found >>> 7) - 1), secret);
    at = (at + ((39 - Math.clz32(found)) >> 3)) | 0;
    const headBytes = at - 1 - lineFrom;
    while (at < to && bytes[at]! !== BAR) at += 1;
    const valueTo = at;
    for (;;) {
      // A last line without a line feed waits.
      if (at >= to) return count;
      word = view.getInt32(at, true);
      const differing = word ^ NEWLINES;
      found = (differing - LOW_BITS) & ~differing & HIGH_BITS;
      if (found !== 0) break;
      hash = mix(hash, word, secret);
      at = (at + 4) | 0;
    }
    found &= -found;
    hash ^= Math.imul(word & ((found >>> 7) - 1), LAST_FACTOR);
    at = (at + ((31 - Math.clz32(found)) >> 3)) | 0;
    const lengths = headBytes | ((at - valueTo) << TAIL_LENGTH) | dialectBits;
    hashes[count++] = finish(hash, lengths);
    at = (at + 1) | 0;
  }
  return count;
}
