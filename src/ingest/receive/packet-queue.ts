/**
 * Copies of raw packets on their way to the repeater, back to back with the end of each. Sent once
 * per turn of the event loop or when 64 KiB have come together; batches in flight are bounded, and
 * packets over the bound are counted, not kept: UDP to the next hop would lose them as well.
 */
import { type PackedStrings, StringPacker } from '../../wire/packed-strings.ts';

const BATCH_BYTES = 64 * 1024;
const BATCHES_IN_FLIGHT_MAX = 64;

export class PacketQueue {
  /** Packets not handed on because main was late. */
  dropped = 0;
  private readonly onBatch: (packets: PackedStrings) => void;
  private readonly packets = new StringPacker(1024, BATCH_BYTES);
  private inFlight = 0;
  private scheduled = false;

  /** `onBatch` gets packets that are its to keep. */
  constructor(onBatch: (packets: PackedStrings) => void) {
    this.onBatch = onBatch;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.packets.byteCount + length > BATCH_BYTES) this.send();
    if (this.inFlight >= BATCHES_IN_FLIGHT_MAX) {
      this.dropped += 1;
      return;
    }
    this.packets.add(bytes.subarray(from, to));
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
    if (this.packets.count === 0) return;
    this.inFlight += 1;
    this.onBatch(this.packets.finish());
  }
}
