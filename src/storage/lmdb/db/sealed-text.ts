/**
 * Texts and JSON with a checksum that takes their key in, so that a bit that is wrong in either is
 * found:
 *
 *     0xff 0xff | crc32 u32 of the key and the text, little-endian | text
 *
 * A text without the mark, which UTF-8 does not have, was written before format 3.
 */
import { crc32 } from 'node:zlib';
import { encodeJson, parseJson } from './text.ts';

const MARK = 0xff;
const HEAD_BYTES = 6;

export function sealText(key: Uint8Array, text: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(HEAD_BYTES + text.length);
  sealed[0] = MARK;
  sealed[1] = MARK;
  new DataView(sealed.buffer).setUint32(2, crc32(text, crc32(key)), true);
  sealed.set(text, HEAD_BYTES);
  return sealed;
}

/** Undefined when it is damaged. */
export function openText(key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
  if (stored.length < 2 || stored[0] !== MARK || stored[1] !== MARK) return stored;
  if (stored.length < HEAD_BYTES) return undefined;
  const text = Uint8Array.from(stored.subarray(HEAD_BYTES, stored.length));
  const crc = new DataView(Uint8Array.from(stored.subarray(2, HEAD_BYTES)).buffer);
  return crc.getUint32(0, true) === crc32(text, crc32(Uint8Array.from(key))) ? text : undefined;
}

export function sealJson(key: Uint8Array, value: unknown): Uint8Array {
  return sealText(key, encodeJson(value));
}

/** Undefined when it is damaged, or no JSON. */
export function openJson(key: Uint8Array, stored: Uint8Array): unknown {
  const text = openText(key, stored);
  return text === undefined ? undefined : parseJson(text);
}

/** What a damaged one says, for what may be true of it. */
export function doubtfulJson(stored: Uint8Array): unknown {
  return parseJson(stored[0] === MARK ? stored.subarray(HEAD_BYTES) : stored);
}
