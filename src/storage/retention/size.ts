/**
 * What series cost on disk at most, known from their archives alone, because rings do not grow.
 * The figures are for values that do not compress at all; usual values take a quarter. Called by
 * `retention show` and `retention plan`.
 *
 * LMDB stores a large record in whole pages, so sizes are counted in pages: a full block of a chunk
 * takes 16, a full page of a row four. The last block and page of a class are not full and may take
 * a page more than the series' part of them, which is counted for the class.
 */
import { BLOCK_BYTES_MAX } from '../ring/values/chunk-record.ts';
import { BLOCK_SERIES, ROW_RING, PAGE_SERIES, chunkSlots } from '../ring/ring.ts';
import { ROW_BYTES_MAX } from '../ring/values/row-record.ts';
import type { Archive } from './archives.ts';

const PAGE_BYTES = 4096;
/** LMDB's header of the first page of a record, and of any other page. */
const PAGE_HEADER_BYTES = 16;
/** A record's key and its entry in a leaf page; leaves are half full at worst. */
const LEAF_ENTRY_BYTES = 2 * 32;
/** Bytes of a series' record without its name, of its last write, and of their leaf entries. */
const NAME_RECORD_BYTES = 2 * 96;
/** Pages that the last commits freed and nobody has used again, and the named databases. */
const STORE_BYTES = 2 ** 20;

/** Most bytes of a series whose class has many; with those of its name when it is given. */
export function seriesBytesMax(archives: readonly Archive[], name = ''): number {
  const chunkBytes = (pagesOf(BLOCK_BYTES_MAX) + LEAF_ENTRY_BYTES) / BLOCK_SERIES;
  const rowBytes = (pagesOf(ROW_BYTES_MAX) + LEAF_ENTRY_BYTES) / PAGE_SERIES;
  // One more slot of each: a slot is written again before its old pages are free.
  const rings = archives.reduce(
    (sum, archive) => sum + (chunkSlots(archive) + 1) * chunkBytes + (ROW_RING + 1) * rowBytes,
    0,
  );
  return Math.ceil(rings) + NAME_RECORD_BYTES + 2 * Buffer.byteLength(name);
}

/**
 * The size that a store's file never exceeds, from the archives of each class and the sum of
 * `seriesBytesMax` of its series. A class takes more than that: the pages that it does not fill.
 */
export function storeBytesMax(
  classes: readonly { archives: readonly Archive[]; seriesBytes: number }[],
): number {
  return classes.reduce((sum, { archives, seriesBytes }) => {
    const unfilled = archives.reduce((bytes, archive) => {
      return bytes + (chunkSlots(archive) + 1 + ROW_RING + 1) * (PAGE_BYTES + LEAF_ENTRY_BYTES);
    }, 0);
    return sum + unfilled + seriesBytes;
  }, STORE_BYTES);
}

function pagesOf(bytes: number): number {
  return Math.ceil((bytes + PAGE_HEADER_BYTES) / PAGE_BYTES) * PAGE_BYTES;
}
