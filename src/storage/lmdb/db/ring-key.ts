/**
 * The key of the four databases of rings, `row`, `chunk`, `srow` and `schunk`, and what their
 * checks share: which place in which ring a key is, and whether the store has that place.
 *
 *     class u16 | archive u8 | slot u32 | unit u32
 *
 * big-endian, so that a slot's units are neighbours. A unit is a page or block of columns, or one
 * column, as the database has it.
 */
import type { Archive } from '../../retention/archives.ts';
import { type KnownClasses, formatArchive } from './known-classes.ts';

const KEY_BYTES = 11;
const SECONDS_MAX = 0xffffffff;

/** Into `key` where one is given. */
export function ringKey(
  classId: number,
  archiveIndex: number,
  slot: number,
  unit: number,
  key = new Uint8Array(KEY_BYTES),
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
  if (key.length !== KEY_BYTES) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES);
  return {
    classId: view.getUint16(0),
    archiveIndex: view.getUint8(2),
    slot: view.getUint32(3),
    unit: view.getUint32(7),
  };
}

export function ringWhere(classes: KnownClasses, key: Uint8Array, unitName: string): string {
  const place = readRingKey(key);
  if (place === undefined) return `key ${Buffer.from(key).toString('hex')}`;
  const { classId, archiveIndex, slot, unit } = place;
  const archive = classes.archive(classId, archiveIndex);
  const step = archive === undefined ? '' : ` (${formatArchive(archive)})`;
  return `class ${classId}, archive ${archiveIndex}${step}, slot ${slot}, ${unitName} ${unit}`;
}

/** The place of a key, or what keeps it from being one of the store's. */
export function placeOrFault(
  classes: KnownClasses,
  key: Uint8Array,
  slotsOf: (archive: Archive) => number,
  unitColumns: number,
): RingPlace | string {
  const place = readRingKey(key);
  if (place === undefined) return `its key has ${key.length} bytes, expected ${KEY_BYTES}`;
  const { classId, archiveIndex, slot, unit } = place;
  if (classes.unreadable.has(classId)) return `class ${classId} cannot be read`;
  const known = classes.known.get(classId);
  if (known === undefined) return `class ${classId} is not there`;
  const archive = known.archives[archiveIndex];
  if (archive === undefined) return `class ${classId} has ${known.archives.length} archives`;
  if (slot >= slotsOf(archive)) return `the ring has ${slotsOf(archive)} slots`;
  const columnCount = classes.columnCount(classId);
  if (unit * unitColumns >= columnCount) return `no series owns it, the class has ${columnCount}`;
  return place;
}

/** What keeps a record of `count` series from being its place's. */
export function countFault(
  classes: KnownClasses,
  { classId, unit }: RingPlace,
  unitColumns: number,
  count: number,
): string | undefined {
  const most = Math.min(unitColumns, classes.columnCount(classId) - unit * unitColumns);
  return count > most ? `it holds ${count} series, there are ${most}` : undefined;
}

/** What keeps a row from being that of its slot. */
export function rowFault(
  classes: KnownClasses,
  { classId, archiveIndex, slot }: RingPlace,
  row: number,
  slots: number,
): string | undefined {
  if (row % slots !== slot) return `it is of row ${row}, whose slot is ${row % slots}`;
  const newest = classes.newestRow(classId, archiveIndex);
  if (newest === undefined || row <= newest) return undefined;
  return `it is of row ${row}, after the newest one ${newest}`;
}

/** What keeps a chunk from being that of its slot. */
export function chunkFault({ slot }: RingPlace, chunk: number, slots: number): string | undefined {
  if (chunk % slots === slot) return undefined;
  return `it is of chunk ${chunk}, whose slot is ${chunk % slots}`;
}

/** The time of a row, as far as there can be one. */
export function timeOf(archive: Archive | undefined, row: number): string {
  const seconds = archive === undefined ? NaN : row * archive.step;
  if (!(seconds <= SECONDS_MAX)) return 'a time unknown';
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
