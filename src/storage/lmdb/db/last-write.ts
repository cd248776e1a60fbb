/**
 * When a value of each series last came, as the writer keeps it: a column by id, stored in blocks
 * (FORMAT.md, "Seen"). It changes with every flush, so it is stored every ten minutes and at the
 * end; blocks of ids that changed hands at once, so that no series inherits another's age.
 */
import { crc32 } from 'node:zlib';
import type { Environment } from './environment.ts';

/** Series in a block, which is small enough to need no pages of its own. */
export const SEEN_BLOCK = 256;
/** Seconds of the data's own time between two times of storing all that changed. */
const STORE_EVERY = 600;

export class LastWriteColumn {
  private times = new Uint32Array(SEEN_BLOCK);
  /** By block: 1 where it changed since it was stored. */
  private changed = new Uint8Array(1);
  private readonly urgent = new Set<number>();
  private storedAt = 0;
  /** Blocks of the transaction under way, and the time it is of when it takes all. */
  private writing: number[] = [];
  private writingAt = 0;
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
    for (const { key, value } of environment.seen.getRange()) {
      const block = readUint32(key);
      const times = decodeSeen(value);
      if (times === undefined) continue; // unknown is what it says then
      this.reserve(block * SEEN_BLOCK + SEEN_BLOCK - 1);
      this.times.set(times, block * SEEN_BLOCK);
    }
  }

  get(id: number): number {
    return this.times[id] ?? 0;
  }

  /** Makes room for an id; before `saw`. */
  reserve(id: number): void {
    if (id < this.times.length) return;
    const blocks = Math.ceil(Math.max(id + 1, this.times.length * 2) / SEEN_BLOCK);
    const times = new Uint32Array(blocks * SEEN_BLOCK);
    times.set(this.times);
    this.times = times;
    const changed = new Uint8Array(blocks);
    changed.set(this.changed);
    this.changed = changed;
  }

  saw(id: number, time: number): void {
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

  /** Within a transaction; `settle` when it is durable. */
  write(newest: number, atEnd: boolean): void {
    const { environment, changed, urgent } = this;
    const all = atEnd || newest - this.storedAt >= STORE_EVERY || newest < this.storedAt;
    const blocks = new Set(urgent);
    if (all) changed.forEach((flag, block) => void (flag === 1 && blocks.add(block)));
    for (const block of blocks) {
      const from = block * SEEN_BLOCK;
      const times = this.times.subarray(from, from + SEEN_BLOCK);
      environment.seen.putSync(blockKey(block), encodeSeen(times));
    }
    this.writing = [...blocks];
    this.writingAt = all ? newest : this.storedAt;
  }

  settle(): void {
    for (const block of this.writing) {
      this.changed[block] = 0;
      this.urgent.delete(block);
    }
    this.writing = [];
    this.storedAt = this.writingAt;
  }
}

export function blockKey(block: number): Uint8Array {
  return Uint8Array.of(block >>> 24, block >>> 16, block >>> 8, block);
}

/** Undefined when the record is damaged. */
export function decodeSeen(record: Uint8Array): Uint32Array | undefined {
  const end = SEEN_BLOCK * 4;
  if (record.length !== end + 4) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, end + 4);
  if (crc32(record.subarray(0, end)) !== view.getUint32(end, true)) return undefined;
  const times = new Uint32Array(SEEN_BLOCK);
  for (let i = 0; i < SEEN_BLOCK; i++) times[i] = view.getUint32(i * 4, true);
  return times;
}

function encodeSeen(times: Uint32Array): Uint8Array {
  const record = new Uint8Array(SEEN_BLOCK * 4 + 4);
  const view = new DataView(record.buffer);
  for (let i = 0; i < times.length; i++) view.setUint32(i * 4, times[i]!, true);
  view.setUint32(SEEN_BLOCK * 4, crc32(record.subarray(0, SEEN_BLOCK * 4)), true);
  return record;
}

function readUint32(key: Uint8Array): number {
  return ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
}
