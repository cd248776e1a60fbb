/**
 * What series cost on disk, known from their archives alone: rings do not grow. Called by
 * `retention show` and for the size of a store at its worst, with values that do not compress at
 * all; usual ones take a quarter.
 *
 * Records are whole pages of LMDB, so what they take is counted in pages: a full block of a chunk is
 * 16, a full page of a row four. The last block and page of a class are not full and may take
 * a page more than their part; that is the class's, not the series'.
 */
import { BLOCK_BYTES_MAX } from '../ring/values/chunk-record.ts';
import { BLOCK_SERIES, ROW_RING, PAGE_SERIES, chunkSlots } from '../ring/ring.ts';
import { ROW_BYTES_MAX } from '../ring/values/row-record.ts';
import type { Archive } from './archives.ts';

const PAGE_BYTES = 4096;
/** LMDB's header of the first page of a record, and of any other page. */
const PAGE_HEADER_BYTES = 16;
/** A record's key and place in a leaf page; leaves are half full at worst. */
const PLACE_BYTES = 2 * 32;
/** What a name's record takes but for the name itself: series, last seen, place in its leaf. */
const NAME_RECORD_BYTES = 2 * 96;
/** Pages that the last commits have left and not filled again, besides the named databases. */
const STORE_BYTES = 2 ** 20;

/** The most bytes that a series takes where its class has many; with its name when that is given. */
export function seriesBytesMax(archives: readonly Archive[], name = ''): number {
  const chunkBytes = (pagesOf(BLOCK_BYTES_MAX) + PLACE_BYTES) / BLOCK_SERIES;
  const rowBytes = (pagesOf(ROW_BYTES_MAX) + PLACE_BYTES) / PAGE_SERIES;
  // One slot more of each: a slot is written anew before its old pages are free.
  const rings = archives.reduce(
    (sum, archive) => sum + (chunkSlots(archive) + 1) * chunkBytes + (ROW_RING + 1) * rowBytes,
    0,
  );
  return Math.ceil(rings) + NAME_RECORD_BYTES + 2 * Buffer.byteLength(name);
}

/**
 * The size that a store's file never exceeds: of each class its archives, and what its series take
 * by `seriesBytesMax`. A class takes more than its series by the pages that it does not fill.
 */
export function storeBytesMax(
  classes: readonly { archives: readonly Archive[]; seriesBytes: number }[],
): number {
  return classes.reduce((sum, { archives, seriesBytes }) => {
    const unfilled = archives.reduce((bytes, archive) => {
      return bytes + (chunkSlots(archive) + 1 + ROW_RING + 1) * (PAGE_BYTES + PLACE_BYTES);
    }, 0);
    return sum + unfilled + seriesBytes;
  }, STORE_BYTES);
}

function pagesOf(bytes: number): number {
  return Math.ceil((bytes + PAGE_HEADER_BYTES) / PAGE_BYTES) * PAGE_BYTES;
}
