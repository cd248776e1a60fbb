/**
 * Tagged series that `/tags/delSeries` took out of the tag index without touching their points: no
 * search by tags finds them, their exact names do, and the next value brings a series back. Each is
 * a record, so that a restart does not bring it back:
 *
 *     key   untagged/<hash of the name>       names may be longer than keys
 *     text  {"name":"disk.used;server=web01","since":1700000000}
 *
 * A store has one beside its catalogue.
 */
import { createHash } from 'node:crypto';
import type { Catalogue } from './catalogue.ts';
import { lookupName } from '../../wire/series-name.ts';
import type { RecordStore, SeriesAdmin, SeriesReader } from '../roles.ts';

type UntaggedStore = SeriesReader & SeriesAdmin & RecordStore;

export const UNTAGGED_PREFIX = 'untagged/';

export class Untagged {
  private readonly store: UntaggedStore;
  private readonly catalogue: Catalogue;
  /** Epoch seconds by canonical name: a later value brings the series back. */
  private readonly since = new Map<string, number>();
  private revision = -1;

  /** Hides what was hidden before, so names and records must be readable. */
  constructor(store: UntaggedStore, catalogue: Catalogue) {
    this.store = store;
    this.catalogue = catalogue;
    catalogue.onTagSearch = () => this.refresh();
    for (const { text } of store.listRecords(UNTAGGED_PREFIX)) {
      const { name, since } = JSON.parse(text) as { name: string; since: number };
      this.since.set(name, since);
      catalogue.hide(name);
    }
  }

  /** As Store.untag. */
  async untag(names: readonly string[], now: number): Promise<number> {
    const known = [...new Set(names.map(lookupName))].filter(
      (name) => name.includes(';') && this.catalogue.get(name) >= 0,
    );
    const empty = known.filter((name) => !this.hasPoints(this.catalogue.get(name)));
    const forgotten = new Set(empty);
    for (const name of known) {
      if (forgotten.has(name)) continue;
      await this.store.putRecord(untaggedKey(name), JSON.stringify({ name, since: now }));
      this.since.set(name, now);
      this.catalogue.hide(name);
    }
    if (empty.length > 0) await this.store.delete(empty);
    return known.length;
  }

  /** Ends it for series of these canonical names; how many there were. */
  async end(names: readonly string[]): Promise<number> {
    if (this.since.size === 0) return 0;
    const hidden = names.filter((name) => this.since.delete(name));
    for (const name of hidden) this.catalogue.show(name);
    await Promise.all(hidden.map((name) => this.store.putRecord(untaggedKey(name), undefined)));
    return hidden.length;
  }

  /** Brings series back that got a value, and forgets those that were deleted. */
  private refresh(): void {
    if (this.since.size === 0) return;
    const revision = this.store.revision();
    if (revision === this.revision) return;
    this.revision = revision;
    const back: string[] = [];
    for (const [name, since] of this.since) {
      const id = this.catalogue.get(name);
      if (id < 0 || this.store.lastWrite(id) > since) back.push(name);
    }
    // A record that stays is no harm: at the next start the value is still later than it says.
    this.end(back).catch(() => {});
  }

  private hasPoints(id: number): boolean {
    const { store } = this;
    return store.lastWrite(id) > 0 || store.newestTimes(id).some((time) => time > 0);
  }
}

export function untaggedKey(name: string): string {
  return UNTAGGED_PREFIX + createHash('sha256').update(name).digest('base64url');
}
