/**
 * Dashboards that are kept, each a record of the store, bounded in number and bytes:
 *
 *     key   dashboard/shop
 *     text  {"title":"Shop", …}    as JSON
 *
 * What each is called is read once, when first asked for. One is written at a time, so that of two who
 * changed the same one, the second is told.
 */
import { createHash } from 'node:crypto';
import { overLimit, UserError } from '../lib/errors.ts';
import { recordPages } from '../storage/record-pages.ts';
import type { RecordStore } from '../storage/roles.ts';
import type { Dashboard } from './dashboard.ts';

const PREFIX = 'dashboard/';
/** Bytes of records that are read between two turns of the event loop. */
const PAGE_BYTES = 1024 * 1024;

export interface DashboardKeeping {
  /** Most dashboards. */
  count: number;
  /** Of all of them. */
  bytes: number;
}

/** One as a list shows it. */
export interface ListedDashboard {
  id: string;
  title: string;
  panels: number;
  /** Of its text: whoever changes it says which one they saw. */
  label: string;
  bytes: number;
}

/** Whether a label is one that the asker expects; what they expect, for a sentence. */
export interface Expected {
  fits(label: string | undefined): boolean;
  said: string | undefined;
}

export class DashboardRecords {
  /** Not kept, because there are so many already. */
  refused = 0;
  private readonly store: RecordStore;
  private readonly keeping: DashboardKeeping;
  private reading: Promise<Map<string, ListedDashboard>> | undefined;
  /** The change before, done or not. */
  private lastChange: Promise<unknown> = Promise.resolve();

  constructor(store: RecordStore, keeping: DashboardKeeping) {
    this.store = store;
    this.keeping = keeping;
  }

  async list(): Promise<ListedDashboard[]> {
    return [...(await this.all()).values()];
  }

  /** The text of one and its label. */
  get(id: string): { text: string; label: string } | undefined {
    const text = this.store.getRecord(PREFIX + id);
    return text === undefined ? undefined : { text, label: labelOf(text) };
  }

  /** Resolves, when it is durable, to what it is listed as; throws `changed` unless it is as expected. */
  put(id: string, dashboard: Dashboard, expected: Expected): Promise<ListedDashboard> {
    return this.inTurn(async () => {
      const all = await this.all();
      const before = all.get(id);
      checkExpected(id, before?.label, expected);
      const text = JSON.stringify(dashboard);
      const listed = listedOf(id, text, dashboard);
      this.checkRoom(all, before, listed.bytes);
      await this.store.putRecord(PREFIX + id, text);
      all.set(id, listed);
      return listed;
    });
  }

  /** Resolves when it is gone for good; throws `changed` unless it is as expected. */
  remove(id: string, expected: Expected): Promise<void> {
    return this.inTurn(async () => {
      const all = await this.all();
      const before = all.get(id);
      if (before === undefined) throw noDashboard(id);
      checkExpected(id, before.label, expected);
      await this.store.putRecord(PREFIX + id, undefined);
      all.delete(id);
    });
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change);
    this.lastChange = result.catch(() => {}); // whoever asked is told
    return result;
  }

  private checkRoom(
    all: ReadonlyMap<string, ListedDashboard>,
    before: ListedDashboard | undefined,
    bytes: number,
  ): void {
    const { keeping } = this;
    const isTooMany = before === undefined && all.size >= keeping.count;
    let sum = bytes - (before?.bytes ?? 0);
    for (const one of all.values()) sum += one.bytes;
    if (!isTooMany && (bytes <= (before?.bytes ?? 0) || sum <= keeping.bytes)) return;
    this.refused += 1;
    throw overLimit(
      isTooMany
        ? `there are ${all.size} dashboards, maxDashboards allows no more`
        : `dashboards would have ${sum} bytes, maxDashboardBytes allows ${keeping.bytes}`,
    );
  }

  private all(): Promise<Map<string, ListedDashboard>> {
    return (this.reading ??= this.readAll().catch((error: unknown) => {
      this.reading = undefined;
      throw error;
    }));
  }

  private async readAll(): Promise<Map<string, ListedDashboard>> {
    const all = new Map<string, ListedDashboard>();
    for await (const page of recordPages(this.store, PREFIX, PAGE_BYTES)) {
      for (const { key, text } of page) {
        const id = key.slice(PREFIX.length);
        all.set(id, listedOf(id, text, JSON.parse(text) as Dashboard));
      }
    }
    return all;
  }
}

export function noDashboard(id: string): UserError {
  return new UserError('notFound', `dashboard ${id}: there is none`);
}

function labelOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** What a list shows of a dashboard and its text. */
export function listedOf(id: string, text: string, { title, panels }: Dashboard): ListedDashboard {
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(id);
  return { id, title, panels: panels.length, label: labelOf(text), bytes };
}

function checkExpected(id: string, label: string | undefined, { fits, said }: Expected): void {
  if (fits(label)) return;
  const what =
    said === undefined
      ? `dashboard ${id} is there already: expected its ETag in If-Match, or "*" to write over it`
      : label === undefined
        ? `dashboard ${id}: if-match ${said} read, but it was deleted meanwhile`
        : `dashboard ${id}: ${said} read, but somebody else has changed it meanwhile (it is "${label}")`;
  throw new UserError('changed', what);
}
