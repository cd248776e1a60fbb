/**
 * What a search for events looks at: time, size and tags of each, in the order of their ids. Tags
 * are kept as hashes, so that an event of many takes no more memory than its record has bytes.
 */
import { crc32 } from 'node:zlib';
import type { Event } from './event-text.ts';

export interface IndexedEvent {
  id: number;
  /** Epoch seconds. */
  when: number;
  /** Epoch seconds of arrival; 0 where it was not written down. */
  at: number;
  /** Of its record. */
  bytes: number;
  tags: readonly number[];
}

/**
 * `all` (what graphite-web does unasked): every tag that some event carries, the others do not
 * count; `every`: each of them; `any`: one is enough. Without a tag that is known, nothing is found.
 */
export type TagMatch = 'all' | 'every' | 'any';

export class EventIndex {
  bytes = 0;
  private readonly entries = new Map<number, IndexedEvent>();

  get size(): number {
    return this.entries.size;
  }

  add({ id, when, tags }: Event, at: number, bytes: number): void {
    this.entries.set(id, { id, when, at, bytes, tags: tags.map(hashOf) });
    this.bytes += bytes;
  }

  remove({ id, bytes }: IndexedEvent): void {
    if (this.entries.delete(id)) this.bytes -= bytes;
  }

  /** `among` as in `find`. */
  get(id: number, among?: readonly string[]): IndexedEvent | undefined {
    const entry = this.entries.get(id);
    return entry === undefined || hasOneOf(entry, among?.map(hashOf)) ? entry : undefined;
  }

  /** The first to come first. */
  all(): Iterable<IndexedEvent> {
    return this.entries.values();
  }

  /**
   * In time order; `tags` are absent for all events. Where `among` is there, it is as if there were no
   * events but those with one of its tags.
   */
  find(
    {
      tags,
      match,
      among,
    }: {
      tags: readonly string[] | undefined;
      match: TagMatch;
      among?: readonly string[] | undefined;
    },
    isWanted: (entry: IndexedEvent) => boolean,
  ): IndexedEvent[] {
    const visible = among?.map(hashOf);
    const hashes = tags?.map(hashOf);
    const known = hashes?.filter((hash) => this.isKnown(hash, visible));
    if (known?.length === 0) return [];
    const wanted = match === 'every' ? hashes : known;
    const found: IndexedEvent[] = [];
    for (const entry of this.entries.values()) {
      if (!hasOneOf(entry, visible) || !isWanted(entry)) continue;
      if (wanted !== undefined) {
        const has = (tag: number): boolean => entry.tags.includes(tag);
        if (!(match === 'any' ? wanted.some(has) : wanted.every(has))) continue;
      }
      found.push(entry);
    }
    return found.sort((a, b) => a.when - b.when || a.id - b.id);
  }

  private isKnown(tag: number, visible: readonly number[] | undefined): boolean {
    for (const entry of this.entries.values()) {
      if (entry.tags.includes(tag) && hasOneOf(entry, visible)) return true;
    }
    return false;
  }
}

function hasOneOf({ tags }: IndexedEvent, wanted: readonly number[] | undefined): boolean {
  return wanted === undefined || wanted.some((tag) => tags.includes(tag));
}

/** Small integers take no memory of their own. Two tags of four billion look alike. */
function hashOf(tag: string): number {
  return crc32(tag) | 0;
}
