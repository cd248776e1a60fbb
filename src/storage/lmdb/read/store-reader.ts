/**
 * Every question that the embedded store answers without its worker: names are looked up in memory,
 * points, sketches and records read from LMDB.
 */
import { atOnce, type InSteps } from '../../../lib/in-steps.ts';
import { decodeRecordText, listRecords } from '../db/records.ts';
import type {
  FetchedSketches,
  FindOptions,
  FoundNode,
  NamePrefix,
  NewNames,
  RecordStore,
  SearchAnswer,
  SeriesRef,
  SketchedRef,
  StoreReader,
  StoreView,
  StoreViews,
  TagExpression,
  TagQuery,
  TagValue,
} from '../../roles.ts';
import { viewStore } from '../../store-view.ts';
import { Reader } from './reader.ts';

export class LmdbStoreReader
  extends Reader
  implements
    StoreReader,
    StoreViews,
    Pick<RecordStore, 'listRecords' | 'getRecord' | 'recordsAfter'>
{
  /** Commits and deletions so far. */
  protected visibleWrites = 0;

  viewing(isVisible: (name: string) => boolean): InSteps<StoreView> {
    const { catalogue: series, sketches } = this;
    return viewStore({ store: this, series, sketched: sketches.names }, isVisible);
  }

  find(pattern: string, options?: FindOptions): FoundNode[] {
    return this.catalogue.find(pattern, options);
  }

  lookup(name: string): SeriesRef | undefined {
    return this.catalogue.lookup(name);
  }

  allNames(): string[] {
    return this.catalogue.allNames();
  }

  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined } {
    return this.catalogue.seriesFrom(id, count);
  }

  revision(): number {
    return this.visibleWrites;
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return this.catalogue.findTagged(expressions);
  }

  tagNames(query: TagQuery): string[] {
    return this.catalogue.tagNames(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return this.catalogue.tagValues(tag, query);
  }

  tagCounts(most: number): { tag: string; values: number }[] {
    return this.catalogue.tagCounts(most);
  }

  finding(pattern: string, options?: FindOptions): InSteps<FoundNode[]> {
    return this.catalogue.finding(pattern, options);
  }

  listingPrefixes(most: number): InSteps<NamePrefix[]> {
    return this.catalogue.listingPrefixes(most);
  }

  newNames(): NewNames[] {
    return this.catalogue.newNames();
  }

  searching(query: string, most: number): InSteps<SearchAnswer> {
    return this.catalogue.searching(query, most);
  }

  namingPlain(): InSteps<string[]> {
    return this.catalogue.namingPlain();
  }

  findingTagged(expressions: TagExpression[]): InSteps<SeriesRef[]> {
    return this.catalogue.findingTagged(expressions);
  }

  namingTags(query: TagQuery): InSteps<string[]> {
    return this.catalogue.namingTags(query);
  }

  listingValues(tag: string, query: TagQuery): InSteps<TagValue[]> {
    return this.catalogue.listingValues(tag, query);
  }

  findSketched(pattern: string, options?: FindOptions): SketchedRef[] {
    return atOnce(this.sketches.names.finding(pattern, options));
  }

  findSketchedByTags(expressions: TagExpression[]): SketchedRef[] {
    return atOnce(this.sketches.names.findingByTags(expressions));
  }

  findingSketched(pattern: string, options?: FindOptions): InSteps<SketchedRef[]> {
    return this.sketches.names.finding(pattern, options);
  }

  findingSketchedByTags(expressions: TagExpression[]): InSteps<SketchedRef[]> {
    return this.sketches.names.findingByTags(expressions);
  }

  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return this.sketches.fetch(ids, from, until, now);
  }

  listRecords(prefix: string): { key: string; text: string }[] {
    return this.recordsAfter(prefix, '', Infinity);
  }

  getRecord(key: string): string | undefined {
    const { records, root } = this.environment;
    root.resetReadTxn();
    const name = Buffer.from(key);
    const value = records.get(name);
    const text = value === undefined ? undefined : decodeRecordText(name, value);
    root.resetReadTxn();
    return text;
  }

  recordsAfter(prefix: string, after: string, bytes: number): { key: string; text: string }[] {
    const { root } = this.environment;
    root.resetReadTxn();
    const found = listRecords(this.environment, prefix, after, bytes);
    root.resetReadTxn();
    return found;
  }
}
