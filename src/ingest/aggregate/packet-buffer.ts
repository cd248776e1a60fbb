/**
 * The aggregator reads words of four bytes, a little past a packet's end. A packet at the very end
 * of its buffer, and a stream's packet that StatsD reads as 7-bit ASCII, is copied here first.
 */

/** Bytes that must be readable behind a packet. */
const SLACK_BYTES = 16;

export class PacketBuffer {
  bytes = new Uint8Array(65536 + SLACK_BYTES);

  isReadable(bytes: Uint8Array, to: number): boolean {
    return to + SLACK_BYTES <= bytes.length;
  }

  /** Copies [from, to) to the start; `ascii` cuts the top bit off. */
  copy(bytes: Uint8Array, from: number, to: number, ascii: boolean): void {
    const length = to - from;
    if (length + SLACK_BYTES > this.bytes.length) {
      this.bytes = new Uint8Array(length * 2 + SLACK_BYTES);
    }
    const mask = ascii ? 0x7f : 0xff;
    for (let i = 0; i < length; i++) this.bytes[i] = bytes[from + i]! & mask;
    this.bytes.fill(0, length, length + SLACK_BYTES);
  }
}
