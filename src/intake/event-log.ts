/**
 * Events (annotations): what happened, when, with which tags. Each is one record of the store, beside
 * the series:
 *
 *     key   events/000000000042         ids count up from 1
 *     text  {"id":42,"when":1700000000,"what":"deploy","data":"by bob","tags":["deploy","web"],
 *            "at":1700000003}           when it came, which answers do not show
 *
 * Times and tags of all are in memory, so a search reads only what it answers. How long events are
 * kept is their own affair (`eventRetention`, `maxEvents`), not that of the series' archives.
 *
 * `http/events.ts` writes and lists them; the render function `events()` reads the same records.
 */
import { UserError } from '../lib/errors.ts';
import { isNestedTooDeeply } from '../lib/nesting.ts';
import type { EventKeeping } from '../config/config.ts';
import type { RecordStore } from '../storage/roles.ts';

const EVENT_PREFIX = 'events/';

export interface Event {
  id: number;
  /** Epoch seconds. */
  when: number;
  what: string;
  data: string;
  tags: string[];
}

/** An event as a client posts it. */
export interface PostedEvent {
  what: string;
  /** Epoch seconds as a number or its text; the time of arrival when absent. */
  when?: unknown;
  /** A text, or anything else, which is kept as JSON. */
  data?: unknown;
  /** Tags, or one text with blanks or commas between them. */
  tags?: readonly string[] | string | null;
}

export interface EventQuery {
  /** Epoch seconds, both ends included. */
  from: number;
  until: number;
  /** Absent: all events. */
  tags?: readonly string[] | undefined;
  /**
   * `all` (what graphite-web does unasked): every tag that some event carries, the others do not
   * count; `every`: each of them; `any`: one is enough. Without a tag that is known, nothing is found.
   */
  match: 'all' | 'every' | 'any';
  /** Epoch seconds. */
  now: number;
}

/** What a search looks at. */
interface StoredEvent {
  id: number;
  when: number;
  /** Epoch seconds of arrival; 0 where it was not written down. */
  at: number;
  tags: readonly string[];
}

/** Last time that an event may carry: the end of year 9999. */
const WHEN_MAX = 253_402_300_799;
/** Characters of one event as JSON. */
const EVENT_LENGTH_MAX = 65_536;
/** Events that are read one by one, or an eighth of all; for more all of them are gone through. */
const READ_ALONE_MAX = 200;
/** Events that one post deletes at most; what is left waits for the next. */
const PRUNED_AT_ONCE = 100;

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
  private readonly store: RecordStore;
  /** In the order of their ids. */
  private readonly entries = new Map<number, StoredEvent>();
  /** Ids are given out one after the other, also to requests that overlap. */
  private lastId = 0;

  /** Reads what the store has. */
  constructor(store: RecordStore, keeping: EventKeeping = { seconds: 0, count: Infinity }) {
    this.store = store;
    this.keeping = keeping;
    for (const { text } of store.listRecords(EVENT_PREFIX)) {
      const { id, when, tags, at = 0 } = JSON.parse(text) as Event & { at?: number };
      this.entries.set(id, { id, when, at, tags });
      this.lastId = Math.max(this.lastId, id);
    }
  }

  /** Events that are kept, those past their time counted until they are deleted. */
  get size(): number {
    return this.entries.size;
  }

  /** Keeps an event as a client posted it; throws a sentence when it cannot be stored. */
  async add(posted: PostedEvent, now: number): Promise<Event> {
    const read = readPosted(posted, now);
    const id = this.lastId + 1;
    const event: Event = { id, ...read };
    const at = Math.trunc(now);
    const text = JSON.stringify({ ...event, at });
    if (text.length > EVENT_LENGTH_MAX) {
      throw new UserError(
        'tooLarge',
        `event of ${text.length} characters read, at most ${EVENT_LENGTH_MAX} are kept`,
      );
    }
    this.lastId = id;
    await this.store.putRecord(eventKey(id), text);
    this.entries.set(id, { id, when: event.when, at, tags: event.tags });
    await this.prune(now, PRUNED_AT_ONCE);
    return event;
  }

  get(id: number, now: number): Event | undefined {
    const entry = this.entries.get(id);
    return entry === undefined || this.isOver(entry, now) ? undefined : this.read(id);
  }

  /** Events in time order. */
  find({ from, until, tags, match, now }: EventQuery): Event[] {
    const found: StoredEvent[] = [];
    const known = tags?.filter((tag) => this.isKnown(tag));
    if (known?.length === 0) return [];
    const wanted = match === 'every' ? tags : known;
    for (const entry of this.entries.values()) {
      if (entry.when < from || entry.when > until || this.isOver(entry, now)) continue;
      if (wanted !== undefined) {
        const has = (tag: string): boolean => entry.tags.includes(tag);
        if (!(match === 'any' ? wanted.some(has) : wanted.every(has))) continue;
      }
      found.push(entry);
    }
    found.sort((a, b) => a.when - b.when || a.id - b.id);
    if (found.length <= Math.max(READ_ALONE_MAX, this.entries.size / 8)) {
      return found.flatMap(({ id }) => this.read(id) ?? []);
    }
    const all = new Map<number, Event>();
    for (const { text } of this.store.listRecords(EVENT_PREFIX)) {
      const event = eventOf(text);
      all.set(event.id, event);
    }
    return found.flatMap(({ id }) => all.get(id) ?? []);
  }

  private isKnown(tag: string): boolean {
    for (const { tags } of this.entries.values()) if (tags.includes(tag)) return true;
    return false;
  }

  /**
   * Deletes events past their time and the first ones of too many, `most` of them; resolves to their
   * number. What is past its time is not shown before either.
   */
  async prune(now: number, most = Infinity): Promise<number> {
    const over: number[] = [];
    let surplus = this.entries.size - this.keeping.count;
    for (const entry of this.entries.values()) {
      if (over.length >= most) break;
      if (surplus <= 0 && this.keeping.seconds === 0) break;
      if (surplus <= 0 && !this.isOver(entry, now)) continue;
      if (!this.isOver(entry, now)) this.surplusDeleted += 1;
      surplus -= 1;
      over.push(entry.id);
    }
    for (const id of over) this.entries.delete(id);
    for (const id of over) await this.store.putRecord(eventKey(id), undefined);
    return over.length;
  }

  /** An event is kept for its time from when it happened, or came if that was later. */
  private isOver({ when, at }: StoredEvent, now: number): boolean {
    const { seconds } = this.keeping;
    return seconds > 0 && Math.max(when, at) < now - seconds;
  }

  private read(id: number): Event | undefined {
    const [record] = this.store.listRecords(eventKey(id));
    return record === undefined ? undefined : eventOf(record.text);
  }
}

/** A record without what answers do not show. */
function eventOf(text: string): Event {
  const { at: _at, ...event } = JSON.parse(text) as Event & { at?: number };
  return event;
}

function eventKey(id: number): string {
  return EVENT_PREFIX + String(id).padStart(12, '0');
}

function readPosted({ what, when, data, tags }: PostedEvent, now: number): Omit<Event, 'id'> {
  return { when: readWhen(when, now), what, data: readData(data), tags: readTags(tags) };
}

function readWhen(when: unknown, now: number): number {
  if (when === undefined || when === null) return Math.trunc(now);
  const seconds = typeof when === 'string' && when.trim() !== '' ? Number(when) : when;
  if (typeof seconds === 'number' && Math.abs(seconds) <= WHEN_MAX) return Math.trunc(seconds);
  throw new UserError('badRequest', '"when": expected epoch seconds');
}

function readData(data: unknown): string {
  if (data === undefined || data === null) return '';
  if (typeof data === 'string') return data;
  if (isNestedTooDeeply(data)) {
    throw new UserError('badRequest', '"data": nested too deeply to be kept');
  }
  return JSON.stringify(data);
}

function readTags(tags: PostedEvent['tags']): string[] {
  const list = typeof tags === 'string' ? [tags] : (tags ?? []);
  return [...new Set(list.flatMap(splitTags))];
}

/** Tags of an event in one text, between blanks or commas. */
function splitTags(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== '');
}
