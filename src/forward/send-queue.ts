/**
 * Payloads on their way to one peer, oldest first: those that wait, and behind the cursor those that
 * were handed to the kernel but not yet known to have been read. They are in memory while the peer
 * keeps up; `secure` moves them to disk where there is a spool. Bounded in memory and on disk: the
 * oldest goes and is counted.
 */
import type { Place, Spool, Spooled } from './spool.ts';

export interface Payload {
  /** Epoch seconds of the flush; 0 for payloads that have none. */
  readonly time: number;
  readonly length: number;
}

interface QueuedPayload extends Payload {
  /** In memory. */
  bytes: Uint8Array | undefined;
  /** On disk. */
  place: Place | undefined;
}

export interface SendQueueLimits {
  memoryBytes: number;
  diskBytes: number;
}

export class SendQueue {
  droppedPayloads = 0;
  private readonly entries: QueuedPayload[] = [];
  /** Entries before it were written to the peer. */
  private cursor = 0;
  /** Being written to the peer: half of it may be there already, so it is not dropped. */
  private held: QueuedPayload | undefined;
  private memoryBytes = 0;
  private diskBytes = 0;
  private diskPayloads = 0;
  private readonly limits: SendQueueLimits;
  private readonly spool: Spool | undefined;
  private readonly onError: (message: string) => void;
  /** Work on the spool, one thing after the other. */
  private spooling: Promise<void> = Promise.resolve();

  constructor(
    limits: SendQueueLimits,
    onError: (message: string) => void,
    kept?: { spool: Spool; waiting: readonly Spooled[] },
  ) {
    this.limits = limits;
    this.onError = onError;
    this.spool = kept?.spool;
    for (const { place, time, length } of kept?.waiting ?? []) {
      this.entries.push({ time, length, place, bytes: undefined });
      this.diskBytes += length;
      this.diskPayloads += 1;
    }
    this.trim();
  }

  /** Payloads that were not written yet. */
  get waiting(): number {
    return this.entries.length - this.cursor;
  }

  get waitingBytes(): number {
    let bytes = 0;
    for (let i = this.cursor; i < this.entries.length; i++) bytes += this.entries[i]!.length;
    return bytes;
  }

  /** Payloads on disk, and records there that could not be read. */
  get onDisk(): { payloads: number; bytes: number; damaged: number } {
    const { diskPayloads: payloads, diskBytes: bytes, spool } = this;
    return { payloads, bytes, damaged: spool?.damaged ?? 0 };
  }

  /** Payloads that a stop would lose. */
  get inMemory(): number {
    return this.entries.length - this.diskPayloads;
  }

  push(time: number, bytes: Uint8Array): void {
    this.entries.push({ time, length: bytes.length, bytes, place: undefined });
    this.memoryBytes += bytes.length;
    this.trim();
  }

  /** The oldest payload that was not written yet, with its bytes; damaged ones are passed over. */
  async next(): Promise<{ payload: Payload; bytes: Uint8Array } | undefined> {
    for (;;) {
      const entry = this.entries[this.cursor];
      if (entry === undefined) return undefined;
      this.held = entry;
      const bytes = entry.bytes ?? (await this.load(entry));
      if (bytes !== undefined) return { payload: entry, bytes };
      this.remove(entry);
      this.droppedPayloads += 1;
    }
  }

  /** A payload of `next` was written. */
  written(payload: Payload): void {
    if (this.held !== payload) return;
    this.held = undefined;
    this.cursor += 1;
  }

  /** A payload and those before it arrived: they are forgotten. */
  delivered(payload: Payload): void {
    const last = this.entries.findIndex((entry) => entry === payload);
    let place: Place | undefined;
    for (const entry of this.entries.slice(0, last + 1)) {
      place = entry.place ?? place;
      this.remove(entry);
    }
    if (place !== undefined) this.settleOnDisk(place);
  }

  /** What was written and not settled is next again. */
  rewind(): void {
    this.held = undefined;
    this.cursor = 0;
  }

  /** Moves all payloads to disk; those that it refuses stay in memory. Nothing without a spool. */
  async secure(): Promise<void> {
    const { spool } = this;
    if (spool === undefined) return;
    await this.inTurn(async () => {
      for (const entry of this.entries.slice()) {
        if (entry.bytes === undefined || !this.entries.includes(entry)) continue;
        entry.place ??= await spool.append(entry.time, entry.bytes);
        // It may have been settled or dropped meanwhile.
        if (!this.entries.includes(entry)) continue;
        entry.bytes = undefined;
        this.memoryBytes -= entry.length;
        this.diskBytes += entry.length;
        this.diskPayloads += 1;
      }
      this.trim();
    });
  }

  async close(): Promise<void> {
    await this.spooling;
    await this.spool?.close();
  }

  private async load(entry: QueuedPayload): Promise<Uint8Array | undefined> {
    await this.spooling;
    return entry.place === undefined
      ? entry.bytes
      : this.spool?.read({ place: entry.place, time: entry.time, length: entry.length });
  }

  private trim(): void {
    while (
      this.memoryBytes > this.limits.memoryBytes &&
      this.drop((one) => one.bytes !== undefined)
    );
    while (this.diskBytes > this.limits.diskBytes && this.drop((one) => one.bytes === undefined));
  }

  /** Drops the oldest of a kind; false when there is none, or only the last of all. */
  private drop(isOfKind: (entry: QueuedPayload) => boolean): boolean {
    const index = this.entries.findIndex((entry) => isOfKind(entry) && entry !== this.held);
    const entry = this.entries[index];
    if (entry === undefined || this.entries.length === 1) return false;
    // Of what was written nobody knows yet whether it is lost.
    if (index >= this.cursor) this.droppedPayloads += 1;
    this.remove(entry);
    if (entry.place !== undefined && index === 0) this.settleOnDisk(entry.place);
    return true;
  }

  private remove(entry: QueuedPayload): void {
    const index = this.entries.indexOf(entry);
    if (index < 0) return;
    this.entries.splice(index, 1);
    if (index < this.cursor) this.cursor -= 1;
    if (entry.bytes !== undefined) {
      this.memoryBytes -= entry.length;
      return;
    }
    this.diskBytes -= entry.length;
    this.diskPayloads -= 1;
  }

  private settleOnDisk(place: Place): void {
    void this.inTurn(async () => {
      const next = this.entries.find((entry) => entry.place !== undefined)?.place?.file;
      await this.spool!.delivered(place, next); // whoever has a place has a spool
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.spooling = this.spooling.then(work).catch((error: unknown) => {
      this.onError(`queue on disk: ${error instanceof Error ? error.message : String(error)}`);
    });
    return this.spooling;
  }
}
