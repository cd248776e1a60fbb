/**
 * How the bytes of a stream become packets. Lines: a packet is everything up to the last newline of
 * what has accumulated, as StatsD does it; the tail waits for more. What StatsD drops at close (a
 * tail without its newline) is a line in its other dialects.
 *
 *     read 1   a:1|c\nb:2|          packet "a:1|c\n"         tail "b:2|"
 *     read 2   c\n                  packet "b:2|c\n"         tail ""
 *
 * Loose lines: the same lines, but where packets end means nothing, so that a tail is joined to the
 * rest of its line alone. Lengths (carbon's pickles): a big-endian 32-bit length, then so many
 * bytes; they are the packet. Frames (DogStatsD's clients on unix streams): the same with a
 * little-endian length below 2^16. No line has a NUL as its first or fourth byte, so that
 * linesOrFrames tells by four bytes which of them a connection sends. Called by `streams.ts`, one
 * framer a connection.
 */
import type { PacketSink } from './receiver.ts';

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);
const LENGTH_BYTES = 4;
const FRAME_BYTES_MAX = 65_535;
/** Of all connections of a listener: a thousand of them could hold a pickle of 1 MiB each. */
export const HELD_BYTES_MAX = 64 * 2 ** 20;
/** A buffer that grew past this is given back after its packet. */
const KEPT_BYTES = 4096;

export type ReadResult = 'ok' | 'tooLong' | 'frameTooLong';

/** Cuts the bytes of one connection into packets and keeps what is not complete yet. */
export interface Framer {
  /** What is not complete yet. */
  readonly tail: Uint8Array;
  /** Bytes copied so far: at most a few times those that were read, however they were cut. */
  readonly copiedBytes: number;
  /** Frames without a byte, which say nothing. */
  readonly emptyFrames: number;
  /** Unless it is `ok`, the connection has to go. */
  read(chunk: Buffer): ReadResult;
  /** At the end of the connection: whether a tail is dropped. Safe to call twice. */
  finish(keepTail: boolean): boolean;
}

export interface FramerCounts {
  packets: number;
  /** Bytes that unfinished packets of all connections hold. */
  heldBytes: number;
}

/** Bytes that wait for the rest of their packet, in a buffer that doubles. */
class Held {
  length = 0;
  copiedBytes = 0;
  bytes = EMPTY;
  private readonly counts: FramerCounts;

  constructor(counts: FramerCounts) {
    this.counts = counts;
  }

  /** False when all connections together hold too much. */
  get hasRoom(): boolean {
    return this.counts.heldBytes <= HELD_BYTES_MAX;
  }

  append(chunk: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.bytes.length) {
      const wider = Buffer.allocUnsafe(Math.max(length, this.bytes.length * 2));
      this.bytes.copy(wider, 0, 0, this.length);
      this.copiedBytes += this.length;
      this.counts.heldBytes += wider.length - this.bytes.length;
      this.bytes = wider;
    }
    chunk.copy(this.bytes, this.length, from, to);
    this.copiedBytes += to - from;
    this.length = length;
  }

  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES) this.free();
  }

  /** Comes at the end: nothing is held for a connection that has gone. */
  free(): void {
    this.counts.heldBytes -= this.bytes.length;
    this.bytes = EMPTY;
    this.length = 0;
  }
}

class LineFramer implements Framer {
  readonly emptyFrames = 0;
  private readonly sink: PacketSink;
  private readonly counts: FramerCounts;
  private readonly tailBytesMax: number;
  private readonly isLoose: boolean;
  private readonly held: Held;

  constructor(sink: PacketSink, counts: FramerCounts, tailBytesMax: number, isLoose: boolean) {
    this.sink = sink;
    this.counts = counts;
    this.tailBytesMax = tailBytesMax;
    this.isLoose = isLoose;
    this.held = new Held(counts);
  }

  get tail(): Uint8Array {
    return this.held.view();
  }

  get copiedBytes(): number {
    return this.held.copiedBytes;
  }

  read(chunk: Buffer): ReadResult {
    const { held } = this;
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.counts.packets += 1;
      let from = 0;
      if (held.length > 0) {
        from = this.isLoose ? chunk.indexOf(NEWLINE) + 1 : end;
        held.append(chunk, 0, from);
        this.sink(held.bytes, 0, held.length);
        held.clear();
      }
      if (from < end) this.sink(chunk, from, end);
    }
    if (end === chunk.length) return 'ok';
    if (held.length + chunk.length - end > this.tailBytesMax) {
      held.free();
      return 'tooLong';
    }
    // A copy: the chunk is far larger and would be kept alive by the tail.
    held.append(chunk, end, chunk.length);
    if (held.hasRoom) return 'ok';
    held.free();
    return 'tooLong';
  }

  finish(keepTail: boolean): boolean {
    const { held } = this;
    const hasTail = held.length > 0;
    if (hasTail && keepTail) {
      this.counts.packets += 1;
      this.sink(held.bytes, 0, held.length);
    }
    held.free();
    return hasTail && !keepTail;
  }
}

class LengthFramer implements Framer {
  emptyFrames = 0;
  private readonly sink: PacketSink;
  private readonly counts: FramerCounts;
  private readonly packetBytesMax: number;
  private readonly isFrames: boolean;
  private readonly held: Held;

  constructor(sink: PacketSink, counts: FramerCounts, packetBytesMax: number, isFrames: boolean) {
    this.sink = sink;
    this.counts = counts;
    this.packetBytesMax = packetBytesMax;
    this.isFrames = isFrames;
    this.held = new Held(counts);
  }

  get tail(): Uint8Array {
    return this.held.view();
  }

  get copiedBytes(): number {
    return this.held.copiedBytes;
  }

  read(chunk: Buffer): ReadResult {
    let at = 0;
    while (at < chunk.length) {
      const next = this.held.length === 0 ? this.readWhole(chunk, at) : this.readOn(chunk, at);
      if (next < 0 || !this.held.hasRoom) {
        this.held.free();
        return this.isFrames ? 'frameTooLong' : 'tooLong';
      }
      at = next;
    }
    return 'ok';
  }

  /** Half a message is of no use, whatever `keepTail` says. */
  finish(): boolean {
    const hasTail = this.held.length > 0;
    this.held.free();
    return hasTail;
  }

  /** A message at `at`, or what there is of it; where to go on, negative when it is too long. */
  private readWhole(chunk: Buffer, at: number): number {
    const from = at + LENGTH_BYTES;
    if (from <= chunk.length) {
      const end = from + this.lengthAt(chunk, at);
      if (end - from > this.packetBytesMax) return -1;
      if (end <= chunk.length) {
        this.take(chunk, from, end);
        return end;
      }
    }
    this.held.append(chunk, at, chunk.length);
    return chunk.length;
  }

  /** More of the message that is held: its length first, then the rest. */
  private readOn(chunk: Buffer, at: number): number {
    const { held } = this;
    let wanted = LENGTH_BYTES;
    if (held.length >= LENGTH_BYTES) wanted += this.lengthAt(held.bytes, 0);
    const end = Math.min(chunk.length, at + wanted - held.length);
    held.append(chunk, at, end);
    if (held.length < wanted) return end;
    if (wanted === LENGTH_BYTES) {
      const length = this.lengthAt(held.bytes, 0);
      if (length > this.packetBytesMax) return -1;
      // An empty message has come as a whole, any other goes on.
      if (length > 0) return end;
    }
    this.take(held.bytes, LENGTH_BYTES, held.length);
    held.clear();
    return end;
  }

  private lengthAt(bytes: Buffer, at: number): number {
    return this.isFrames ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  private take(bytes: Buffer, from: number, to: number): void {
    if (this.isFrames && from === to) {
      this.emptyFrames += 1;
      return;
    }
    this.counts.packets += 1;
    this.sink(bytes, from, to);
  }
}

/** Lines, or frames: what a connection sends shows in its first four bytes. */
class LineOrFrameFramer implements Framer {
  private readonly lines: Framer;
  private readonly frames: Framer;
  private readonly first: Held;
  private chosen: Framer | undefined;

  constructor(sink: PacketSink, counts: FramerCounts, bytesMax: number) {
    this.lines = new LineFramer(sink, counts, bytesMax, false);
    this.frames = new LengthFramer(sink, counts, Math.min(bytesMax, FRAME_BYTES_MAX), true);
    this.first = new Held(counts);
  }

  get tail(): Uint8Array {
    return this.chosen?.tail ?? this.first.view();
  }

  get copiedBytes(): number {
    return this.first.copiedBytes + this.lines.copiedBytes + this.frames.copiedBytes;
  }

  get emptyFrames(): number {
    return this.frames.emptyFrames;
  }

  read(chunk: Buffer): ReadResult {
    if (this.chosen !== undefined) return this.chosen.read(chunk);
    if (this.first.length === 0 && chunk.length >= LENGTH_BYTES) return this.choose(chunk);
    this.first.append(chunk, 0, chunk.length);
    return this.first.length < LENGTH_BYTES ? 'ok' : this.choose(this.first.view());
  }

  finish(keepTail: boolean): boolean {
    if (this.chosen === undefined && this.first.length > 0) this.choose(this.first.view());
    return this.chosen?.finish(keepTail) ?? false;
  }

  private choose(start: Buffer): ReadResult {
    this.chosen = start[0] === 0 || start[LENGTH_BYTES - 1] === 0 ? this.frames : this.lines;
    const result = this.chosen.read(start);
    this.first.free();
    return result;
  }
}

type MakeFramer = (sink: PacketSink, counts: FramerCounts, bytesMax: number) => Framer;

export const FRAMERS = {
  lines: (sink, counts, bytesMax) => new LineFramer(sink, counts, bytesMax, false),
  looseLines: (sink, counts, bytesMax) => new LineFramer(sink, counts, bytesMax, true),
  lengths: (sink, counts, bytesMax) => new LengthFramer(sink, counts, bytesMax, false),
  linesOrFrames: (sink, counts, bytesMax) => new LineOrFrameFramer(sink, counts, bytesMax),
} satisfies Record<string, MakeFramer>;
