/** Turns the rows of one chunk into its blocks, a page at a time. Used by ring-set.ts. */
import { encodeBlock } from './chunk-record.ts';
import { type RingSource, readStored } from './columns.ts';
import type { RingMembers } from './ring-members.ts';
import { BLOCK_SERIES, CHUNK_ROWS, PAGE_BLOCKS, PAGE_SERIES } from '../ring.ts';

/** All of it is used before the next page. */
const matrix = new Float64Array(PAGE_SERIES * CHUNK_ROWS);

/** Hands over the record of each block from `firstBlock` up to `endBlock` that has a value. */
export function encodeBlocks(
  source: RingSource & { members: RingMembers },
  archiveIndex: number,
  chunk: number,
  firstBlock: number,
  endBlock: number,
  take: (block: number, record: Uint8Array) => void,
): void {
  for (let first = firstBlock; first < endBlock;) {
    const pageEnd = (Math.floor(first / PAGE_BLOCKS) + 1) * PAGE_BLOCKS;
    const end = Math.min(endBlock, pageEnd);
    const columns = source.members.range(first * BLOCK_SERIES, end * BLOCK_SERIES);
    const rows = { archiveIndex, firstRow: chunk * CHUNK_ROWS, count: CHUNK_ROWS };
    const values = readStored(source, columns, rows, matrix);
    for (let block = first; block < end; block++) {
      const from = (block - first) * BLOCK_SERIES * CHUNK_ROWS;
      const to = Math.min(from + BLOCK_SERIES * CHUNK_ROWS, columns.length * CHUNK_ROWS);
      const record = encodeBlock(values.subarray(from, to), chunk);
      if (record !== undefined) take(block, record);
    }
    first = end;
  }
}
