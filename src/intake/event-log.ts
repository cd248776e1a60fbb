/**
 * Events (annotations): what happened, when, with which tags. Each is one record of the store, beside
 * the series:
 *
 *     key   events/000000000042         ids count up from 1
 *     text  {"id":42,"when":1700000000,"what":"deploy","data":"by bob","tags":["deploy","web"],
 *            "at":1700000003}           when it came, which answers do not show
 *
 * Times and tags of all are in memory (`event-index.ts`), so a search reads only what it answers.
 * They are read a page at a time, when they are first asked for. How long events are kept is their
 * own affair (`eventRetention`, `maxEvents`, `maxEventBytes`), not that of the series' archives.
 *
 * `http/events.ts` writes and lists them; the render function `events()` reads the same records.
 */
import { UserError } from '../lib/errors.ts';
import { yieldInOrder } from '../lib/yield-in-order.ts';
import type { EventKeeping } from '../config/config.ts';
import { recordPages } from '../storage/record-pages.ts';
import type { RecordStore } from '../storage/roles.ts';
import { EventIndex, type IndexedEvent, type TagMatch } from './event-index.ts';
import {
  type Event,
  eventText,
  type PostedEvent,
  readEvent,
  readPosted,
  splitTags,
} from './event-text.ts';

const EVENT_PREFIX = 'events/';
/** Bytes of records that are read between two turns of the event loop. */
const PAGE_BYTES = 256 * 1024;
/** Events that one post deletes at most; what is left waits for the next. */
const PRUNED_AT_ONCE = 100;
/** Bytes of events on their way to the disk; more are refused until it has taken them. */
const WAITING_BYTES_MAX = 16 * 2 ** 20;

interface EventFilter {
  /** Epoch seconds, both ends included. */
  from: number;
  until: number;
  /** Texts with tags between blanks or commas; absent: all events. */
  tags?: readonly string[] | undefined;
  match: TagMatch;
  /** Only events with one of these tags are there; absent: all are. */
  among?: readonly string[] | undefined;
  /** Epoch seconds. */
  now: number;
}

export interface EventQuery extends EventFilter {
  /** Only what stands before this event in the order of answers: what a page goes on from. */
  before?: { when: number; id: number } | undefined;
  /** Most events. */
  limit?: number;
  /** Most bytes of their records; one is answered whatever it has. */
  bytes?: number;
}

export interface EventPage {
  /** The last ones that fit, in time order. */
  events: Event[];
  /** Earlier ones that were left out. */
  more: number;
}

const logs = new WeakMap<RecordStore, EventLog>();

/** The one log of a store: two would give out the same ids. */
export function eventLogOf(store: RecordStore): EventLog {
  let log = logs.get(store);
  if (log === undefined) logs.set(store, (log = new EventLog(store)));
  return log;
}

export class EventLog {
  /** How long events are kept; may be changed at any time. */
  keeping: EventKeeping;
  /** Deleted because there were more than are kept. */
  surplusDeleted = 0;
  /** Records that are no events: `verify` says more. */
  unreadable = 0;
  private readonly store: RecordStore;
  private readonly index = new EventIndex();
  private loaded: Promise<void> | undefined;
  /** Ids are given out one after the other, also to requests that overlap. */
  private lastId = 0;
  private waitingBytes = 0;

  constructor(
    store: RecordStore,
    keeping: EventKeeping = { seconds: 0, count: Infinity, bytes: Infinity },
  ) {
    this.store = store;
    this.keeping = keeping;
  }

  /** Reads what the store has, once; everything else waits for it. */
  ready(): Promise<void> {
    this.loaded ??= this.load();
    return this.loaded;
  }

  private async load(): Promise<void> {
    for await (const page of recordPages(this.store, EVENT_PREFIX, PAGE_BYTES)) {
      for (const { key, text } of page) {
        const read = readEvent(text);
        if (read === undefined) this.unreadable += 1;
        else this.index.add(read.event, read.at, Buffer.byteLength(text));
        this.lastId = Math.max(this.lastId, Number(key.slice(EVENT_PREFIX.length)) || 0);
      }
    }
  }

  /** Events that are kept, those past their time counted until they are deleted. */
  get size(): number {
    return this.index.size;
  }

  /** Of their records. */
  get bytes(): number {
    return this.index.bytes;
  }

  /** Keeps an event as a client posted it; throws a sentence when it cannot be stored. */
  async add(posted: PostedEvent, now: number): Promise<Event> {
    const read = readPosted(posted, now);
    await this.ready();
    const event: Event = { id: this.lastId + 1, ...read };
    const at = Math.trunc(now);
    const text = eventText(event, at);
    const bytes = Buffer.byteLength(text);
    if (this.waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw new UserError('storeBusy', 'events come faster than the disk takes them: try later');
    }
    this.lastId = event.id;
    this.waitingBytes += bytes;
    try {
      await this.store.putRecord(eventKey(event.id), text);
    } finally {
      this.waitingBytes -= bytes;
    }
    this.index.add(event, at, bytes);
    await this.prune(now, PRUNED_AT_ONCE);
    return event;
  }

  /** `among` as in EventFilter. */
  async get(id: number, now: number, among?: readonly string[]): Promise<Event | undefined> {
    await this.ready();
    const entry = this.index.get(id, among);
    return entry === undefined || this.isOver(entry, now) ? undefined : this.read(id);
  }

  /** The last events that fit into a page. */
  async find({
    before,
    limit = Infinity,
    bytes = Infinity,
    ...filter
  }: EventQuery): Promise<EventPage> {
    const found = await this.search(filter);
    const all =
      before === undefined
        ? found
        : found.filter(
            ({ when, id }) => when < before.when || (when === before.when && id < before.id),
          );
    let first = all.length;
    let room = bytes;
    while (first > 0 && all.length - first < limit) {
      room -= all[first - 1]!.bytes;
      if (room < 0 && first < all.length) break;
      first -= 1;
    }
    return { events: await this.readAll(all.slice(first)), more: first };
  }

  private async readAll(entries: readonly IndexedEvent[]): Promise<Event[]> {
    const events: Event[] = [];
    let read = 0;
    for (const { id, bytes } of entries) {
      const event = this.read(id);
      if (event !== undefined) events.push(event);
      read += bytes;
      if (read < PAGE_BYTES) continue;
      read = 0;
      await yieldInOrder();
    }
    return events;
  }

  /** The times of events, in order. */
  async times(filter: EventFilter): Promise<number[]> {
    return (await this.search(filter)).map(({ when }) => when);
  }

  private async search({
    from,
    until,
    tags,
    match,
    among,
    now,
  }: EventFilter): Promise<IndexedEvent[]> {
    await this.ready();
    return this.index.find(
      { tags: tags?.flatMap(splitTags), match, among },
      (entry) => entry.when >= from && entry.when <= until && !this.isOver(entry, now),
    );
  }

  /**
   * Deletes events past their time and the first ones of too many, `most` of them; resolves to their
   * number. What is past its time is not shown before either.
   */
  async prune(now: number, most = Infinity): Promise<number> {
    await this.ready();
    const over: IndexedEvent[] = [];
    let surplus = this.index.size - this.keeping.count;
    let surplusBytes = this.index.bytes - this.keeping.bytes;
    for (const entry of this.index.all()) {
      if (over.length >= most) break;
      const isSurplus = surplus > 0 || surplusBytes > 0;
      if (!isSurplus && this.keeping.seconds === 0) break;
      const isOver = this.isOver(entry, now);
      if (!isSurplus && !isOver) continue;
      if (!isOver) this.surplusDeleted += 1;
      surplus -= 1;
      surplusBytes -= entry.bytes;
      over.push(entry);
    }
    for (const entry of over) this.index.remove(entry);
    // Together, so that one commit takes many of them.
    for (let i = 0; i < over.length; i += PRUNED_AT_ONCE) {
      const some = over.slice(i, i + PRUNED_AT_ONCE);
      await Promise.all(some.map(({ id }) => this.store.putRecord(eventKey(id), undefined)));
    }
    return over.length;
  }

  /** An event is kept for its time from when it happened, or came if that was later. */
  private isOver({ when, at }: IndexedEvent, now: number): boolean {
    const { seconds } = this.keeping;
    return seconds > 0 && Math.max(when, at) < now - seconds;
  }

  private read(id: number): Event | undefined {
    const text = this.store.getRecord(eventKey(id));
    return text === undefined ? undefined : readEvent(text)?.event;
  }
}

function eventKey(id: number): string {
  return EVENT_PREFIX + String(id).padStart(12, '0');
}
