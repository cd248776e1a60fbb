/**
 * Blocks of chunks of one class as the writer changes them, over the stored ones: they wait here
 * until a transaction takes their records. Used by ring-set.ts.
 */
import type { Archive } from '../../retention/archives.ts';
import { ChangedSlots } from '../changed-slots.ts';
import { type ChunkBase, ChunkBlock, chunkOfRecord, isChunkRecord } from './chunk-record.ts';
import { type Part, blockOf } from './columns.ts';
import type { RecordReader } from '../ring-records.ts';
import { BLOCK_SERIES, CHUNK_ROWS, chunkSlots } from '../ring.ts';

/** An encoded or still changing block of a chunk. */
type ChangedChunk = ChunkBlock | { number: number; record: Uint8Array };

/** Columns of one block; all of it is used before the next. */
const columns = new Float64Array(BLOCK_SERIES * CHUNK_ROWS);

export class ChangedChunks {
  private readonly records: RecordReader;
  private readonly onCorrupt: () => void;
  /** By archive. */
  private readonly blocks: readonly ChangedSlots<ChangedChunk>[];

  constructor(archives: readonly Archive[], records: RecordReader, onCorrupt: () => void) {
    this.records = records;
    this.onCorrupt = onCorrupt;
    this.blocks = archives.map((archive) => new ChangedSlots(chunkSlots(archive)));
  }

  /** Copies from a block with changes (RingSource.copyChunk); false when it has none. */
  copy(archiveIndex: number, chunk: number, part: Part): boolean {
    const block = blockOf(part.columns[part.first]!);
    if (this.blocks[archiveIndex]!.find(chunk, block) === undefined) return false;
    const indexes = Uint8Array.from(part.columns.subarray(part.first, part.end), (column) => {
      return column - block * BLOCK_SERIES;
    });
    this.open(archiveIndex, chunk, block).read(indexes, columns);
    for (let i = part.first; i < part.end; i++) {
      const from = (i - part.first) * CHUNK_ROWS + part.skip;
      part.out.set(columns.subarray(from, from + part.count), i * part.stride + part.at);
    }
    return true;
  }

  /** A block to change, in whose slot nothing is that must stay. */
  open(archiveIndex: number, chunk: number, block: number): ChunkBlock {
    const changed = this.blocks[archiveIndex]!.inSlot(chunk, block);
    if (changed instanceof ChunkBlock && changed.number === chunk) return changed;
    const record =
      changed instanceof ChunkBlock
        ? undefined
        : (changed?.record ?? this.records.chunk(archiveIndex, chunk, block));
    let base: ChunkBase = () => undefined;
    if (record !== undefined && chunkOfRecord(record) === chunk) {
      if (!isChunkRecord(record)) this.onCorrupt();
      else if (changed !== undefined) base = () => record;
      // A stored record may be in a buffer that the next one overwrites: it is read again.
      else base = () => this.records.chunk(archiveIndex, chunk, block);
    }
    const opened = new ChunkBlock(chunk, base);
    this.blocks[archiveIndex]!.set(block, opened);
    return opened;
  }

  /** Replaces a block by an encoded one. */
  put(archiveIndex: number, chunk: number, block: number, record: Uint8Array): void {
    this.blocks[archiveIndex]!.set(block, { number: chunk, record });
  }

  /** The number of the chunk that a slot holds, -1 for none; a damaged one does not count. */
  inSlot(archiveIndex: number, chunk: number, block: number): number {
    const changed = this.blocks[archiveIndex]!.inSlot(chunk, block);
    if (changed !== undefined) return changed.number;
    const record = this.records.chunk(archiveIndex, chunk, block);
    if (record === undefined) return -1;
    const number = chunkOfRecord(record);
    return number <= chunk || isChunkRecord(record) ? number : -1;
  }

  /** Whether any of so many blocks of a chunk is there. */
  hasAny(archiveIndex: number, chunk: number, blocks: number): boolean {
    return this.blocks[archiveIndex]!.hasAny(chunk, blocks, (block) => {
      return this.inSlot(archiveIndex, chunk, block);
    });
  }

  /** Hands over the records of changed blocks of one archive. */
  drain(
    archiveIndex: number,
    take: (chunk: number, block: number, record: Uint8Array) => void,
  ): void {
    this.blocks[archiveIndex]!.forEach((changed, block) => {
      const record = changed instanceof ChunkBlock ? changed.encode() : changed.record;
      if (record !== undefined) take(changed.number, block, record);
    });
  }

  /** The drained records are durable. */
  onCommitted(): void {
    for (const blocks of this.blocks) blocks.clear();
  }

  /** Forgets all changes, and what was known of the stored blocks. */
  clear(): void {
    for (const blocks of this.blocks) blocks.reset();
  }
}
