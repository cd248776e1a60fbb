/**
 * Keeps DogStatsD's events and service checks: an event is one of `/events`; a check is a gauge, and
 * an event whenever its status changes. For `daemon.ts`.
 *
 *     _e{6,6}:deploy|by bob|#app:web      what "deploy", data "by bob", tags ["app:web"]
 *     _sc|disk|2|#host:a|m:full           stats.gauges.disk;host=a = 2, and an event "disk: critical"
 */
import type { NamespaceConfig } from '../config/config.ts';
import { type Rejection, Rejections } from '../rejections/rejections.ts';
import type { EventLog } from './event-log.ts';
import type { Event } from './event-text.ts';
import type { SampleWriter } from '../storage/roles.ts';
import { NamedBatch } from '../wire/named-batch.ts';
import { PRODUCER_CHECKS } from '../wire/sample-batch.ts';
import type { EventOrCheck } from '../wire/ingest-messages.ts';

const STATUSES = ['ok', 'warning', 'critical', 'unknown'];
/** Checks whose last status is remembered; of more every report is taken for a change. */
const CHECKS_MAX = 100_000;

/** A record too long for an event, or a store that refuses. */
const NOT_STORED = 0;
const REASONS = ['notStored'];

interface CheckReport {
  name: string;
  time: number;
  status: number;
}

export class EventsAndChecks {
  private readonly store: SampleWriter;
  private readonly log: EventLog;
  private readonly root: string;
  private readonly rejected = new Rejections('notices.refused', REASONS);
  private readonly gauges = new NamedBatch(PRODUCER_CHECKS);
  private readonly statuses = new Map<string, number>();

  constructor(store: SampleWriter, log: EventLog, namespace: NamespaceConfig) {
    this.store = store;
    this.log = log;
    const { legacy, globalPrefix, prefixGauge } = namespace;
    const parts = legacy === false ? [globalPrefix, prefixGauge] : ['stats', 'gauges'];
    this.root = parts.filter((part) => part !== '').join('.');
  }

  /** Resolves when all of them are durable. `now` in epoch seconds. */
  async take(sent: readonly EventOrCheck[], now: number): Promise<void> {
    const checks: CheckReport[] = [];
    // Together, so that one commit takes many of them.
    const adding: Promise<unknown>[] = [];
    for (const one of sent) {
      const { what, data, tags, status } = one;
      const when = one.when ?? now;
      if (status === undefined) {
        adding.push(this.add({ what, data, when, tags: tags.map(oneWord) }, now));
        continue;
      }
      const name = this.gaugeName(one);
      checks.push({ name, time: when, status });
      if (!this.isChange(name, status)) continue;
      const title = `${what}: ${STATUSES[status] ?? status}`;
      const event = { what: title, data, when, tags: [...tags, 'check'].map(oneWord) };
      adding.push(this.add(event, now));
    }
    const faults = await Promise.all(adding);
    if (checks.length > 0) await this.append(checks, now);
    const fault = faults.find((error) => error !== undefined);
    if (fault !== undefined) throw fault;
  }

  private async append(checks: readonly CheckReport[], now: number): Promise<void> {
    for (const { name, time, status } of checks) {
      this.gauges.put(this.gauges.refOf(name), time, status);
    }
    try {
      await this.store.append(this.gauges.finish(), now);
    } catch (error) {
      for (const { name } of checks) this.rejected.noteText(NOT_STORED, name, now);
      throw error;
    }
  }

  rejections(): Rejection[] {
    return this.rejected.list();
  }

  /** What went wrong: the event is counted then, and holds up none of those behind it. */
  private async add(event: Omit<Event, 'id'>, now: number): Promise<unknown> {
    try {
      await this.log.add(event, now);
      return undefined;
    } catch (error) {
      this.rejected.noteText(NOT_STORED, event.what, now);
      return error;
    }
  }

  /** The first report of a check is a change only when it is not well. */
  private isChange(name: string, status: number): boolean {
    const before = this.statuses.get(name) ?? 0;
    if (this.statuses.size < CHECKS_MAX || this.statuses.has(name)) {
      this.statuses.set(name, status);
    }
    return before !== status;
  }

  private gaugeName({ what, tags }: EventOrCheck): string {
    const name = `${this.root}.${what.replaceAll(/[^\w.-]+/g, '_')}`;
    const pairs = tags
      .map((tag) => tag.split(/:(.*)/s))
      .filter(([tag = '', value = '']) => tag !== '' && value !== '')
      .map(([tag, value]) => `${tagPart(tag!)}=${tagPart(value!)}`);
    return [name, ...pairs].join(';');
  }
}

/** Graphite's tags of events stand between blanks. */
function oneWord(tag: string): string {
  return tag.replaceAll(/[\s,]+/g, '_');
}

/** A tag's name or value without what separates tags. */
function tagPart(text: string): string {
  return text.replaceAll(/[;=!~^\s]+/g, '_');
}
