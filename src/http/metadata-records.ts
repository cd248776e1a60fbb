/**
 * Metadata: named texts beside a series, each one record of the store, bounded in number and bytes.
 *
 *     key   metadata/owner/a.b
 *     text  "web"                  as JSON
 *
 * How many there are is counted a page at a time, when the first one is written.
 */
import { badRequest, overLimit } from '../lib/errors.ts';
import { recordPages } from '../storage/record-pages.ts';
import type { RecordStore } from '../storage/roles.ts';
import { lookupName } from '../wire/series-name.ts';

const METADATA_PREFIX = 'metadata/';
/** Bytes of key and metric together: LMDB's own keys are bounded by 1,978. */
const METADATA_KEY_BYTES_MAX = 1000;
/** Bytes of records that are read between two turns of the event loop. */
const PAGE_BYTES = 256 * 1024;

export interface MetadataKeeping {
  /** Most records. */
  count: number;
  /** Of their keys and texts. */
  bytes: number;
}

export class MetadataRecords {
  count = 0;
  bytes = 0;
  /** Not written, because there are so many already. */
  refused = 0;
  private readonly store: RecordStore;
  private readonly keeping: MetadataKeeping;
  private counted: Promise<void> | undefined;
  /** Texts on their way to the disk. */
  private readonly writing = new Map<string, string | undefined>();

  constructor(store: RecordStore, keeping: MetadataKeeping) {
    this.store = store;
    this.keeping = keeping;
  }

  get(metric: string, key: string): string | null {
    const text = this.store.getRecord(recordKey(metric, key));
    return text === undefined ? null : (JSON.parse(text) as string);
  }

  /** Resolves, when it is durable, to the value before; an empty value removes the record. */
  async set(metric: string, key: string, value: string): Promise<string | null> {
    const record = recordKey(metric, key);
    this.counted ??= this.countAll();
    await this.counted;
    const before = this.writing.has(record)
      ? this.writing.get(record)
      : this.store.getRecord(record);
    const text = value === '' ? undefined : JSON.stringify(value);
    const count = Number(text !== undefined) - Number(before !== undefined);
    const bytes = bytesOf(record, text) - bytesOf(record, before);
    this.checkRoom(count, bytes);
    this.count += count;
    this.bytes += bytes;
    this.writing.set(record, text);
    await this.store.putRecord(record, text);
    if (this.writing.get(record) === text) this.writing.delete(record);
    return before === undefined ? null : (JSON.parse(before) as string);
  }

  private checkRoom(count: number, bytes: number): void {
    const { keeping } = this;
    const isTooMany = count > 0 && this.count + count > keeping.count;
    if (!isTooMany && (bytes <= 0 || this.bytes + bytes <= keeping.bytes)) return;
    this.refused += 1;
    throw overLimit(
      isTooMany
        ? `there are ${this.count} records of metadata, maxMetadata allows no more`
        : `metadata have ${this.bytes} bytes, maxMetadataBytes allows ${keeping.bytes}`,
    );
  }

  private async countAll(): Promise<void> {
    for await (const page of recordPages(this.store, METADATA_PREFIX, PAGE_BYTES)) {
      for (const { key, text } of page) {
        this.count += 1;
        this.bytes += bytesOf(key, text);
      }
    }
  }
}

function bytesOf(key: string, text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(key) + Buffer.byteLength(text);
}

/** Half a surrogate pair, which JSON can spell, has no bytes: the replacement character stands for it. */
function recordKey(metric: string, key: string): string {
  const name = `${METADATA_PREFIX}${encodeURIComponent(Buffer.from(key).toString())}/${lookupName(metric)}`;
  if (Buffer.byteLength(name) > METADATA_KEY_BYTES_MAX) {
    throw badRequest(`metric and key: at most ${METADATA_KEY_BYTES_MAX} bytes together`);
  }
  return name;
}
