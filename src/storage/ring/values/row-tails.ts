/**
 * Rows of the blocks that were read lately, in memory: a reader of one series wants 8 bytes of each
 * row's record of 15 KiB, and up to 120 rows lie in no chunk yet. What is kept counts for one
 * revision of an archive's rows (ArchiveState), which is read in the snapshot of the read itself;
 * only final rows are kept, those near the newest row still change at any commit. Bounded: blocks
 * that were not read for longest go. Used by record-source.ts for the reader.
 */
import { BLOCK_SERIES, ROW_RING } from '../ring.ts';

/** Rows so near to the newest one may change without a new revision: late points mostly meet them. */
const CHANGING_ROWS = 3;
const BLOCK_BYTES = BLOCK_SERIES * 8;
const TAIL_BYTES = ROW_RING * BLOCK_BYTES;
/** More archives or blocks than there can be: parts of a tail's number. */
const ARCHIVES = 256;
const BLOCKS = 2 ** 20;

/** Whether a row changes no more but with a new revision. */
export function isFinal(row: number, newestRow: number): boolean {
  return row <= newestRow - CHANGING_ROWS;
}

/** Rows of one block. */
export class RowTail {
  /** Value of series `i` of the block in row r is at `(r % ROW_RING) * BLOCK_SERIES + i`. */
  readonly values = new Float64Array(ROW_RING * BLOCK_SERIES);
  private readonly bytes = new Uint8Array(this.values.buffer);
  /** By slot: the row that is there, -1 for none. */
  private readonly rows = new Float64Array(ROW_RING).fill(-1);
  private revision: number;

  constructor(revision: number) {
    this.revision = revision;
  }

  /** Forgets what was of another revision. */
  renew(revision: number): void {
    if (revision === this.revision) return;
    this.revision = revision;
    this.rows.fill(-1);
  }

  has(row: number): boolean {
    return this.rows[row % ROW_RING] === row;
  }

  /** Takes the values of the block's first series as they stand in a record, the rest are null. */
  put(row: number, values: Uint8Array): void {
    const slot = row % ROW_RING;
    this.rows[slot] = row;
    this.bytes.set(values, slot * BLOCK_BYTES);
    const from = slot * BLOCK_SERIES;
    if (values.length < BLOCK_BYTES) {
      this.values.fill(NaN, from + values.length / 8, from + BLOCK_SERIES);
    }
  }
}

export class RowTails {
  private readonly tailsMax: number;
  /** The one read last comes last. */
  private readonly tails = new Map<number, RowTail>();

  constructor(bytesMax: number) {
    this.tailsMax = Math.floor(bytesMax / TAIL_BYTES);
  }

  get count(): number {
    return this.tails.size;
  }

  /** The tail of a block, with nothing of another revision in it. */
  tail(classId: number, archiveIndex: number, block: number, revision: number): RowTail {
    const number = (classId * ARCHIVES + archiveIndex) * BLOCKS + block;
    const tail = this.tails.get(number) ?? new RowTail(revision);
    tail.renew(revision);
    this.tails.delete(number);
    this.tails.set(number, tail);
    if (this.tails.size > this.tailsMax) {
      for (const oldest of this.tails.keys()) {
        this.tails.delete(oldest);
        break;
      }
    }
    return tail;
  }
}
