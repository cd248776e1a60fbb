/**
 * Database `chunk`: one block of a chunk a record (ring/values/chunk-record.ts). Checked are
 * checksums, chunk numbers in their slots, offsets and every column, no more series than the class
 * has.
 */
import { BLOCK_SERIES, CHUNK_ROWS, chunkSlots } from '../../ring/ring.ts';
import { chunkOfRecord, columnRanges, isChunkRecord } from '../../ring/values/chunk-record.ts';
import { columnFault } from '../../ring/values/column-check.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { KnownClasses } from './known-classes.ts';
import {
  chunkFault,
  countFault,
  placeOrFault,
  readRingKey,
  ringWhere,
  timeOf,
} from './ring-key.ts';

export const CHUNKS: DatabaseSpec = {
  name: 'chunk',
  check: ({ series }) => new ChunkCheck(series),
};

class ChunkCheck implements Check {
  private readonly classes: KnownClasses;

  constructor(classes: KnownClasses) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, 'block');
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = placeOrFault(this.classes, key, chunkSlots, BLOCK_SERIES);
    if (typeof place === 'string') return place;
    if (!isChunkRecord(value)) return `its checksum is wrong (${value.length} bytes)`;
    const archive = this.classes.archive(place.classId, place.archiveIndex)!; // it has a place
    const misplaced = chunkFault(place, chunkOfRecord(value), chunkSlots(archive));
    if (misplaced !== undefined) return misplaced;
    const ranges = columnRanges(value);
    if (ranges === undefined) return 'its columns lie outside the record';
    for (const [i, [from, end]] of ranges.entries()) {
      const fault = columnFault(value, from, end);
      if (fault !== undefined) {
        return `the column of sid ${place.unit * BLOCK_SERIES + i} cannot be decoded: ${fault}`;
      }
    }
    this.classes.noteColumns(place.classId, place.unit * BLOCK_SERIES + ranges.length);
    return countFault(this.classes, place, BLOCK_SERIES, ranges.length);
  }

  loss(key: Uint8Array, value: Uint8Array): string {
    const place = readRingKey(key);
    if (place === undefined) return 'nothing that can be read';
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    const chunk = chunkOfRecord(value);
    const isTrusted = archive !== undefined && chunk % chunkSlots(archive) === place.slot;
    const since = timeOf(archive, isTrusted ? chunk * CHUNK_ROWS : NaN);
    return `${CHUNK_ROWS} values of up to ${BLOCK_SERIES} series from ${since} on`;
  }
}
