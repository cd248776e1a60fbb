/**
 * How the bytes of a stream become packets. Lines: a packet is everything up to the last newline of
 * what has accumulated, as StatsD does it; the tail waits for more. What StatsD drops at close (a
 * tail without its newline) is a line in its other dialects.
 *
 *     read 1   a:1|c\nb:2|          packet "a:1|c\n"         tail "b:2|"
 *     read 2   c\n                  packet "b:2|c\n"         tail ""
 *
 * Lengths (carbon's pickles): a big-endian 32-bit length, then so many bytes; they are the packet.
 * Called by `streams.ts`, one framer a connection.
 */
import type { PacketSink } from './receiver.ts';

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);
const LENGTH_BYTES = 4;

/** Cuts the bytes of one connection into packets and keeps what is not complete yet. */
export interface Framer {
  /** False when the packet in the making is too long: the connection has to go. */
  read(chunk: Buffer): boolean;
  /** At the end of the connection; safe to call twice. */
  finish(keepTail: boolean): void;
}

export interface FramerCounts {
  packets: number;
  tailTooLong: number;
  tailsDropped: number;
}

class LineFramer implements Framer {
  private readonly sink: PacketSink;
  private readonly counts: FramerCounts;
  private readonly tailBytesMax: number;
  private tail = EMPTY;

  constructor(sink: PacketSink, counts: FramerCounts, tailBytesMax: number) {
    this.sink = sink;
    this.counts = counts;
    this.tailBytesMax = tailBytesMax;
  }

  read(chunk: Buffer): boolean {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const held = this.tail.length;
      const bytes = held === 0 ? chunk : Buffer.concat([this.tail, chunk]);
      this.tail = EMPTY;
      this.counts.packets += 1;
      this.sink(bytes, 0, held + end);
    }
    if (end === chunk.length) return true;
    const rest = chunk.subarray(end);
    if (this.tail.length + rest.length > this.tailBytesMax) {
      this.counts.tailTooLong += 1;
      this.tail = EMPTY;
      return false;
    }
    // A copy: the chunk is far larger and would be kept alive by the tail.
    this.tail = Buffer.concat([this.tail, rest]);
    return true;
  }

  finish(keepTail: boolean): void {
    const { tail } = this;
    if (tail.length === 0) return;
    this.tail = EMPTY;
    if (keepTail) {
      this.counts.packets += 1;
      this.sink(tail, 0, tail.length);
    } else {
      this.counts.tailsDropped += 1;
    }
  }
}

class LengthFramer implements Framer {
  private readonly sink: PacketSink;
  private readonly counts: FramerCounts;
  private readonly packetBytesMax: number;
  private tail = EMPTY;

  constructor(sink: PacketSink, counts: FramerCounts, packetBytesMax: number) {
    this.sink = sink;
    this.counts = counts;
    this.packetBytesMax = packetBytesMax;
  }

  read(chunk: Buffer): boolean {
    const bytes = this.tail.length === 0 ? chunk : Buffer.concat([this.tail, chunk]);
    this.tail = EMPTY;
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > this.packetBytesMax) {
        this.counts.tailTooLong += 1;
        return false;
      }
      const from = at + LENGTH_BYTES;
      if (bytes.length - from < length) break;
      this.counts.packets += 1;
      this.sink(bytes, from, from + length);
      at = from + length;
    }
    if (at < bytes.length) this.tail = Buffer.from(bytes.subarray(at));
    return true;
  }

  /** Half a message is of no use, whatever `keepTail` says. */
  finish(): void {
    if (this.tail.length > 0) this.counts.tailsDropped += 1;
    this.tail = EMPTY;
  }
}

type MakeFramer = (sink: PacketSink, counts: FramerCounts, bytesMax: number) => Framer;

export const FRAMERS = {
  lines: (sink, counts, bytesMax) => new LineFramer(sink, counts, bytesMax),
  lengths: (sink, counts, bytesMax) => new LengthFramer(sink, counts, bytesMax),
} satisfies Record<string, MakeFramer>;
