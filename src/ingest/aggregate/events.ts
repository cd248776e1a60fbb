/**
 * Events and service checks on their way to the main thread, between two takings bounded in number
 * and bytes: people read them, so they are rare, and whoever sends a flood of them gets the first
 * ones kept.
 */
import { explainCheck, explainEvent, type TagPair } from '../protocol/statsd/explain-fields.ts';
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import type { Cursor } from '../protocol/cursor.ts';
import type { EventOrCheck } from '../../wire/ingest-messages.ts';

/** Between two takings, which are a second apart. */
const WAITING_MAX = 1000;
/** Of their lines; each tag costs main some microseconds. */
const WAITING_BYTES_MAX = 2 ** 20;
const FLOOD = 0;

export class EventQueue {
  private readonly rejected = new Rejections('notices.refused', ['flood']);
  private waiting: EventOrCheck[] = [];
  private waitingBytes = 0;

  add(cursor: Cursor, read: (cursor: Cursor) => EventOrCheck): void {
    const bytes = cursor.lineTo - cursor.lineFrom;
    const isFull =
      this.waiting.length >= WAITING_MAX || this.waitingBytes + bytes > WAITING_BYTES_MAX;
    if (isFull) {
      this.rejected.count(FLOOD);
      return;
    }
    this.waitingBytes += bytes;
    this.waiting.push(read(cursor));
  }

  rejections(): Rejection[] {
    return this.rejected.list();
  }

  take(): EventOrCheck[] {
    const { waiting } = this;
    if (waiting.length > 0) this.waiting = [];
    this.waitingBytes = 0;
    return waiting;
  }
}

/** What is unusual about an event becomes a tag, so that it can be searched for. */
export function eventOf(cursor: Cursor): EventOrCheck {
  const event = explainEvent(cursor);
  const tags = tagTexts(event.tags);
  if (event.alert_type !== 'info') tags.push(`alert_type:${event.alert_type}`);
  if (event.priority !== 'normal') tags.push(`priority:${event.priority}`);
  if (event.hostname !== undefined) tags.push(`host:${event.hostname}`);
  if (event.source_type !== undefined) tags.push(`source:${event.source_type}`);
  if (event.aggregation_key !== undefined) tags.push(`aggregation_key:${event.aggregation_key}`);
  return { what: event.title, data: event.text, when: event.timestamp, tags, status: undefined };
}

export function checkOf(cursor: Cursor): EventOrCheck {
  const { name, message, timestamp, tags, hostname, status } = explainCheck(cursor);
  const texts = tagTexts(tags);
  if (hostname !== undefined) texts.push(`host:${hostname}`);
  return { what: name, data: message ?? '', when: timestamp, tags: texts, status };
}

function tagTexts(tags: readonly TagPair[]): string[] {
  return tags.map(([name, value]) => (value === null ? name : `${name}:${value}`));
}
