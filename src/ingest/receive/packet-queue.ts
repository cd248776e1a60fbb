/**
 * Copies of raw packets on their way to the repeater, back to back with the end of each. Sent once
 * per turn of the event loop or when 64 KiB have come together; batches in flight are bounded, and
 * packets over the bound are counted, not kept: UDP to the next hop would lose them as well.
 */
const BATCH_BYTES = 64 * 1024;
const BATCHES_IN_FLIGHT_MAX = 64;

export class PacketQueue {
  /** Packets not handed on because main was late. */
  dropped = 0;
  private readonly onBatch: (bytes: Uint8Array, ends: Uint32Array) => void;
  private bytes = new Uint8Array(BATCH_BYTES);
  private used = 0;
  private ends: number[] = [];
  private inFlight = 0;
  private scheduled = false;

  /** `onBatch` gets arrays of exactly the length that is used, its to keep. */
  constructor(onBatch: (bytes: Uint8Array, ends: Uint32Array) => void) {
    this.onBatch = onBatch;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.used + length > this.bytes.length) this.send();
    if (this.inFlight >= BATCHES_IN_FLIGHT_MAX) {
      this.dropped += 1;
      return;
    }
    if (length > this.bytes.length) this.bytes = new Uint8Array(length);
    this.bytes.set(bytes.subarray(from, to), this.used);
    this.used += length;
    this.ends.push(this.used);
    if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.send();
      });
    }
  }

  acknowledge(): void {
    if (this.inFlight > 0) this.inFlight -= 1;
  }

  /** Sends what has come together. */
  send(): void {
    if (this.ends.length === 0) return;
    this.inFlight += 1;
    const ends = Uint32Array.from(this.ends);
    const bytes = this.bytes.slice(0, this.used);
    this.used = 0;
    this.ends = [];
    this.onBatch(bytes, ends);
  }
}
