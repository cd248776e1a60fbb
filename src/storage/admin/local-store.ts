/** A store that is open in this process, as the admin calls use it (calls.ts). */
import { UserError } from '../../lib/errors.ts';
import { compareNames } from '../index/byte-order.ts';
import { queryNames } from '../index/name-query.ts';
import { requireName } from '../../wire/series-name.ts';
import type { Archive } from '../retention/archives.ts';
import type { RulesInForce } from '../retention/sketch-rules.ts';
import { seriesBytesMax } from '../retention/size.ts';
import { fetchWindow } from '../ring/ring.ts';
import type {
  Fetched,
  ImportedArchive,
  RecordStore,
  SeriesAdmin,
  SeriesInfo,
  SeriesReader,
  TagReader,
} from '../roles.ts';
import { readPoints } from './all-points.ts';
import { ADMIN_PAGE, ADMIN_POINTS } from './limits.ts';
import type { PointsPage, SeriesDetail } from './shapes.ts';

/** Roles of the store that the calls use. */
export type AdminStore = SeriesReader & TagReader & SeriesAdmin & RecordStore;

/** Notes are records of the store under a name of their own. */
const NOTE_PREFIX = 'admin/';

export class LocalStore {
  readonly store: AdminStore;
  /** Most values that one series may have in a fetch. */
  private readonly fetchedMax: number;
  private readonly currentRules: (() => RulesInForce) | undefined;
  /** Names of the query whose pages are being read; listed again once the collector took them. */
  private listing: { query: string; names: WeakRef<string[]> } | undefined;

  constructor(
    store: AdminStore,
    fetchedMax: number,
    currentRules: (() => RulesInForce) | undefined,
  ) {
    this.store = store;
    this.currentRules = currentRules;
    this.fetchedMax = fetchedMax;
  }

  names(query: string, after: string | undefined): string[] {
    const listing = after === undefined ? undefined : this.listing;
    let all = listing?.query === query ? listing.names.deref() : undefined;
    if (all === undefined) {
      all = queryNames(this.store, query);
      this.listing = { query, names: new WeakRef(all) };
    }
    const first = after === undefined ? 0 : firstAfter(all, after);
    return all.slice(first, first + ADMIN_PAGE);
  }

  detail(name: string): SeriesDetail | undefined {
    const { store } = this;
    const id = store.lookup(name)?.id ?? -1;
    const info = store.info(id);
    if (info === undefined) return undefined;
    const { archives } = info;
    return {
      ...info,
      newestTimes: store.newestTimes(id),
      lastSeen: store.lastWrite(id),
      bytesMax: seriesBytesMax(archives),
    };
  }

  stored(name: string): SeriesInfo | undefined {
    const info = this.store.info(this.store.lookup(name)?.id ?? -1);
    if (info === undefined) return undefined;
    const { archives, aggregationMethod, xFilesFactor } = info;
    return { name, archives, aggregationMethod, xFilesFactor };
  }

  /** Fetches the first names: as many as have ADMIN_POINTS values together, at least one. */
  async fetch(ask: {
    names: readonly string[];
    from: number;
    until: number;
    now: number;
  }): Promise<(Fetched | undefined)[]> {
    const { store, fetchedMax } = this;
    const { names, from, until, now } = ask;
    const ids: number[] = [];
    let valueCount = 0;
    for (const name of names) {
      const id = store.lookup(name)?.id ?? -1;
      const info = store.info(id);
      const own =
        info === undefined ? 0 : (fetchWindow(info.archives, from, until, now)?.count ?? 0);
      if (own > fetchedMax) {
        throw new UserError('overLimit', `"${name}": ${own} values, expected up to ${fetchedMax}`);
      }
      valueCount += own;
      if (valueCount > ADMIN_POINTS && ids.length > 0) break;
      ids.push(id);
    }
    const known = ids.filter((id) => id >= 0);
    const found = await store.fetch(known, from, until, now);
    let next = 0;
    return ids.map((id) => (id < 0 ? undefined : found[next++]));
  }

  async points(ask: {
    name: string;
    archive: number;
    after: number;
  }): Promise<PointsPage | undefined> {
    const id = this.store.lookup(ask.name)?.id;
    if (id === undefined) return undefined;
    return readPoints(this.store, id, ask.archive, ask.after);
  }

  async put(info: SeriesInfo, filled: ImportedArchive[]): Promise<Archive[] | undefined> {
    const name = requireName(info.name);
    await this.store.importSeries({ ...info, name }, filled);
    return this.store.info(this.store.lookup(name)?.id ?? -1)?.archives;
  }

  rules(): string | undefined {
    return this.currentRules === undefined ? undefined : JSON.stringify(this.currentRules());
  }

  note(key: string): string | undefined {
    const full = NOTE_PREFIX + key;
    return this.store.listRecords(full).find((record) => record.key === full)?.text;
  }

  async putNote(key: string, text: string | undefined): Promise<void> {
    await this.store.putRecord(NOTE_PREFIX + key, text);
  }

  forgetNames(): void {
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
