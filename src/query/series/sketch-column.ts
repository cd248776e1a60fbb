/**
 * Encoded sketches by slot (sketch/FORMAT.md), without an object a sketch: a day of a hundred hosts
 * by minutes has 144,000 of them, which would keep the collector busier than merging. Slot i holds
 * bytes `starts[i]` up to `ends[i]` of `chunks[chunkOf[i]]`; none where both are equal.
 */
export interface SketchColumn {
  readonly chunks: readonly Uint8Array[];
  readonly chunkOf: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Bytes of a chunk of copies; a larger sketch gets a chunk of its own. */
const CHUNK_BYTES = 65_536;

/** Fills the slots of a column in order. */
export class ColumnBuilder {
  /** Bytes of all sketches so far. */
  byteCount = 0;
  private readonly chunks: Uint8Array[] = [];
  private readonly chunkOf: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private slot = 0;
  /** The buffer that the last chunk is all of; slots in a row mostly share one. */
  private buffer: ArrayBufferLike | undefined;
  /** Chunk that copies go to, and its bytes in use. */
  private copies = new Uint8Array(0);
  private copiesChunk = 0;
  private copied = 0;

  constructor(slots: number) {
    this.chunkOf = new Uint32Array(slots);
    this.starts = new Uint32Array(slots);
    this.ends = new Uint32Array(slots);
  }

  /** A slot without a sketch. */
  skip(): void {
    this.slot += 1;
  }

  /** Adds a sketch whose bytes do not move: the column stores where they are. */
  refer(sketch: Uint8Array): void {
    if (sketch.buffer !== this.buffer) {
      this.buffer = sketch.buffer;
      this.chunks.push(new Uint8Array(sketch.buffer));
    }
    this.place(this.chunks.length - 1, sketch.byteOffset, sketch.length);
  }

  /** A sketch whose bytes will change. */
  copy(sketch: Uint8Array): void {
    if (this.copied + sketch.length > this.copies.length) {
      this.copies = new Uint8Array(Math.max(CHUNK_BYTES, sketch.length));
      this.copiesChunk = this.chunks.push(this.copies) - 1;
      this.copied = 0;
      this.buffer = undefined;
    }
    this.copies.set(sketch, this.copied);
    this.place(this.copiesChunk, this.copied, sketch.length);
    this.copied += sketch.length;
  }

  finish(): SketchColumn {
    const { chunks, chunkOf, starts, ends } = this;
    return { chunks, chunkOf, starts, ends };
  }

  private place(chunk: number, start: number, length: number): void {
    this.chunkOf[this.slot] = chunk;
    this.starts[this.slot] = start;
    this.ends[this.slot] = start + length;
    this.byteCount += length;
    this.slot += 1;
  }
}
