/**
 * Memory that the batches of a producer cross threads in: shared, so that neither posting a batch nor
 * posting it on copies its columns. One piece holds one batch; it is used again once its number has
 * come back. Left to the garbage collector, pieces would pile up in a thread that makes no garbage.
 */

/** Pieces that wait for the next batches. */
const FREE_MAX = 3;
/** A piece has room for batches that are larger by this than the one that it is made for. */
const SPARE = 1.25;
const ALIGNMENT = 8;

export class BatchMemory {
  private readonly free: SharedArrayBuffer[] = [];
  private readonly out = new Map<number, SharedArrayBuffer>();
  private lastSlot = 0;

  /** The batch with its columns in shared memory; `slot` comes back by `give`. */
  share<T extends object>(batch: T): T & { slot: number } {
    const bytes = columnBytes(batch);
    const memory = this.take(bytes);
    const slot = ++this.lastSlot;
    this.out.set(slot, memory);
    return { ...copiedInto(batch, memory), slot };
  }

  /** Nobody reads the batch of this slot any more. */
  give(slot: number): void {
    const memory = this.out.get(slot);
    this.out.delete(slot);
    if (memory !== undefined && this.free.length < FREE_MAX) this.free.push(memory);
  }

  private take(bytes: number): SharedArrayBuffer {
    const memory = this.free.pop();
    if (memory !== undefined && memory.byteLength >= bytes) return memory;
    return new SharedArrayBuffer(Math.ceil(bytes * SPARE));
  }
}

/** The batch with its columns in memory of its own, exactly as long as they are. */
export function copied<T extends object>(batch: T): T {
  return copiedInto(batch, new ArrayBuffer(columnBytes(batch)));
}

type Column = Uint8Array | Uint32Array | Float64Array;

/** Of all columns, at any depth, each from a multiple of eight. */
function columnBytes(message: object): number {
  let bytes = 0;
  for (const part of Object.values(message)) {
    if (ArrayBuffer.isView(part)) bytes += aligned(part.byteLength);
    else if (typeof part === 'object' && part !== null) bytes += columnBytes(part);
  }
  return bytes;
}

function copiedInto<T extends object>(message: T, memory: ArrayBuffer | SharedArrayBuffer): T {
  let from = 0;
  const copyOf = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (!ArrayBuffer.isView(part)) {
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, copyOf(value)]));
    }
    const column = part as Column; // a batch has no others
    const Kind = column.constructor as new (
      memory: ArrayBufferLike,
      from: number,
      length: number,
    ) => Column;
    const copy = new Kind(memory, from, column.length);
    copy.set(column);
    from += aligned(column.byteLength);
    return copy;
  };
  return copyOf(message) as T;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
