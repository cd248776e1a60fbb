/**
 * Every question that the embedded store answers without its worker: names are looked up in memory,
 * points, sketches and records read from LMDB.
 */
import type {
  Fetched,
  FetchedSketches,
  FindOptions,
  FoundNode,
  RecordStore,
  SeriesInfo,
  SeriesRef,
  SketchedRef,
  StoreReader,
  TagExpression,
  TagQuery,
  TagValue,
} from '../../roles.ts';
import type { Environment } from '../db/environment.ts';
import { Reader } from './reader.ts';

export class LmdbStoreReader implements StoreReader, Pick<RecordStore, 'listRecords'> {
  protected readonly environment: Environment;
  protected readonly reader: Reader;
  /** Commits and deletions so far. */
  protected visibleWrites = 0;

  /** Reads all names. */
  constructor(environment: Environment, averagedTimers: boolean) {
    this.environment = environment;
    this.reader = new Reader(environment, averagedTimers);
  }

  find(pattern: string, options?: FindOptions): FoundNode[] {
    return this.reader.catalogue.find(pattern, options);
  }

  lookup(name: string): SeriesRef | undefined {
    return this.reader.catalogue.lookup(name);
  }

  allNames(): string[] {
    return this.reader.catalogue.allNames();
  }

  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined } {
    return this.reader.catalogue.seriesFrom(id, count);
  }

  info(id: number): SeriesInfo | undefined {
    return this.reader.info(id);
  }

  newestTimes(id: number): number[] {
    return this.reader.newestTimes(id);
  }

  lastWrite(id: number): number {
    return this.reader.lastWrite(id);
  }

  fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    return this.reader.fetch(ids, from, until, now);
  }

  revision(): number {
    return this.visibleWrites;
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return this.reader.catalogue.findTagged(expressions);
  }

  tagNames(query: TagQuery): string[] {
    return this.reader.catalogue.tagNames(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return this.reader.catalogue.tagValues(tag, query);
  }

  findSketched(pattern: string, options?: FindOptions): SketchedRef[] {
    return this.reader.sketches.find(pattern, options);
  }

  findSketchedByTags(expressions: TagExpression[]): SketchedRef[] {
    return this.reader.sketches.findByTags(expressions);
  }

  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return this.reader.sketches.fetch(ids, from, until, now);
  }

  listRecords(prefix: string): { key: string; text: string }[] {
    const { records, root } = this.environment;
    root.resetReadTxn();
    const found: { key: string; text: string }[] = [];
    for (const { key, value } of records.getRange({ start: Buffer.from(prefix) })) {
      const name = Buffer.from(key).toString('utf8');
      if (!name.startsWith(prefix)) break;
      found.push({ key: name, text: Buffer.from(value).toString('utf8') });
    }
    root.resetReadTxn();
    return found;
  }
}
