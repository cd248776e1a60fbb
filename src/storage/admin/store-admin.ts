/**
 * What the command line's verbs may ask of a store, the same whether it is open in this process
 * (local-admin.ts) or in a running server (cli/http-admin.ts: every call is a request to the routes
 * of http/admin.ts, for peers on this machine). So there is never a second writer. Names are
 * canonical; lists of names are given in pages of at most ADMIN_PAGE, so that no call is without a
 * limit. A verb gets one from `withAdmin` (cli/open-store.ts):
 *
 *     await withAdmin(flags, async (admin) => {
 *       for await (const names of namePages(admin, ['servers.*.cpu.*'])) {
 *         const details = await admin.info(names);
 *         …
 *         await admin.retain(changes, { rewrite: false });
 *       }
 *     });
 *
 * `flags` are those of `addStoreFlags`: --config, --data-dir and --url. What is new in a store that
 * these verbs need is a method here, a line in each of the two classes, and a route.
 */
import type { Archive } from '../retention/archives.ts';
import type { Fetched, ImportedArchive, SeriesInfo, VerifiedPart } from '../roles.ts';

/** Most names in one call. */
export const ADMIN_PAGE = 1000;
/** Most points that cross at a time; longer archives are given and put in parts. */
export const ADMIN_POINTS = 200_000;

/** What is known of one series. */
export interface SeriesDetail extends SeriesInfo {
  /** Epoch seconds of the newest known point by archive, 0 where there is none. */
  newestTimes: number[];
  /** Epoch seconds, to within ten minutes, at which a value last came; 0 where unknown. */
  lastSeen: number;
  /** Most bytes that the series can take in the data file. */
  bytesMax: number;
}

export interface StoreAdmin {
  /** Where it is: the data folder, or the server's address. For messages. */
  readonly place: string;
  /**
   * Names after `after` in byte order, at most ADMIN_PAGE, that match: a glob of dotted parts for
   * plain names, a glob and `;**` for the tagged series whose metric name matches, `**` for all
   * names of both kinds, an exact name, or `seriesByTag('a=b', …)`.
   */
  names(query: string, after?: string): Promise<string[]>;
  /** In the order of the names; undefined for a name that is not known. */
  info(names: string[]): Promise<(SeriesDetail | undefined)[]>;
  /** Only how series are kept, which costs less; undefined for a name that is not known. */
  kept(names: string[]): Promise<(SeriesInfo | undefined)[]>;
  /** As `Store.fetch`; undefined also for a name that is not known. */
  fetch(
    names: string[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]>;
  /** All known points of every archive, finest first, whatever their age; undefined as in info. */
  archives(name: string): Promise<ImportedArchive[] | undefined>;
  /**
   * As `Store.importSeries`: creates the series when it is new, puts the points as they are.
   * Resolves to the archives that the series has, undefined when the store has no room for it.
   */
  put(info: SeriesInfo, archives: ImportedArchive[]): Promise<Archive[] | undefined>;
  /** Resolves to the number forgotten. */
  delete(names: string[]): Promise<number>;
  /** Renames series; one whose new name is taken stays as it is. Resolves to the number renamed. */
  rename(pairs: { from: string; to: string }[]): Promise<number>;
  /** Keeps series by new archives, method and factor (Store.retain); resolves to the number changed. */
  retain(changes: SeriesInfo[], options: { rewrite: boolean }): Promise<number>;
  /** Consistent copy without free pages into a file that must not exist, path as the store sees it. */
  backup(file: string): Promise<{ bytes: number }>;
  /**
   * Checks some records while the store goes on, each part in a snapshot of its own: the first part
   * without `after`, then each with the `next` of the one before.
   */
  verifyPart(after?: string): Promise<VerifiedPart>;
  /** A small text that a verb keeps in the store to go on later, such as how far an import came. */
  note(key: string): Promise<string | undefined>;
  /** Keeps it, or removes it when it is undefined. */
  putNote(key: string, text: string | undefined): Promise<void>;
  close(): Promise<void>;
}

/**
 * Names that match one query after the other, page by page; with several queries a name may come
 * more than once.
 */
export async function* namePages(
  admin: StoreAdmin,
  queries: readonly string[],
): AsyncGenerator<string[]> {
  for (const query of queries) {
    let after: string | undefined;
    for (;;) {
      const names = await admin.names(query, after);
      if (names.length > 0) yield names;
      if (names.length < ADMIN_PAGE) break;
      after = names.at(-1);
    }
  }
}
