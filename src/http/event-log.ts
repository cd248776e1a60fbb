/**
 * Events (annotations): what happened, when, with which tags. Each is one record of the store, so
 * they live and die with the series:
 *
 *     key   events/000000000042         ids count up from 1
 *     text  {"id":42,"when":1700000000,"what":"deploy","data":"by bob","tags":["deploy","web"]}
 *
 * `http/events.ts` writes and lists them; the render function `events()` reads the same records.
 */
import { UserError } from '../lib/errors.ts';
import type { Store } from '../storage/store.ts';

export const EVENT_PREFIX = 'events/';

export interface Event {
  id: number;
  /** Epoch seconds. */
  when: number;
  what: string;
  data: string;
  tags: string[];
}

export interface EventQuery {
  /** Epoch seconds, both ends included. */
  from: number;
  until: number;
  /** None: all events. */
  tags: readonly string[];
  /** Whether one of the tags is enough, or all are needed. */
  any: boolean;
}

/** Last time that an event may carry: the end of year 9999. */
const WHEN_MAX = 253_402_300_799;

/** Events that are kept; of more the oldest go. */
const EVENTS_MAX = 50_000;
const logs = new WeakMap<Store, EventLog>();

/** The one log of a store that adds events: two would give out the same ids. */
export function eventLogOf(store: Store): EventLog {
  let log = logs.get(store);
  if (log === undefined) logs.set(store, (log = new EventLog(store)));
  return log;
}

export class EventLog {
  private readonly store: Store;
  private readonly max: number;
  /** Ids are given out one after the other, also to requests that overlap. */
  private lastId: number | undefined;

  constructor(store: Store, max = EVENTS_MAX) {
    this.store = store;
    this.max = max;
  }

  /** Keeps an event as a client posted it; throws a sentence when it cannot be one. */
  async add(posted: unknown, now: number): Promise<Event> {
    const event = { id: 0, ...readPosted(posted, now) };
    this.lastId ??= this.all().at(-1)?.id ?? 0;
    this.lastId += 1;
    event.id = this.lastId;
    await this.store.putRecord(eventKey(event.id), JSON.stringify(event));
    if (event.id > this.max) await this.store.putRecord(eventKey(event.id - this.max), undefined);
    return event;
  }

  get(id: number): Event | undefined {
    return this.read(eventKey(id))[0];
  }

  all(): Event[] {
    return this.read(EVENT_PREFIX);
  }

  /** Events in time order. */
  find({ from, until, tags, any }: EventQuery): Event[] {
    const wanted = (event: Event): boolean => {
      if (event.when < from || event.when > until) return false;
      if (tags.length === 0) return true;
      return any
        ? tags.some((tag) => event.tags.includes(tag))
        : tags.every((tag) => event.tags.includes(tag));
    };
    return this.all()
      .filter(wanted)
      .sort((a, b) => a.when - b.when || a.id - b.id);
  }

  private read(prefix: string): Event[] {
    return this.store.listRecords(prefix).map(({ text }) => JSON.parse(text) as Event);
  }
}

function eventKey(id: number): string {
  return EVENT_PREFIX + String(id).padStart(12, '0');
}

function readPosted(posted: unknown, now: number): Omit<Event, 'id'> {
  if (typeof posted !== 'object' || posted === null || Array.isArray(posted)) {
    throw new UserError('badRequest', 'event: expected a JSON object with "what"');
  }
  const { what, when, data, tags } = posted as Record<string, unknown>;
  if (typeof what !== 'string') throw new UserError('badRequest', '"what": expected text');
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
  return typeof data === 'string' ? data : JSON.stringify(data);
}

function readTags(tags: unknown): string[] {
  if (tags === undefined || tags === null) return [];
  const list: unknown[] = Array.isArray(tags) ? tags : [tags];
  if (!list.every((tag) => typeof tag === 'string')) {
    throw new UserError('badRequest', '"tags" must be an array or space-separated string');
  }
  return [...new Set(list.flatMap(splitTags))];
}

/** Tags as Grafana and Graphite write them in one text, between blanks or commas. */
export function splitTags(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== '');
}
