/**
 * Database `chunk`: one block of a chunk a record (ring/values/chunk-record.ts). Checked are
 * checksums, chunk numbers in their slots, offsets and every column, no more series than the class
 * has.
 */
import { BLOCK_SERIES, CHUNK_ROWS, chunkSlots } from '../../ring/ring.ts';
import {
  chunkOfRecord,
  columnRanges,
  GROUP_SERIES,
  isChunkRecord,
} from '../../ring/values/chunk-record.ts';
import { columnFault } from '../../ring/values/column-check.ts';
import type { DatabaseSpec } from './database-spec.ts';
import { RingCheck } from './ring-check.ts';
import { type RingPlace, readRingKey } from './ring-key.ts';

class ChunkCheck extends RingCheck {
  protected readonly unitName = 'block';
  protected readonly unitColumns = BLOCK_SERIES;
  protected readonly slotsOf = chunkSlots;
  protected override readonly part = GROUP_SERIES;

  loss(key: Uint8Array, value: Uint8Array): string {
    const place = readRingKey(key);
    if (place === undefined) return 'nothing that can be read';
    const chunk = chunkOfRecord(value);
    const isTrusted = this.slotFault('chunk', place, chunk) === undefined;
    const since = this.timeOf(place, isTrusted ? chunk * CHUNK_ROWS : NaN);
    return `${CHUNK_ROWS} values of up to ${BLOCK_SERIES} series from ${since} on`;
  }

  protected recordFault(place: RingPlace, value: Uint8Array): string | undefined {
    if (!isChunkRecord(value)) return `its checksum is wrong (${value.length} bytes)`;
    const misplaced = this.slotFault('chunk', place, chunkOfRecord(value));
    if (misplaced !== undefined) return misplaced;
    const ranges = columnRanges(value);
    if (ranges === undefined) return 'its columns lie outside the record';
    for (const [i, [from, end]] of ranges.entries()) {
      const fault = columnFault(value, from, end);
      if (fault !== undefined) {
        return `the values of column ${place.unit * BLOCK_SERIES + i} cannot be decoded: ${fault}`;
      }
    }
    this.classes.noteColumns(place.classId, place.unit * BLOCK_SERIES + ranges.length);
    return this.countFault(place, ranges.length);
  }
}

export const CHUNKS: DatabaseSpec = {
  name: 'chunk',
  check: ({ series }) => new ChunkCheck(series),
};
