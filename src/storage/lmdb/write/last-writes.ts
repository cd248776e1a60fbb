/**
 * When a value of each series last came, as the writer keeps it: a column by id. It changes with
 * every flush, so it is stored every ten minutes and at the end; blocks of ids that changed hands at
 * once, so that no series inherits another's age.
 */
import { grown } from '../../../lib/grown.ts';
import type { Environment } from '../db/environment.ts';
import { LAST_WRITE_BLOCK, LAST_WRITE_CODEC, decodeLastWrites } from '../db/last-write.ts';
import { readUint32Key } from '../db/record-bytes.ts';
import type { WriteBatch } from '../db/write-batch.ts';

/** Seconds of the data's own time between two times of storing all that changed. */
const STORE_EVERY = 600;

export class LastWrites {
  private times = new Uint32Array(LAST_WRITE_BLOCK);
  /** By block: 1 where it changed since it was stored. */
  private changed = new Uint8Array(1);
  private readonly urgent = new Set<number>();
  private storedAt = 0;
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
    for (const { key, value } of environment.lastWrites.getRange()) {
      const block = readUint32Key(key);
      const times = decodeLastWrites(key, value);
      if (block === undefined || times === undefined) continue; // unknown is what it says then
      this.reserve(block * LAST_WRITE_BLOCK + LAST_WRITE_BLOCK - 1);
      this.times.set(times, block * LAST_WRITE_BLOCK);
    }
  }

  /** Epoch seconds, 0 where unknown. */
  get(id: number): number {
    return this.times[id] ?? 0;
  }

  /** A value came; the id was reset when its series was made. */
  note(id: number, time: number): void {
    if (time <= this.times[id]!) return;
    this.times[id] = time;
    this.changed[id >>> 8] = 1;
  }

  /** The id is another series' now. */
  reset(id: number): void {
    this.reserve(id);
    this.times[id] = 0;
    this.urgent.add(id >>> 8);
  }

  addTo(batch: WriteBatch, newest: number, atEnd: boolean): void {
    const { changed, urgent } = this;
    const all = atEnd || newest - this.storedAt >= STORE_EVERY || newest < this.storedAt;
    const blocks = new Set(urgent);
    if (all) changed.forEach((flag, block) => void (flag === 1 && blocks.add(block)));
    for (const block of blocks) {
      const from = block * LAST_WRITE_BLOCK;
      const times = this.times.subarray(from, from + LAST_WRITE_BLOCK);
      const { key, encode } = LAST_WRITE_CODEC;
      batch.put(this.environment.lastWrites, key(block), encode(block, times));
    }
    batch.onCommitted(() => {
      for (const block of blocks) changed[block] = 0;
      urgent.clear();
      if (all) this.storedAt = newest;
    });
  }

  private reserve(id: number): void {
    if (id < this.times.length) return;
    const blocks = Math.ceil(Math.max(id + 1, this.times.length * 2) / LAST_WRITE_BLOCK);
    this.times = grown(this.times, new Uint32Array(blocks * LAST_WRITE_BLOCK));
    this.changed = grown(this.changed, new Uint8Array(blocks));
  }
}
