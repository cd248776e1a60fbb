/**
 * Numbers to bytes and back, shared by the codecs (FORMAT.md). One writer and one reader, as module
 * state: the hot loops make no object per sketch. A writer starts with `beginBytes` and ends with
 * `finishBytes`, which adds the checksum; a reader starts with `openBytes`, which checks it.
 */
const CHECKSUM_BYTES = 4;
/** A varint of a whole double: 53 bits in groups of 7. */
const VARINT_BYTES_MAX = 8;
const DOUBLE_BYTES = 8;

let scratch = new Uint8Array(16_384);
let length = 0;

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export function beginBytes(): void {
  length = 0;
}

/** What was written, with its checksum; a view that is valid until the next `beginBytes`. */
export function finishBytes(): Uint8Array {
  reserve(CHECKSUM_BYTES);
  const sum = checksum(scratch, 0, length);
  for (let shift = 0; shift < 32; shift += 8) scratch[length++] = sum >>> shift;
  return scratch.subarray(0, length);
}

export function putByte(byte: number): void {
  reserve(1);
  scratch[length++] = byte;
}

/** A whole number from 0 to 2 ** 53 (one that is greater would have no end), in groups of 7 bits, the lowest first. */
export function putVarint(value: number): void {
  reserve(VARINT_BYTES_MAX);
  let rest = value;
  while (rest >= 0x80) {
    scratch[length++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[length++] = rest;
}

/** Room for so many bytes at the end, for a loop of its own; `wroteTo` says how far that went. */
export function room(bytes: number): { bytes: Uint8Array; at: number } {
  reserve(bytes);
  writing.bytes = scratch;
  writing.at = length;
  return writing;
}

const writing = { bytes: scratch as Uint8Array, at: 0 };

export function wroteTo(next: number): void {
  length = next;
}

/** The whole numbers `values[from..to)`. */
export function putVarints(values: Float64Array, from: number, to: number): void {
  reserve((to - from) * VARINT_BYTES_MAX);
  const bytes = scratch;
  let at = length;
  for (let i = from; i < to; i++) {
    let rest = values[i]!;
    while (rest >= 0x80) {
      bytes[at++] = rest < 0x4000_0000 ? (rest & 0x7f) | 0x80 : (rest % 0x80) + 0x80;
      rest = rest < 0x4000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
  }
  length = at;
}

/** Bytes that `putVarint` would write. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** `count` doubles without their trailing zero bytes: first how many bytes of each stay. */
export function putDoubles(values: Float64Array, count: number): void {
  reserve((count + 1) / 2 + count * DOUBLE_BYTES);
  let nibbles = length;
  length += (count + 1) >> 1;
  scratch.fill(0, nibbles, length);
  for (let i = 0; i < count; i++) {
    double[0] = values[i]!;
    let zeros = 0;
    while (zeros < DOUBLE_BYTES && doubleBytes[zeros] === 0) zeros += 1;
    const kept = DOUBLE_BYTES - zeros;
    scratch[nibbles]! |= (i & 1) === 0 ? kept : kept << 4;
    if ((i & 1) === 1) nibbles += 1;
    for (let at = zeros; at < DOUBLE_BYTES; at++) scratch[length++] = doubleBytes[at]!;
  }
}

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return;
  const larger = new Uint8Array(Math.max(scratch.length * 2, length + bytes));
  larger.set(scratch);
  scratch = larger;
}

let input: Uint8Array = scratch;
let at = 0;
let end = 0;

/** Reads `bytes[from..to)` from here on without a look at their checksum. */
export function peekBytes(bytes: Uint8Array, from = 0, to = bytes.length): void {
  end = to - CHECKSUM_BYTES;
  if (end <= from) throw damaged(`${to - from} bytes are too few`);
  input = bytes;
  at = from;
}

/** The same, and refuses bytes whose checksum differs. */
export function openBytes(bytes: Uint8Array, from = 0, to = bytes.length): void {
  peekBytes(bytes, from, to);
  const sum =
    bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16) | (bytes[end + 3]! << 24);
  if (sum !== checksum(bytes, from, end)) throw damaged('the checksum differs');
}

/** Ends reading: nothing may be left over. */
export function closeBytes(): void {
  if (at !== end) throw damaged('bytes are left over');
}

export function takeByte(): number {
  if (at >= end) throw tooShort();
  return input[at++]!;
}

export function takeVarint(): number {
  if (at >= end) throw tooShort();
  const first = input[at++]!;
  if (first < 0x80) return first;
  let value = first & 0x7f;
  let scale = 0x80;
  for (let i = 1; i < VARINT_BYTES_MAX; i++) {
    if (at >= end) throw tooShort();
    const byte = input[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
  throw damaged('a number is too long');
}

/**
 * The next `count` doubles, as the words (low, high) of an array of doubles: one that is read right
 * after both its halves were written would wait for them.
 */
export function takeDoubles(words: Int32Array, count: number): void {
  const bytes = input;
  let nibbles = at;
  let place = at + ((count + 1) >> 1);
  if (place > end) throw tooShort();
  for (let i = 0; i < count; i++) {
    const kept = (i & 1) === 0 ? bytes[nibbles]! & 15 : bytes[nibbles++]! >>> 4;
    const last = place + kept;
    if (kept > DOUBLE_BYTES || last > end) throw tooShort();
    let high = 0;
    let low = 0;
    if (kept >= 4) {
      high =
        (bytes[last - 1]! << 24) |
        (bytes[last - 2]! << 16) |
        (bytes[last - 3]! << 8) |
        bytes[last - 4]!;
      if (kept === 8) {
        low =
          (bytes[place + 3]! << 24) |
          (bytes[place + 2]! << 16) |
          (bytes[place + 1]! << 8) |
          bytes[place]!;
      } else {
        for (let from = last - 5, shift = 24; from >= place; from--, shift -= 8) {
          low |= bytes[from]! << shift;
        }
      }
    } else {
      for (let from = last - 1, shift = 24; from >= place; from--, shift -= 8) {
        high |= bytes[from]! << shift;
      }
    }
    words[i * 2] = low;
    words[i * 2 + 1] = high;
    place = last;
  }
  at = place;
}

/** The unread bytes, for a loop of its own; `readTo` says how far that went. */
export function unread(): { bytes: Uint8Array; from: number; to: number } {
  place.bytes = input;
  place.from = at;
  place.to = end;
  return place;
}

const place: { bytes: Uint8Array; from: number; to: number } = { bytes: input, from: 0, to: 0 };

export function readTo(next: number): void {
  if (next > end) throw tooShort();
  at = next;
}

/** Bytes that are not read yet: no list can be longer. */
export function bytesLeft(): number {
  return end - at;
}

/** Bytes that are no sketch: whoever merges many leaves this one out. */
export class DamagedSketch extends Error {}

export function damaged(what: string): DamagedSketch {
  return new DamagedSketch(`not a sketch: ${what}`);
}

function tooShort(): Error {
  return damaged('the bytes end too early');
}

/** FNV-1a over words of 4 bytes: each step is one to one, so any one changed byte changes it. */
function checksum(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 ^ (to - from);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  for (; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash | 0;
}
