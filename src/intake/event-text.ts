/**
 * One event: as a client posts it, and as its record's text. What is posted is read here, and what
 * cannot be kept is a sentence. For `event-log.ts`.
 */
import { UserError } from '../lib/errors.ts';
import { isNestedTooDeeply } from '../lib/nesting.ts';

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

/** Last time that an event may carry: the end of year 9999. */
const WHEN_MAX = 253_402_300_799;
/** Characters of one event as JSON. */
const EVENT_LENGTH_MAX = 65_536;

export function readPosted(
  { what, when, data, tags }: PostedEvent,
  now: number,
): Omit<Event, 'id'> {
  return { when: readWhen(when, now), what, data: readData(data), tags: tagsOf(tags) };
}

/** The text of its record; `at` is when it came. Throws `tooLarge` for an event that is too long. */
export function eventText(event: Event, at: number): string {
  const text = JSON.stringify({ ...event, at });
  if (text.length <= EVENT_LENGTH_MAX) return text;
  throw new UserError(
    'tooLarge',
    `event of ${text.length} characters read, at most ${EVENT_LENGTH_MAX} are kept`,
  );
}

/** Reads a record; `at` is 0 where it was not written down, undefined stands for no event. */
export function readEvent(text: string): { event: Event; at: number } | undefined {
  try {
    const { at = 0, ...event } = JSON.parse(text) as Event & { at?: number };
    return typeof event.when === 'number' && Array.isArray(event.tags) ? { event, at } : undefined;
  } catch {
    return undefined;
  }
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

/** Each once. */
export function tagsOf(tags: PostedEvent['tags']): string[] {
  const list = typeof tags === 'string' ? [tags] : (tags ?? []);
  return [...new Set(list.flatMap(splitTags))];
}

/** Tags in one text, between blanks or commas: of an event, and of a question for events. */
export function splitTags(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== '');
}
