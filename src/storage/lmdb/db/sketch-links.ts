/**
 * Database `slink`: which statistic of which timer or set a series is, under its id (FORMAT.md,
 * "Link"), little-endian:
 *
 *     timer u32 | statistic u8 | argument f64 | crc32 u32
 */
import { isWhole, numberedCheck, putChecksum, readUint32Key, uint32Key } from './record-bytes.ts';
import type { RecordCodec } from './database.ts';
import type { DatabaseSpec } from './database-spec.ts';

const LINK_BYTES = 17;

/** A series that is a statistic of a timer or set. */
export interface TimerLink {
  /** Id of the timer or set. */
  timer: number;
  stat: number;
  argument: number;
}

export const LINK_CODEC: RecordCodec<number, TimerLink> = {
  key: uint32Key,
  encode(series, { timer, stat, argument }) {
    const record = new Uint8Array(LINK_BYTES);
    const view = new DataView(record.buffer);
    view.setUint32(0, timer, true);
    view.setUint8(4, stat);
    view.setFloat64(5, argument, true);
    putChecksum(uint32Key(series), record, view);
    return record;
  },
};

/** Undefined when the record is damaged. */
export function decodeLink(
  key: Uint8Array,
  record: Uint8Array,
): { series: number; link: TimerLink } | undefined {
  const series = readUint32Key(key);
  if (series === undefined || record.length !== LINK_BYTES || !isWhole(key, record))
    return undefined;
  const view = new DataView(record.buffer, record.byteOffset, LINK_BYTES);
  const link = {
    timer: view.getUint32(0, true),
    stat: view.getUint8(4),
    argument: view.getFloat64(5, true),
  };
  return { series, link };
}

export const SKETCH_LINKS: DatabaseSpec = {
  name: 'slink',
  check: () =>
    numberedCheck(
      'series with id',
      (key, value) => decodeLink(key, value) !== undefined,
      'nothing: which statistic a series is comes again with the next start',
    ),
};
