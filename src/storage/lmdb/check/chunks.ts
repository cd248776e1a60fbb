/**
 * `verify` of database `chunk`: checksums, chunk numbers in their slots, offsets and every column,
 * no more series than the class has.
 */
import { chunkOfRecord, columnRanges, isChunkRecord } from '../../ring/values/chunk-record.ts';
import { columnFault } from '../../ring/values/column-check.ts';
import { BLOCK_SERIES, CHUNK_ROWS, chunkSlots } from '../../ring/ring.ts';
import type { Check } from './check.ts';
import type { Classes } from './classes.ts';
import { countFault, placeFault, placeOf, ringWhere, timeOf } from './ring-records.ts';

export class ChunkCheck implements Check {
  readonly database = 'chunk';
  private readonly classes: Classes;

  constructor(classes: Classes) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, 'block');
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = placeOf(key);
    if (place === undefined) return `its key has ${key.length} bytes, expected 11`;
    const outside = placeFault(this.classes, place, chunkSlots, BLOCK_SERIES);
    if (outside !== undefined) return outside;
    if (!isChunkRecord(value)) return `its checksum is wrong (${value.length} bytes)`;
    const chunk = chunkOfRecord(value);
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    if (archive !== undefined && chunk % chunkSlots(archive) !== place.slot) {
      return `it is of chunk ${chunk}, whose slot is ${chunk % chunkSlots(archive)}`;
    }
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
    const place = placeOf(key);
    if (place === undefined) return 'nothing that can be read';
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    const chunk = chunkOfRecord(value);
    const trusted = archive !== undefined && chunk % chunkSlots(archive) === place.slot;
    const since = timeOf(archive, trusted ? chunk * CHUNK_ROWS : NaN);
    return `${CHUNK_ROWS} values of up to ${BLOCK_SERIES} series from ${since} on`;
  }
}
