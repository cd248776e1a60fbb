/**
 * What disk-shim.c recorded of a data file, and the states that a power cut could have left it in:
 * everything synced is there, of the rest any subset of pages, some of them torn.
 *
 *     kind u8 | synchronous u8 | 0 u16 | length u32 | offset u64 | bytes
 *
 * little-endian; kind 4 is an acknowledgement, written by writer-child.ts, `offset` its operation.
 */
import fs from 'node:fs';

const WRITE = 1;
const SYNC = 2;
const TRUNCATE = 3;
const ACKNOWLEDGEMENT = 4;
const HEADER_BYTES = 16;
const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;

interface TraceRecord {
  kind: number;
  /** The write was durable when it returned. */
  synchronous: boolean;
  offset: number;
  bytes: Uint8Array;
}

/** A page of a write that may or may not have reached the disk. */
interface PendingPage {
  offset: number;
  bytes: Uint8Array;
}

export function acknowledgementRecord(operation: number): Uint8Array {
  const record = Buffer.alloc(HEADER_BYTES);
  record[0] = ACKNOWLEDGEMENT;
  record.writeBigUInt64LE(BigInt(operation), 8);
  return record;
}

export class WriteTrace {
  readonly records: TraceRecord[] = [];

  constructor(file: string) {
    const data = fs.readFileSync(file);
    for (let at = 0; at + HEADER_BYTES <= data.length;) {
      const length = data.readUInt32LE(at + 4);
      const bytes = data.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
      const offset = Number(data.readBigUInt64LE(at + 8));
      this.records.push({ kind: data[at]!, synchronous: data[at + 1] === 1, offset, bytes });
      at += HEADER_BYTES + length;
    }
  }

  count(kind: 'write' | 'sync' | 'acknowledgement'): number {
    const code = { write: WRITE, sync: SYNC, acknowledgement: ACKNOWLEDGEMENT }[kind];
    return this.records.filter((record) => record.kind === code).length;
  }

  /** Index of the first record after the acknowledgement of an operation; -1 when there is none. */
  indexAfter(operation: number): number {
    const index = this.records.findIndex(
      ({ kind, offset }) => kind === ACKNOWLEDGEMENT && offset >= operation,
    );
    return index < 0 ? -1 : index + 1;
  }

  /** The file as it is when nothing is lost. */
  whole(): Uint8Array {
    return this.cut(this.records.length, () => 0, { keep: 1 }).image;
  }

  /**
   * The file after a power cut during record `end`: of the pages that were not synced a share of
   * `keep` is there. With `deafFrom` the syncs from that record on are not believed, as a store
   * that never syncs would have it: proof that damage is noticed.
   */
  cut(
    end: number,
    random: () => number,
    options: { keep: number; deafFrom?: number },
  ): { image: Uint8Array; acknowledged: number; pendingPages: number } {
    const image = new Image();
    let pending: PendingPage[] = [];
    let acknowledged = -1;
    for (let index = 0; index < end; index++) {
      const { kind, synchronous, offset, bytes } = this.records[index]!;
      const believed = options.deafFrom === undefined || index < options.deafFrom;
      if (kind === ACKNOWLEDGEMENT) acknowledged = Math.max(acknowledged, offset);
      else if (kind === TRUNCATE) image.truncate(offset);
      else if (kind === SYNC) {
        if (!believed) continue;
        for (const page of pending) image.put(page.offset, page.bytes);
        pending = [];
      } else if (kind === WRITE) {
        // A synchronous write that the cut interrupts may have happened or not.
        if (synchronous && believed && index < end - 1) image.put(offset, bytes);
        else pending.push(...pagesOf(offset, bytes));
      }
    }
    for (const page of pending) {
      if (random() < options.keep) image.put(page.offset, page.bytes);
      else if (random() < 0.1) image.put(...torn(page, random));
    }
    return { image: image.bytes(), acknowledged, pendingPages: pending.length };
  }
}

/** Whole pages of a write; its first and last may be parts of one. */
function pagesOf(offset: number, bytes: Uint8Array): PendingPage[] {
  const pages: PendingPage[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + PAGE_BYTES - ((offset + at) % PAGE_BYTES));
    pages.push({ offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return pages;
}

/** Some of the sectors of a page: a disk writes those whole. */
function torn({ offset, bytes }: PendingPage, random: () => number): [number, Uint8Array] {
  const sectors = Math.ceil(bytes.length / SECTOR_BYTES);
  const count = Math.floor(random() * sectors);
  return [offset, bytes.subarray(0, count * SECTOR_BYTES)];
}

class Image {
  private data = new Uint8Array(1 << 20);
  private length = 0;

  put(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.data.length) {
      const larger = new Uint8Array(Math.max(end, this.data.length * 2));
      larger.set(this.data);
      this.data = larger;
    }
    this.data.set(bytes, offset);
    this.length = Math.max(this.length, end);
  }

  truncate(length: number): void {
    this.data.fill(0, length, this.length);
    this.length = length;
  }

  bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }
}
