/**
 * Where the rings of one class stand and what must happen as time goes on: arithmetic without
 * values, under the rings of values and those of sketches alike (FORMAT.md, "Compaction" and "A
 * clock that is set"). Whoever owns the rings is called back to roll up a coarser row that closes, to
 * compact blocks of a chunk that are due, and to forget rows of an earlier visit to the same time.
 * Used by ring-set.ts and sketch-rings.ts; readers use the functions before the class.
 */
import type { Archive } from '../retention/archives.ts';
import { CHUNK_ROWS, ROW_RING, chunkOfRow, chunkSlots } from './ring.ts';

/** Where the ring of one archive of one class stands. */
export interface RingState {
  /** The newest row written, -1 when there is none. */
  newestRow: number;
  /** Chunks below this are compacted, … */
  compactedUpTo: number;
  /** … and of this one the blocks below `compactedBlocks`. */
  compactedBlocks: number;
  /**
   * The last row of the time that is trusted, once the clock has leapt: chunks that the ring
   * reaches back to from it keep their slots. Without it, that is the newest row.
   */
  trustedRow?: number;
}

/** Rings with a state an archive. */
interface Rings {
  readonly archives: readonly Archive[];
  state(archiveIndex: number): RingState;
}

/** What the owner of the rings does when the clock says so. */
export interface RingOwner {
  /** Blocks that have series. */
  blockCount(): number;
  /** Stores a coarser row, which the newest row has left, from the next finer archive. */
  close(archiveIndex: number, row: number): void;
  /** Writes blocks `firstBlock` up to `endBlock` of a chunk. */
  compact(archiveIndex: number, chunk: number, firstBlock: number, endBlock: number): void;
  /** Empties rows `firstRow` up to `endRow` where an earlier visit left them; chunks have them. */
  forget(archiveIndex: number, firstRow: number, endRow: number): void;
}

export const NEVER_WRITTEN: RingState = { newestRow: -1, compactedUpTo: 0, compactedBlocks: 0 };

/**
 * The row of a coarser archive that the newest finest row falls into: it is still growing, so it is
 * computed at each read and stored when it closes. -1 when there is none.
 */
export function partialRow(rings: Rings, archiveIndex: number): number {
  const { newestRow } = rings.state(0);
  if (newestRow < 0) return -1;
  const { archives } = rings;
  return Math.floor((newestRow * archives[0]!.step) / archives[archiveIndex]!.step);
}

/** The first row from `firstRow` on that may not be compacted. */
export function firstPlainRow({ newestRow, compactedUpTo }: RingState, firstRow: number): number {
  return Math.max(firstRow, newestRow - ROW_RING + 1, compactedUpTo * CHUNK_ROWS);
}

/** A clock that comes back to the time that is trusted may be off by so much. */
const SLACK_CHUNKS = 2;

export class RingClock<State extends RingState = RingState> implements Rings {
  readonly archives: readonly Archive[];
  /** By archive. */
  readonly states: readonly State[];
  private readonly owner: RingOwner;
  /** By archive: nothing after the newest row was ever written, so trust needs no mark for long. */
  private readonly isOrderly: boolean[];
  /** By archive: the row that the last leap was to, and the row of the right time at that moment. */
  private readonly since: number[];
  private readonly right: number[];
  /** The archive whose visit is being left, -1 for none. */
  private leftVisit = -1;

  /** The states are copied. */
  constructor(archives: readonly Archive[], states: readonly State[], owner: RingOwner) {
    this.archives = archives;
    this.states = states.map((state) => ({ ...state }));
    this.owner = owner;
    this.isOrderly = states.map(({ trustedRow }) => trustedRow === undefined);
    this.since = states.map(({ newestRow }) => newestRow);
    this.right = states.map(({ newestRow, trustedRow = newestRow }) => trustedRow);
  }

  state(archiveIndex: number): State {
    return this.states[archiveIndex]!;
  }

  /** The newest finest row, -1 when there is none. */
  get newestRow(): number {
    return this.states[0]!.newestRow;
  }

  /** Makes `row` the newest finest row when it is: closes coarser rows, compacts what is due. */
  advance(row: number): boolean {
    const { newestRow } = this;
    if (row <= newestRow) return false;
    if (newestRow >= 0) this.closeRows(row);
    this.moveTo(0, row);
    return true;
  }

  /**
   * Makes `row` the newest row although newer ones were written: the clock was set back, further
   * than plain rows reach. What is ahead of it goes into chunks and is met again as time goes on.
   * False when the row is not that far back: points out of turn need nothing of this.
   */
  rewind(row: number): boolean {
    if (row < 0 || row > this.newestRow - ROW_RING) return false;
    this.closeRows(Infinity);
    this.archives.forEach(({ step }, index) => {
      const ratio = step / this.archives[0]!.step;
      this.isOrderly[index] = false;
      this.leapTo(index, index === 0 ? row : Math.floor(row / ratio) - 1);
    });
    return true;
  }

  /** Moves the newest row of one archive on to `row`. */
  moveTo(archiveIndex: number, row: number): void {
    const state = this.state(archiveIndex);
    if (row <= state.newestRow) return;
    const chunk = chunkOfRow(row);
    if (state.newestRow < 0) {
      state.compactedUpTo = chunk;
      state.compactedBlocks = 0;
      state.newestRow = row;
    } else if (chunk > chunkOfRow(state.newestRow) + 1) {
      this.leapTo(archiveIndex, row);
    } else {
      if (!this.isVisit(archiveIndex)) this.followTrust(archiveIndex, row);
      else if (chunk > state.compactedUpTo + 1) this.trust(archiveIndex, row);
      this.compactDue(archiveIndex, row);
      state.newestRow = row;
    }
  }

  /** As if never used: all records have been removed. */
  reset(): void {
    this.states.forEach((state, index) => {
      Object.assign(state, NEVER_WRITTEN);
      delete state.trustedRow;
      this.isOrderly[index] = true;
      this.since[index] = -1;
      this.right[index] = -1;
    });
  }

  /** Whether the truth about a row is in the rows: near the newest one and not compacted yet. */
  isInRows(archiveIndex: number, row: number, block: number): boolean {
    const { newestRow, compactedUpTo, compactedBlocks } = this.state(archiveIndex);
    if (row > newestRow || row <= newestRow - ROW_RING) return false;
    const chunk = chunkOfRow(row);
    return chunk === compactedUpTo ? block >= compactedBlocks : chunk > compactedUpTo;
  }

  /** Whether a chunk may have something of rows that are not compacted yet. */
  mayMeet(archiveIndex: number): boolean {
    return this.state(archiveIndex).trustedRow !== undefined;
  }

  /** Whether the newest row is of a time before all that the ring is trusted to reach back to. */
  isBeforeReach(archiveIndex: number): boolean {
    const { newestRow, trustedRow } = this.state(archiveIndex);
    return (
      trustedRow !== undefined &&
      chunkOfRow(newestRow) <= chunkOfRow(trustedRow) - this.slots(archiveIndex)
    );
  }

  /**
   * Whether the chunk `inSlot`, -1 for an empty slot, keeps its slot against another one. The newer
   * one stays. Once the clock has leapt, what the ring reaches back to from the time that is trusted
   * comes before what lies ahead of it, and stays whatever a visit leaves behind.
   */
  keepsSlot(archiveIndex: number, inSlot: number, chunk: number): boolean {
    if (inSlot < 0 || inSlot === chunk) return false;
    if (this.leftVisit === archiveIndex && this.isReached(archiveIndex, inSlot)) return true;
    if (!this.isOrderly[archiveIndex]! && this.isReached(archiveIndex, chunk)) return false;
    return inSlot > chunk;
  }

  private slots(archiveIndex: number): number {
    return chunkSlots(this.archives[archiveIndex]!);
  }

  private isReached(archiveIndex: number, chunk: number): boolean {
    const { newestRow, trustedRow = newestRow } = this.state(archiveIndex);
    const top = chunkOfRow(trustedRow);
    return chunk > top - this.slots(archiveIndex) && chunk <= top;
  }

  /**
   * Whether the newest row is of a time that is not trusted yet. Its chunks are not compacted: that
   * could take slots from what is trusted, and plain rows hold two chunks.
   */
  private isVisit(archiveIndex: number): boolean {
    const { newestRow, trustedRow } = this.state(archiveIndex);
    return trustedRow !== undefined && !this.isReached(archiveIndex, chunkOfRow(newestRow));
  }

  private followTrust(archiveIndex: number, row: number): void {
    const state = this.state(archiveIndex);
    if (state.trustedRow !== undefined && row > state.trustedRow) state.trustedRow = row;
  }

  /** Time has gone on here for longer than a chunk: it is the one to trust. */
  private trust(archiveIndex: number, row: number): void {
    const state = this.state(archiveIndex);
    if (this.isOrderly[archiveIndex] === true) delete state.trustedRow;
    else state.trustedRow = row;
  }

  /** The row of the time that is trusted, had it gone on while the clock was elsewhere. */
  private rightRow(archiveIndex: number): number {
    const { newestRow, trustedRow } = this.state(archiveIndex);
    const stayed = newestRow - this.since[archiveIndex]! + 1;
    return newestRow === trustedRow && stayed > ROW_RING
      ? newestRow
      : this.right[archiveIndex]! + stayed;
  }

  /** Makes `row` the newest one, more than a chunk after it or further back than rows reach. */
  private leapTo(archiveIndex: number, row: number): void {
    const state = this.state(archiveIndex);
    const chunk = chunkOfRow(row);
    const before = chunkOfRow(state.newestRow);
    // Rare samples come like that: a visit that is followed by a later time is trusted.
    const goesOn = chunk > before && chunk < before + this.slots(archiveIndex);
    const trusted = state.trustedRow;
    if (trusted === undefined || (goesOn && this.isVisit(archiveIndex)))
      state.trustedRow = state.newestRow;
    const right = this.rightRow(archiveIndex);
    this.leftVisit = this.isVisit(archiveIndex) ? archiveIndex : -1;
    this.compactAll(archiveIndex);
    this.leftVisit = -1;
    state.newestRow = row;
    state.compactedUpTo = Math.max(0, chunk);
    state.compactedBlocks = 0;
    const isBack = row > state.trustedRow! && chunk <= chunkOfRow(right) + SLACK_CHUNKS; // set above
    if (isBack) this.trust(archiveIndex, row);
    this.since[archiveIndex] = row;
    this.right[archiveIndex] = isBack ? Math.max(row, right) : right;
    if (this.isOrderly[archiveIndex] === true) return;
    this.owner.forget(archiveIndex, state.compactedUpTo * CHUNK_ROWS, row + ROW_RING);
  }

  /** Closes the coarser rows that the newest one leaves for `row`, finer ones first. */
  private closeRows(row: number): void {
    const { archives, newestRow } = this;
    for (let index = 1; index < archives.length; index++) {
      const ratio = archives[index]!.step / archives[0]!.step;
      const closing = Math.floor(newestRow / ratio);
      // Coarser rows still to come go on as well.
      if (closing === Math.floor(row / ratio)) return;
      this.moveTo(index, closing);
      this.owner.close(index, closing);
    }
  }

  /** Compacts the chunk before that of `row` in step with its rows, and all before. */
  private compactDue(archiveIndex: number, row: number): void {
    if (this.isVisit(archiveIndex)) return;
    const state = this.state(archiveIndex);
    const chunk = chunkOfRow(row);
    const blocks = this.owner.blockCount();
    while (state.compactedUpTo < chunk - 1) this.compactChunk(archiveIndex, blocks);
    if (state.compactedUpTo >= chunk) return;
    const phase = row - chunk * CHUNK_ROWS;
    this.compactBlocks(archiveIndex, Math.floor(((phase + 1) * blocks) / CHUNK_ROWS));
  }

  /** Compacts whatever is in rows. */
  private compactAll(archiveIndex: number): void {
    const state = this.state(archiveIndex);
    const blocks = this.owner.blockCount();
    const newest = chunkOfRow(state.newestRow);
    while (state.compactedUpTo <= newest) this.compactChunk(archiveIndex, blocks);
  }

  private compactChunk(archiveIndex: number, blocks: number): void {
    const state = this.state(archiveIndex);
    this.compactBlocks(archiveIndex, blocks);
    state.compactedUpTo += 1;
    state.compactedBlocks = 0;
  }

  private compactBlocks(archiveIndex: number, endBlock: number): void {
    const state = this.state(archiveIndex);
    const { compactedUpTo, compactedBlocks } = state;
    if (endBlock <= compactedBlocks) return;
    this.owner.compact(archiveIndex, compactedUpTo, compactedBlocks, endBlock);
    state.compactedBlocks = endBlock;
  }
}
