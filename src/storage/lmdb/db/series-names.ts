/**
 * Database `name`: what is known of a series, under its name (ring/FORMAT.md, "Series").
 *
 *     id u32 | class u16 | column u32 | since u32 | merge u8 | method u8 | xFilesFactor f64
 *     name length u32 | name | previous retentions, 23 bytes each | crc32 u32 (record-bytes.ts)
 *
 * little-endian. A name over NAME_KEY_BYTES_MAX is keyed by its hash and stands in the record; of
 * others the length is 0. Checked are records that decode and belong to their keys, canonical
 * names, ids and columns that are one series' only, classes that are there.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { readUint16, readUint32 } from '../../../lib/little-endian.ts';
import { shortCrc } from '../../../lib/short-crc.ts';
import { MERGE_POINT } from '../../../wire/merge.ts';
import { canonicalName } from '../../../wire/series-name.ts';
import { AGGREGATION_METHODS } from '../../retention/archives.ts';
import { isChecksum, keyMark } from './record-bytes.ts';
import type { RecordCodec } from './database.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { AllClasses, KnownClasses } from './known-classes.ts';
import { OwnedColumns } from './owned-columns.ts';
import { shown, textOf } from './text.ts';

/** LMDB's own limit is 1,978 bytes a key. */
const NAME_KEY_BYTES_MAX = 1900;
/** No name starts with a byte that UTF-8 does not have. */
const HASHED = 0xff;
const RECORD_BYTES = 28;
const PREVIOUS_BYTES = 23;
/** Records up to here are those of a name that is its own key, with some previous retentions. */
const SHORT_BYTES = 100;

/** A retention that a series had before, and where its points of that time are. */
export interface PreviousRetention {
  classId: number;
  column: number;
  /** As in SeriesRecord. */
  since: number;
  /** Epoch seconds of the store's newest point when the retention after this one took over. */
  until: number;
  /** How points were rolled up there. */
  method: number;
  xFilesFactor: number;
}

export interface SeriesRecord {
  id: number;
  classId: number;
  column: number;
  /**
   * Slots that end at or before this time are another series'; 0 for a column never used before.
   */
  since: number;
  /** MERGE_* of wire/merge.ts. */
  merge: number;
  method: number;
  xFilesFactor: number;
  /** The newest first; retention-history.ts says what is read from which. */
  previous: readonly PreviousRetention[];
}

export const NAMES: DatabaseSpec = { name: 'name', check: (classes) => new NameCheck(classes) };

export const NAME_CODEC: RecordCodec<string, SeriesRecord> = { key: nameKey, encode: encodeSeries };

export function nameKey(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length > 0 && bytes.length <= NAME_KEY_BYTES_MAX) return bytes;
  return Buffer.concat([Uint8Array.of(HASHED), createHash('sha256').update(bytes).digest()]);
}

/** Whether the key is not the name itself. */
export function isHashed(key: Uint8Array): boolean {
  return key[0] === HASHED;
}

export function encodeSeries(name: string, series: SeriesRecord): Uint8Array {
  const key = nameKey(name);
  const tail = isHashed(key) ? Buffer.from(name) : Buffer.alloc(0);
  const previousAt = RECORD_BYTES + tail.length;
  const end = previousAt + series.previous.length * PREVIOUS_BYTES;
  const bytes = new Uint8Array(end + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, series.id, true);
  view.setUint16(4, series.classId, true);
  view.setUint32(6, series.column, true);
  view.setUint32(10, series.since, true);
  view.setUint8(14, series.merge);
  view.setUint8(15, series.method);
  view.setFloat64(16, series.xFilesFactor, true);
  view.setUint32(24, tail.length, true);
  bytes.set(tail, RECORD_BYTES);
  series.previous.forEach(({ classId, column, since, until, method, xFilesFactor }, i) => {
    const at = previousAt + i * PREVIOUS_BYTES;
    view.setUint16(at, classId, true);
    view.setUint32(at + 2, column, true);
    view.setUint32(at + 6, since, true);
    view.setUint32(at + 10, until, true);
    view.setUint8(at + 14, method);
    view.setFloat64(at + 15, xFilesFactor, true);
  });
  view.setUint32(end, checksumOf(bytes, end) ^ keyMark(key), true);
  return bytes;
}

/**
 * Undefined when the record is damaged. Only `length` of the bytes is to be trusted: they may be
 * lmdb's one large buffer, whose `length` is set to that of the value.
 */
export function decodeSeries(
  key: Uint8Array,
  bytes: Uint8Array,
): { name: string; series: SeriesRecord } | undefined {
  const series = decodeRecord(key, bytes);
  return series === undefined ? undefined : { name: nameOf(key, bytes), series };
}

/**
 * As decodeSeries, without the name, which costs as much again: a start reads all of them.
 */
export function decodeRecord(key: Uint8Array, bytes: Uint8Array): SeriesRecord | undefined {
  if (bytes.length < RECORD_BYTES + 4) return undefined;
  const end = bytes.length - 4;
  if (!isChecksum(readUint32(bytes, end), checksumOf(bytes, end), key)) return undefined;
  const previousAt = RECORD_BYTES + readUint32(bytes, 24);
  return {
    id: readUint32(bytes, 0),
    classId: readUint16(bytes, 4),
    column: readUint32(bytes, 6),
    since: readUint32(bytes, 10),
    merge: bytes[14]!,
    method: bytes[15]!,
    xFilesFactor: readDouble(bytes, 16),
    previous:
      previousAt + PREVIOUS_BYTES <= end ? decodePrevious(bytes, previousAt, end) : NOT_CHANGED,
  };
}

const double = new DataView(new ArrayBuffer(8));
export const NOT_CHANGED: readonly PreviousRetention[] = [];

function decodePrevious(bytes: Uint8Array, from: number, end: number): PreviousRetention[] {
  const previous: PreviousRetention[] = [];
  for (let at = from; at + PREVIOUS_BYTES <= end; at += PREVIOUS_BYTES) {
    previous.push({
      classId: readUint16(bytes, at),
      column: readUint32(bytes, at + 2),
      since: readUint32(bytes, at + 6),
      until: readUint32(bytes, at + 10),
      method: bytes[at + 14]!,
      xFilesFactor: readDouble(bytes, at + 15),
    });
  }
  return previous;
}

function nameOf(key: Uint8Array, bytes: Uint8Array): string {
  if (!isHashed(key)) return textAt(key, 0, key.length);
  return textAt(bytes, RECORD_BYTES, RECORD_BYTES + readUint32(bytes, 24));
}

function textAt(bytes: Uint8Array, from: number, end: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  return buffer.toString('utf8', from, end);
}

function checksumOf(bytes: Uint8Array, end: number): number {
  return end <= SHORT_BYTES ? shortCrc(bytes, end) : crc32(bytes.subarray(0, end));
}

function readDouble(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) double.setUint8(i, bytes[at + i]!);
  return double.getFloat64(0, true);
}

class NameCheck implements Check {
  private readonly classes: KnownClasses;
  private readonly all: AllClasses;
  private readonly owned = new OwnedColumns("another series'");

  constructor(all: AllClasses) {
    this.all = all;
    this.classes = all.series;
  }

  where(key: Uint8Array): string {
    const text = textOf(key);
    if (text !== undefined) return `series ${shown(text)}`;
    return `series with the hash ${Buffer.from(key.subarray(1, 9)).toString('hex')}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const found = decodeSeries(key, value);
    if (found === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const { name, series } = found;
    if (Buffer.compare(nameKey(name), key) !== 0) return `its record is that of ${shown(name)}`;
    if (name === '') return 'it has no name';
    const fault = this.all.hasOldNames ? undefined : formFault(name);
    if (fault !== undefined) return fault;
    return numbersFault(series) ?? this.classFault(series) ?? this.owned.take(series);
  }

  loss(): string {
    return 'the series with all its points';
  }

  private classFault({ classId, column, previous }: SeriesRecord): string | undefined {
    const fault = this.classes.columnFault(classId, column);
    if (fault !== undefined) return fault;
    for (const retention of previous) {
      if (this.classes.columnFault(retention.classId, retention.column) === undefined) continue;
      const { classId: before, column: there } = retention;
      return `its previous retention, column ${there} of class ${before}, is not there`;
    }
    return undefined;
  }
}

/** Of a name that is not in its one form: nobody finds it. */
export function formFault(name: string): string | undefined {
  const form = canonicalName(name);
  if (form === name) return undefined;
  return form === undefined ? `${shown(name)} is no name` : `its name should be ${shown(form)}`;
}

function numbersFault({ merge, method, xFilesFactor }: SeriesRecord): string | undefined {
  if (merge > MERGE_POINT) return `its way to join values is ${merge}`;
  if (method >= AGGREGATION_METHODS.length) return `its aggregation method is ${method}`;
  if (!(xFilesFactor >= 0 && xFilesFactor <= 1)) return `its xFilesFactor is ${xFilesFactor}`;
  return undefined;
}
