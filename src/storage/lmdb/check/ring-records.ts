/** What `verify` does alike for all databases of rings: keys, places and what owns them. */
import type { Archive } from '../../retention/archives.ts';
import { type Classes, formatArchive } from './classes.ts';

const KEY_BYTES = 11;
const SECONDS_MAX = 0xffffffff;

/** A key of environment.ts' `ringKey`, read. */
export interface Place {
  classId: number;
  archiveIndex: number;
  slot: number;
  unit: number;
}

export function placeOf(key: Uint8Array): Place | undefined {
  if (key.length !== KEY_BYTES) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES);
  return {
    classId: view.getUint16(0),
    archiveIndex: view.getUint8(2),
    slot: view.getUint32(3),
    unit: view.getUint32(7),
  };
}

export function ringWhere(classes: Classes, key: Uint8Array, unitName: string): string {
  const place = placeOf(key);
  if (place === undefined) return `key ${Buffer.from(key).toString('hex')}`;
  const { classId, archiveIndex, slot, unit } = place;
  const archive = classes.archive(classId, archiveIndex);
  const step = archive === undefined ? '' : ` (${formatArchive(archive)})`;
  return `class ${classId}, archive ${archiveIndex}${step}, slot ${slot}, ${unitName} ${unit}`;
}

/** What keeps a place from being one of the store's; undefined when it is, or nobody can tell. */
export function placeFault(
  classes: Classes,
  place: Place,
  slotsOf: (archive: Archive) => number,
  unitSeries: number,
): string | undefined {
  const { classId, archiveIndex, slot, unit } = place;
  if (classes.unreadable.has(classId)) return `class ${classId} cannot be read`;
  const known = classes.known.get(classId);
  if (known === undefined) return `class ${classId} is not there`;
  const archive = known.archives[archiveIndex];
  if (archive === undefined) return `class ${classId} has ${known.archives.length} archives`;
  if (slot >= slotsOf(archive)) return `the ring has ${slotsOf(archive)} slots`;
  const sidCount = classes.sidCount(classId);
  if (unit * unitSeries >= sidCount) return `no series owns it, the class has ${sidCount}`;
  return undefined;
}

/** What keeps a record of `count` series from being its place's. */
export function countFault(
  classes: Classes,
  { classId, unit }: Place,
  unitSeries: number,
  count: number,
): string | undefined {
  if (!classes.known.has(classId)) return undefined;
  const most = Math.min(unitSeries, classes.sidCount(classId) - unit * unitSeries);
  return count > most ? `it holds ${count} series, there are ${most}` : undefined;
}

/** The time of a row, as far as there can be one. */
export function timeOf(archive: Archive | undefined, row: number): string {
  const seconds = archive === undefined ? NaN : row * archive.step;
  if (!(seconds <= SECONDS_MAX)) return 'a time unknown';
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}
