/**
 * A store as somebody sees it who may read some of its names: all look-ups are answered from a
 * catalogue that holds those names alone, so that no count, limit or error can tell of others.
 * Numbers of series are the store's own; what they lead to is read only where the name is visible.
 */
import type { InSteps } from '../lib/in-steps.ts';
import type { Catalogue } from './index/catalogue.ts';
import { NameAnswers } from './index/name-answers.ts';
import type { SketchedNames } from './index/sketched-names.ts';
import type { Fetched, FetchedSketches, SeriesInfo, StoreReader, StoreView } from './roles.ts';

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

class NarrowStore extends NameAnswers implements StoreView {
  readonly close: () => void;
  protected readonly catalogue: Catalogue;
  protected readonly sketchedNames: SketchedNames;
  private readonly store: StoreReader;

  constructor(store: StoreReader, names: Catalogue, sketched: SketchedNames, close: () => void) {
    super();
    this.store = store;
    this.catalogue = names;
    this.sketchedNames = sketched;
    this.close = close;
  }

  get size(): number {
    return this.catalogue.size;
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
      (id) => this.catalogue.nameOf(id),
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
      (id) => this.sketchedNames.nameOf(id),
      (visible) => this.store.fetchSketches(visible, from, until, now),
    );
  }

  revision(): number {
    return this.store.revision();
  }

  private isVisible(id: number): boolean {
    return this.catalogue.nameOf(id) !== undefined;
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
