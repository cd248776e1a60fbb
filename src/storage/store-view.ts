/**
 * A store as somebody sees it who may read some of its names: all look-ups are answered from a
 * catalogue that holds those names alone, so that no count, limit or error can tell of others.
 * Numbers of series are the store's own; what they lead to is read only where the name is visible.
 */
import { atOnce, type InSteps } from '../lib/in-steps.ts';
import type { Catalogue } from './index/catalogue.ts';
import type { SketchedNames } from './index/sketched-names.ts';
import type {
  Fetched,
  FetchedSketches,
  FindOptions,
  FoundNode,
  NamePrefix,
  NewNames,
  SearchAnswer,
  SeriesInfo,
  SeriesRef,
  SketchedRef,
  StoreReader,
  StoreView,
  TagExpression,
  TagQuery,
  TagValue,
} from './roles.ts';

/** What a view is made of: a store, and the names that it answers by. */
interface ViewedStore {
  store: StoreReader;
  series: Catalogue;
  sketched: SketchedNames;
}

/** As StoreViews.viewing. */
export function* viewStore(
  { store, series, sketched }: ViewedStore,
  isVisible: (name: string) => boolean,
): InSteps<StoreView> {
  const names = yield* series.following(isVisible);
  const sketchedNames = yield* sketched.following(isVisible);
  return new NarrowStore(store, names, sketchedNames, () => {
    series.unfollow(names);
    sketched.unfollow(sketchedNames);
  });
}

class NarrowStore implements StoreView {
  readonly close: () => void;
  private readonly store: StoreReader;
  private readonly names: Catalogue;
  private readonly sketched: SketchedNames;

  constructor(store: StoreReader, names: Catalogue, sketched: SketchedNames, close: () => void) {
    this.store = store;
    this.names = names;
    this.sketched = sketched;
    this.close = close;
  }

  get size(): number {
    return this.names.size;
  }

  find(pattern: string, options?: FindOptions): FoundNode[] {
    return this.names.find(pattern, options);
  }

  lookup(name: string): SeriesRef | undefined {
    return this.names.lookup(name);
  }

  allNames(): string[] {
    return this.names.allNames();
  }

  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined } {
    return this.names.seriesFrom(id, count);
  }

  info(id: number): SeriesInfo | undefined {
    return this.isVisible(id) ? this.store.info(id) : undefined;
  }

  newestTimes(id: number): number[] {
    return this.isVisible(id) ? this.store.newestTimes(id) : [];
  }

  lastWrite(id: number): number {
    return this.isVisible(id) ? this.store.lastWrite(id) : 0;
  }

  fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    // A number may have become that of another series since it was found.
    return some(
      ids,
      (id) => this.names.nameOf(id),
      (visible) => this.store.fetch(visible, from, until, now),
    );
  }

  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return some(
      ids,
      (id) => this.sketched.nameOf(id),
      (visible) => this.store.fetchSketches(visible, from, until, now),
    );
  }

  newNames(): NewNames[] {
    return this.names.newNames();
  }

  revision(): number {
    return this.store.revision();
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return this.names.findTagged(expressions);
  }

  tagNames(query: TagQuery): string[] {
    return this.names.tagNames(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return this.names.tagValues(tag, query);
  }

  tagCounts(most: number): { tag: string; values: number }[] {
    return this.names.tagCounts(most);
  }

  searching(query: string, most: number): InSteps<SearchAnswer> {
    return this.names.searching(query, most);
  }

  listingPrefixes(most: number): InSteps<NamePrefix[]> {
    return this.names.listingPrefixes(most);
  }

  finding(pattern: string, options?: FindOptions): InSteps<FoundNode[]> {
    return this.names.finding(pattern, options);
  }

  namingPlain(): InSteps<string[]> {
    return this.names.namingPlain();
  }

  findingTagged(expressions: TagExpression[]): InSteps<SeriesRef[]> {
    return this.names.findingTagged(expressions);
  }

  namingTags(query: TagQuery): InSteps<string[]> {
    return this.names.namingTags(query);
  }

  listingValues(tag: string, query: TagQuery): InSteps<TagValue[]> {
    return this.names.listingValues(tag, query);
  }

  findSketched(pattern: string, options?: FindOptions): SketchedRef[] {
    return atOnce(this.sketched.finding(pattern, options));
  }

  findSketchedByTags(expressions: TagExpression[]): SketchedRef[] {
    return atOnce(this.sketched.findingByTags(expressions));
  }

  findingSketched(pattern: string, options?: FindOptions): InSteps<SketchedRef[]> {
    return this.sketched.finding(pattern, options);
  }

  findingSketchedByTags(expressions: TagExpression[]): InSteps<SketchedRef[]> {
    return this.sketched.findingByTags(expressions);
  }

  private isVisible(id: number): boolean {
    return this.names.nameOf(id) !== undefined;
  }
}

/**
 * Answers for those ids that stand for the same visible name before and after, undefined for the
 * others: while it is read a number may become that of another series.
 */
async function some<T>(
  ids: readonly number[],
  nameOf: (id: number) => string | undefined,
  ask: (visible: readonly number[]) => Promise<(T | undefined)[]>,
): Promise<(T | undefined)[]> {
  const names = ids.map(nameOf);
  const answers = await ask(ids.filter((_, i) => names[i] !== undefined));
  let next = 0;
  return names.map((name, i) => {
    if (name === undefined) return undefined;
    const answer = answers[next++];
    return nameOf(ids[i]!) === name ? answer : undefined; // as many
  });
}
