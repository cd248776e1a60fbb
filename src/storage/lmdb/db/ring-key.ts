/**
 * The key of the four databases of rings, `row`, `chunk`, `srow` and `schunk`, and what their
 * checks share: which place in which ring a key is, and whether the store has that place.
 *
 *     class u16 | archive u8 | slot u32 | unit u32
 *
 * big-endian, so that a slot's units are neighbours. A unit is a page or block of columns, or one
 * column, as the database has it.
 */
export const RING_KEY_BYTES = 11;

/** Into `key` where one is given. */
export function ringKey(
  classId: number,
  archiveIndex: number,
  slot: number,
  unit: number,
  key = new Uint8Array(RING_KEY_BYTES),
): Uint8Array {
  key[0] = classId >>> 8;
  key[1] = classId;
  key[2] = archiveIndex;
  writeUint32(key, 3, slot);
  writeUint32(key, 7, unit);
  return key;
}

/** All keys of one class, for `getKeys`. */
export function classRange(classId: number): { start: Uint8Array; end: Uint8Array } {
  return { start: ringKey(classId, 0, 0, 0), end: ringKey(classId + 1, 0, 0, 0) };
}

/** What a key tells. */
export interface RingPlace {
  classId: number;
  archiveIndex: number;
  slot: number;
  unit: number;
}

/** Undefined when the key is none. */
export function readRingKey(key: Uint8Array): RingPlace | undefined {
  if (key.length !== RING_KEY_BYTES) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, RING_KEY_BYTES);
  return {
    classId: view.getUint16(0),
    archiveIndex: view.getUint8(2),
    slot: view.getUint32(3),
    unit: view.getUint32(7),
  };
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
