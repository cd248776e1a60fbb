/**
 * What the checks of the four databases of rings share: whether the store has the place that a key
 * names, and whether a row or chunk is that of its slot.
 */
import { SECONDS_MAX } from '../../../lib/admitted.ts';
import type { Archive } from '../../retention/archives.ts';
import { type ChecksumPart, unbind } from './bound-record.ts';
import type { Check } from './database-spec.ts';
import { type KnownClasses, formatArchive } from './known-classes.ts';
import { RING_KEY_BYTES, type RingPlace, readRingKey } from './ring-key.ts';

export abstract class RingCheck implements Check {
  protected readonly classes: KnownClasses;
  /** As an operator is told of it. */
  protected abstract readonly unitName: string;
  /** Columns in a record. */
  protected abstract readonly unitColumns: number;
  protected abstract readonly slotsOf: (archive: Archive) => number;
  /** What shares a checksum in a record (bound-record.ts). */
  protected readonly part: ChecksumPart = 0;

  constructor(classes: KnownClasses) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    const place = readRingKey(key);
    if (place === undefined) return `key ${Buffer.from(key).toString('hex')}`;
    const { classId, archiveIndex, slot, unit } = place;
    const archive = this.classes.archive(classId, archiveIndex);
    const step = archive === undefined ? '' : ` (${formatArchive(archive)})`;
    return `class ${classId}, archive ${archiveIndex}${step}, slot ${slot}, ${this.unitName} ${unit}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = this.placeOrFault(key);
    return typeof place === 'string' ? place : this.recordFault(place, this.unbound(key, value));
  }

  /** A record as its readers know it. */
  protected unbound(key: Uint8Array, value: Uint8Array): Uint8Array {
    return unbind(key, Uint8Array.from(value), this.part)!; // of the copy
  }

  abstract loss(key: Uint8Array, value: Uint8Array): string;

  /** What is wrong with a record whose place is the store's. */
  protected abstract recordFault(place: RingPlace, value: Uint8Array): string | undefined;

  /** The place of a key, or what keeps it from being one of the store's. */
  protected placeOrFault(key: Uint8Array): RingPlace | string {
    const place = readRingKey(key);
    if (place === undefined) return `its key has ${key.length} bytes, expected ${RING_KEY_BYTES}`;
    const { classId, archiveIndex, slot, unit } = place;
    if (this.classes.unreadable.has(classId)) return `class ${classId} cannot be read`;
    const known = this.classes.known.get(classId);
    if (known === undefined) return `class ${classId} is not there`;
    const archive = known.archives[archiveIndex];
    if (archive === undefined) return `class ${classId} has ${known.archives.length} archives`;
    const slots = this.slotsOf(archive);
    if (slot >= slots) return `the ring has ${slots} slots`;
    const count = this.classes.columnCount(classId);
    if (unit * this.unitColumns >= count) return `no series owns it, the class has ${count}`;
    return place;
  }

  /** What keeps a row from being that of its slot. */
  protected rowFault(place: RingPlace, row: number): string | undefined {
    const newest = this.classes.newestRow(place.classId, place.archiveIndex);
    const misplaced = this.slotFault('row', place, row);
    if (misplaced !== undefined || newest === undefined || row <= newest) return misplaced;
    return `it is of row ${row}, after the newest one ${newest}`;
  }

  /** What keeps a row or chunk of this number from being that of its slot. */
  protected slotFault(what: string, place: RingPlace, number: number): string | undefined {
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    const slot = archive === undefined ? NaN : number % this.slotsOf(archive);
    return slot === place.slot ? undefined : `it is of ${what} ${number}, whose slot is ${slot}`;
  }

  /** What keeps a record of `count` series from being its place's. */
  protected countFault({ classId, unit }: RingPlace, count: number): string | undefined {
    const { unitColumns } = this;
    const most = Math.min(unitColumns, this.classes.columnCount(classId) - unit * unitColumns);
    return count > most ? `it holds ${count} series, there are ${most}` : undefined;
  }

  /** The time of a row, as far as there can be one. */
  protected timeOf({ classId, archiveIndex }: RingPlace, row: number): string {
    const seconds = (this.classes.archive(classId, archiveIndex)?.step ?? NaN) * row;
    if (!(seconds <= SECONDS_MAX)) return 'a time unknown';
    return new Date(seconds * 1000).toISOString().replace('.000', '');
  }
}
