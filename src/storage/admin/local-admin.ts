/**
 * StoreAdmin over a store that is open in this process: for verbs while no server runs, and behind
 * the admin routes of the one that does.
 */
import { UserError } from '../../lib/errors.ts';
import { ADMIN_PAGE, type SeriesDetail, type StoreAdmin } from './store-admin.ts';
import { fetchWindow } from '../ring/ring.ts';
import { compareNames } from '../index/byte-order.ts';
import { canonicalName } from '../index/tagged-name.ts';
import { queryNames } from '../index/name-query.ts';
import { type PointsPage, readArchives, readPoints } from './all-points.ts';
import type { Archive } from '../retention/archives.ts';
import { seriesBytesMax } from '../retention/size.ts';
import type {
  Fetched,
  ImportedArchive,
  RecordStore,
  SeriesAdmin,
  SeriesInfo,
  SeriesReader,
  TagReader,
  VerifiedPart,
} from '../roles.ts';

/** What is needed of the store. */
export type AdminStore = SeriesReader & TagReader & SeriesAdmin & RecordStore;

/** Notes are records of the store under a name of their own. */
const NOTE_PREFIX = 'admin/';

export class LocalAdmin implements StoreAdmin {
  readonly place: string;
  private readonly store: AdminStore;
  /** The names of the query whose pages are being asked for; made anew when memory was wanted. */
  private listing: { query: string; names: WeakRef<string[]> } | undefined;

  /** Leaves the store open when closed: whoever opened it closes it. */
  constructor(store: AdminStore, place: string) {
    this.store = store;
    this.place = place;
  }

  async names(query: string, after?: string): Promise<string[]> {
    const known = after === undefined ? undefined : this.listing;
    let all = known?.query === query ? known.names.deref() : undefined;
    if (all === undefined) {
      all = queryNames(this.store, query);
      this.listing = { query, names: new WeakRef(all) };
    }
    const first = after === undefined ? 0 : firstAfter(all, after);
    return all.slice(first, first + ADMIN_PAGE);
  }

  async info(names: string[]): Promise<(SeriesDetail | undefined)[]> {
    const { store } = this;
    return names.map((name) => {
      const id = store.lookup(name)?.id;
      const info = id === undefined ? undefined : store.info(id);
      if (id === undefined || info === undefined) return undefined;
      const { archives } = info;
      return {
        ...info,
        newestTimes: store.newestTimes(id),
        lastSeen: store.lastSeen(id),
        bytesMax: seriesBytesMax(archives),
      };
    });
  }

  async kept(names: string[]): Promise<(SeriesInfo | undefined)[]> {
    const { store } = this;
    return names.map((name) => {
      const info = store.info(store.lookup(name)?.id ?? -1);
      if (info === undefined) return undefined;
      const { archives, aggregationMethod, xFilesFactor } = info;
      return { name, archives, aggregationMethod, xFilesFactor };
    });
  }

  async fetch(
    names: string[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    const ids = names.map((name) => this.store.lookup(name)?.id ?? -1);
    const known = ids.filter((id) => id >= 0);
    const found = await this.store.fetch(known, from, until, now);
    let next = 0;
    return ids.map((id) => (id < 0 ? undefined : found[next++]));
  }

  /** How many values a fetch of one series would have. */
  valueCount(name: string, from: number, until: number, now: number): number {
    const id = this.store.lookup(name)?.id;
    const archives = id === undefined ? undefined : this.store.info(id)?.archives;
    return archives === undefined ? 0 : (fetchWindow(archives, from, until, now)?.count ?? 0);
  }

  async archives(name: string): Promise<ImportedArchive[] | undefined> {
    const id = this.store.lookup(name)?.id;
    return id === undefined ? undefined : readArchives(this.store, id);
  }

  /** Some points of one archive, later than `after`: for answers of bounded size. */
  async points(name: string, archive: number, after: number): Promise<PointsPage | undefined> {
    const id = this.store.lookup(name)?.id;
    if (id === undefined) return undefined;
    return readPoints(this.store, id, archive, after);
  }

  async put(info: SeriesInfo, archives: ImportedArchive[]): Promise<Archive[] | undefined> {
    if (info.name === '') throw new UserError('badRequest', 'a series without a name');
    const name = canonicalName(info.name);
    await this.store.importSeries({ ...info, name }, archives);
    const id = this.store.lookup(name)?.id;
    return id === undefined ? undefined : this.store.info(id)?.archives;
  }

  async delete(names: string[]): Promise<number> {
    return this.store.delete(names);
  }

  async rename(pairs: { from: string; to: string }[]): Promise<number> {
    return this.store.rename(pairs);
  }

  async retain(changes: SeriesInfo[], options: { rewrite: boolean }): Promise<number> {
    return this.store.retain(changes, options);
  }

  async backup(file: string): Promise<{ bytes: number }> {
    return this.store.backup(file);
  }

  async verifyPart(after?: string): Promise<VerifiedPart> {
    return this.store.verifyPart(after);
  }

  async note(key: string): Promise<string | undefined> {
    const full = NOTE_PREFIX + key;
    return this.store.listRecords(full).find((record) => record.key === full)?.text;
  }

  async putNote(key: string, text: string | undefined): Promise<void> {
    await this.store.putRecord(NOTE_PREFIX + key, text);
  }

  async close(): Promise<void> {
    this.listing = undefined;
  }
}

/** Index of the first name that comes later, by halves. */
function firstAfter(sorted: readonly string[], name: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(sorted[middle]!, name) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
