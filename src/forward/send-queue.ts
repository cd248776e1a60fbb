/**
 * Payloads on their way to one peer, oldest first: those that wait, and behind the cursor those that
 * were handed to the kernel but not yet known to have been read. They are in memory while the peer
 * keeps up; `secure` moves them to disk where there is a spool. Bounded in memory and on disk: the
 * oldest goes and is counted.
 */
import type { Tell } from './reach.ts';
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

/** The disk is told to have room again from so much over what the store is left. */
const SPARE_BYTES = 4 * 1024 * 1024;

/** What a payload is, one and several: `flush`, `flushes`. */
export type Unit = readonly [one: string, many: string];

interface SendQueueEvents {
  /** Begins a sentence: `Graphite`. */
  peer: string;
  unit: Unit;
  /** Every fault. */
  onError(message: string): void;
  /** Once a change. */
  tell: Tell;
}

export class SendQueue {
  /** The oldest ones, over a bound. */
  droppedPayloads = 0;
  /** The oldest ones on disk, for the store's sake. */
  gaveWayPayloads = 0;
  /** One sentence while the disk does not take what waits. */
  spoolTrouble: string | undefined;
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
  private readonly events: SendQueueEvents;
  /** Work on the spool, one thing after the other. */
  private spooling: Promise<void> = Promise.resolve();

  constructor(
    limits: SendQueueLimits,
    events: SendQueueEvents,
    kept?: { spool: Spool; waiting: readonly Spooled[] },
  ) {
    this.limits = limits;
    this.events = events;
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

  /** Payloads that wait on disk, and records there that could not be read. */
  get onDisk(): { payloads: number; bytes: number; damaged: number } {
    let [payloads, bytes] = [0, 0];
    for (let i = this.cursor; i < this.entries.length; i++) {
      const { bytes: inMemory, length } = this.entries[i]!;
      if (inMemory !== undefined) continue;
      payloads += 1;
      bytes += length;
    }
    return { payloads, bytes, damaged: this.spool?.damaged ?? 0 };
  }

  /** Payloads that a stop leaves on disk, and those that it loses. */
  get left(): { payloads: number; inMemory: number } {
    return { payloads: this.diskPayloads, inMemory: this.entries.length - this.diskPayloads };
  }

  /** Where payloads wait, for a sentence. */
  get place(): string {
    const { memoryBytes, diskBytes } = this.limits;
    return this.spool === undefined
      ? `in memory, ${mebibytes(memoryBytes)} at most`
      : `on disk, ${mebibytes(diskBytes)} at most`;
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
      this.remove(entry); // counted as damaged
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

  /** What was written and not settled is next again; how many payloads that are. */
  rewind(): number {
    const again = this.cursor;
    this.held = undefined;
    this.cursor = 0;
    return again;
  }

  /** Moves all payloads to disk; those that it refuses stay in memory. Nothing without a spool. */
  async secure(): Promise<void> {
    const { spool } = this;
    if (spool === undefined) return;
    await this.inTurn(async () => {
      for (const entry of this.entries.slice()) {
        if (entry.bytes === undefined || !this.entries.includes(entry)) continue;
        if (!(await this.makeRoom(spool, entry.length))) break;
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

  /** The store needs the disk more: the oldest files go while it is low. False: it stays low. */
  private async makeRoom(spool: Spool, bytes: number): Promise<boolean> {
    for (;;) {
      const low = await spool.lowDisk(bytes);
      if (low === undefined) {
        await this.spoolWorks(spool);
        return true;
      }
      const oldest = this.entries.find((entry) => entry.bytes === undefined && entry !== this.held);
      this.spoolFails(low);
      if (oldest?.place === undefined) return false;
      const { file } = oldest.place;
      for (const entry of this.entries.filter((one) => one.place?.file === file)) {
        if (entry === this.held) continue;
        if (this.entries.indexOf(entry) >= this.cursor) this.gaveWayPayloads += 1;
        this.remove(entry);
      }
      await spool.delivered(oldest.place, this.oldestFile());
    }
  }

  private spoolFails(reason: string): void {
    const { peer, unit, tell } = this.events;
    const sentence = `${reason}: the oldest ${unit[1]} that wait for ${peer} are dropped`;
    if (this.spoolTrouble === undefined) tell('warn', sentence);
    this.spoolTrouble = sentence;
  }

  private async spoolWorks(spool: Spool): Promise<void> {
    if (this.spoolTrouble === undefined) return;
    // A file that gave way makes room for a while: that is no end of it.
    if ((await spool.lowDisk(SPARE_BYTES)) !== undefined) return;
    this.spoolTrouble = undefined;
    const { peer, unit, tell } = this.events;
    tell('info', `the disk has room again for ${unit[1]} that wait for ${peer}`);
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
      await this.spool!.delivered(place, this.oldestFile()); // whoever has a place has a spool
    });
  }

  private oldestFile(): number | undefined {
    return this.entries.find((entry) => entry.place !== undefined)?.place?.file;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.spooling = this.spooling.then(work).catch((error: unknown) => {
      const reason = `queue on disk: ${error instanceof Error ? error.message : String(error)}`;
      this.events.onError(reason);
      this.spoolFails(reason);
    });
    return this.spooling;
  }
}

function mebibytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes} bytes` : `${Math.round(bytes / 2 ** 20)} MiB`;
}
