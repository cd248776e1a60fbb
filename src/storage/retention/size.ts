/**
 * What a series costs on disk, known from its archives alone: rings do not grow. Called by
 * `retention show`.
 */
import { COLUMN_BYTES_MAX } from '../archive/codec.ts';
import { chunkSlots, ROW_RING } from '../archive/ring.ts';
import type { Archive } from './archives.ts';

/** A column's place among the offsets of its block. */
const OFFSET_BYTES = 2;
const VALUE_BYTES = 8;

/**
 * The most bytes that the rings of a series can take, with values that do not compress at all;
 * usual ones take a quarter. Its share of headers, checksums and the name comes on top.
 */
export function seriesBytesMax(archives: readonly Archive[]): number {
  return archives.reduce((sum, archive) => {
    const chunks = chunkSlots(archive) * (COLUMN_BYTES_MAX + OFFSET_BYTES);
    return sum + chunks + ROW_RING * VALUE_BYTES;
  }, 0);
}
