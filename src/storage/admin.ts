/**
 * What the command line's verbs may ask of a store, the same whether it is open in this process or
 * in a running server (then every call is one request to the server's admin routes on loopback).
 * So there is never a second writer. Names are canonical; lists of names are given in pages of at
 * most ADMIN_PAGE, so that no call is without a limit.
 */
import type { Fetched, ImportedArchive, SeriesInfo } from './store.ts';

/** Most names in one call. */
export const ADMIN_PAGE = 1000;

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
   * Names after `after` in byte order, at most ADMIN_PAGE, that match: a glob of dotted parts
   * (`**` for all names, tagged ones too), an exact name, or `seriesByTag('a=b', …)`.
   */
  names(query: string, after?: string): Promise<string[]>;
  /** In the order of the names; undefined for a name that is not known. */
  info(names: string[]): Promise<(SeriesDetail | undefined)[]>;
  /** As `Store.fetch`. */
  fetch(
    names: string[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]>;
  /** All known points of every archive, finest first, whatever their age; undefined as in info. */
  archives(name: string): Promise<ImportedArchive[] | undefined>;
  /** As `Store.importSeries`: creates the series when it is new, puts the points as they are. */
  put(info: SeriesInfo, archives: ImportedArchive[]): Promise<void>;
  /** Resolves to the number forgotten. */
  delete(names: string[]): Promise<number>;
  /** Renames series; one whose new name is taken stays as it is. Resolves to the number renamed. */
  rename(pairs: { from: string; to: string }[]): Promise<number>;
  /** Keeps series by new archives, method and factor (Store.retain); resolves to the number changed. */
  retain(changes: SeriesInfo[], options: { rewrite: boolean }): Promise<number>;
  /** Consistent copy without free pages into a file that must not exist, path as the store sees it. */
  backup(file: string): Promise<{ bytes: number }>;
  close(): Promise<void>;
}
