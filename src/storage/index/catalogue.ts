/**
 * The names of all series in memory, with their ids: the tree of plain names, the index of tagged
 * ones and the name of each id. Built at start; a store answers its finds from it.
 */
import { atOnce, type InSteps, sortInSteps, STEPS_AT_ONCE } from '../../lib/in-steps.ts';
import { compareNames } from './byte-order.ts';
import { NameTree } from './name-tree.ts';
import { RecentNames } from './recent-names.ts';
import { searchNames } from './search.ts';
import { TagIndex } from './tag-index.ts';
import { isTaggedName, lookupName } from '../../wire/series-name.ts';
import type {
  FindOptions,
  FoundNode,
  NamePrefix,
  NewNames,
  SearchAnswer,
  SeriesRef,
  TagExpression,
  TagQuery,
  TagValue,
} from '../roles.ts';

/** Names looked at before others run: each is asked about and perhaps taken into a tree. */
const FOLLOWED_AT_ONCE = 512;

export class Catalogue {
  private readonly tags = new TagIndex();
  private readonly names: (string | undefined)[] = [];
  private readonly tree = new NameTree(this.names);
  /** Ids of tagged series that are kept out of the tag index, -1 for a name without a series. */
  private readonly hidden = new Map<string, number>();
  /** Called before every search by tags. */
  onTagSearch: () => void = () => {};
  /** What came since the start, for whoever tells it. */
  private readonly recent = new RecentNames();
  private count = 0;
  /** Series ever removed: their ids may be others' since. */
  private removals = 0;
  /** Catalogues of some of these names, each with the question which. */
  private readonly followers = new Map<Catalogue, (name: string) => boolean>();

  get size(): number {
    return this.count;
  }

  /** Makes room for that many more plain names at once. */
  reserve(count: number): void {
    this.tree.reserve(count);
  }

  /** Adds a series under its canonical name, which must not be known. */
  insert(name: string, id: number): void {
    if (this.hidden.has(name)) this.hidden.set(name, id);
    else if (isTaggedName(name)) this.tags.insert(name, id);
    else this.tree.insert(name, id);
    this.names[id] = name;
    this.count += 1;
    for (const follower of this.followersOf(name)) follower.insert(name, id);
  }

  /** Forgets a canonical name; its id, or -1 when it was not there. */
  remove(name: string): number {
    const id = this.get(name);
    if (id < 0) return -1;
    if (this.hidden.has(name)) this.hidden.set(name, -1);
    else if (isTaggedName(name)) this.tags.remove(name, id);
    else this.tree.remove(name);
    this.names[id] = undefined;
    this.removals += 1;
    this.count -= 1;
    for (const follower of this.followersOf(name)) follower.remove(name);
    return id;
  }

  /** The id of a canonical name, -1 when there is none. */
  get(name: string): number {
    if (!isTaggedName(name)) return this.tree.get(name);
    return this.hidden.get(name) ?? this.tags.get(name);
  }

  /** Keeps a tagged series out of all searches by tags; whoever knows its name finds it. */
  hide(name: string): void {
    if (!isTaggedName(name) || this.hidden.has(name)) return;
    const id = this.tags.get(name);
    if (id >= 0) this.tags.remove(name, id);
    this.hidden.set(name, id);
    for (const follower of this.followersOf(name)) follower.hide(name);
  }

  /** The end of `hide`. */
  show(name: string): void {
    const id = this.hidden.get(name);
    if (id === undefined) return;
    this.hidden.delete(name);
    if (id >= 0) this.tags.insert(name, id);
    for (const follower of this.followersOf(name)) follower.show(name);
  }

  /**
   * Makes a catalogue of those names that are visible, under the same ids; it takes over whatever
   * changes here until `unfollow`. Its finds, counts and limits know of no other names.
   */
  *following(isVisible: (name: string) => boolean): InSteps<Catalogue> {
    const view = new Catalogue();
    view.onTagSearch = () => this.onTagSearch();
    this.followers.set(view, isVisible);
    for (const name of this.hidden.keys()) if (isVisible(name)) view.hide(name);
    for (let id = 0; id < this.names.length; id++) {
      const name = this.names[id];
      // What came meanwhile is there already.
      if (name !== undefined && view.nameOf(id) === undefined && isVisible(name)) {
        view.insert(name, id);
      }
      if (id % FOLLOWED_AT_ONCE === FOLLOWED_AT_ONCE - 1) yield STEPS_AT_ONCE;
    }
    return view;
  }

  /** Ends `following`. */
  unfollow(view: Catalogue): void {
    this.followers.delete(view);
  }

  private *followersOf(name: string): Generator<Catalogue, void, undefined> {
    for (const [follower, isVisible] of this.followers) if (isVisible(name)) yield follower;
  }

  nameOf(id: number): string | undefined {
    return this.names[id];
  }

  /** Series whose ids are among the next `count` from `id` on, and where to go on, if at all. */
  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined } {
    const end = Math.min(id + count, this.names.length);
    const series: SeriesRef[] = [];
    for (let i = id; i < end; i++) {
      const name = this.names[i];
      if (name !== undefined) series.push({ id: i, name });
    }
    return { series, next: end < this.names.length ? end : undefined };
  }

  lookup(name: string): SeriesRef | undefined {
    const canonical = lookupName(name);
    const id = this.get(canonical);
    return id < 0 ? undefined : { id, name: canonical };
  }

  find(pattern: string, options: FindOptions = {}): FoundNode[] {
    return atOnce(this.finding(pattern, options));
  }

  *finding(pattern: string, options: FindOptions = {}): InSteps<FoundNode[]> {
    const { removals } = this;
    const found = yield* this.tree.finding(pattern, options.limit ?? Infinity);
    if (removals === this.removals) return found;
    return found.filter(({ id, path }) => id < 0 || this.names[id] === path);
  }

  allNames(): string[] {
    return atOnce(this.naming());
  }

  *naming(): InSteps<string[]> {
    const plain = yield* this.namingPlain();
    const tagged = yield* this.tags.namingSeries();
    for (const [name, id] of this.hidden) if (id >= 0) tagged.push(name);
    return yield* sortInSteps(plain.concat(tagged), compareNames);
  }

  /** Names without tags, sorted. */
  namingPlain(): InSteps<string[]> {
    return this.tree.naming();
  }

  /** As SearchInSteps.searching. */
  searching(query: string, most: number): InSteps<SearchAnswer> {
    this.onTagSearch();
    return searchNames(this.tree, this.tags, query, most);
  }

  listingPrefixes(most: number): InSteps<NamePrefix[]> {
    return this.tree.listingPrefixes(most);
  }

  /** A name that was not there before; `time` in epoch seconds. */
  noteNew(name: string, time: number): void {
    this.recent.note(name, time);
    for (const follower of this.followersOf(name)) follower.noteNew(name, time);
  }

  /** As SeriesReader.newNames. */
  newNames(): NewNames[] {
    return this.recent.list();
  }

  /** Bytes of memory that searches need beside the names. */
  get searchBytes(): number {
    return this.tree.index.byteLength + this.tags.pairs.byteLength;
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return atOnce(this.findingTagged(expressions));
  }

  *findingTagged(expressions: TagExpression[]): InSteps<SeriesRef[]> {
    this.onTagSearch();
    const { removals } = this;
    const found = yield* this.tags.finding(expressions);
    if (removals === this.removals) return found;
    return found.filter(({ id, name }) => this.names[id] === name);
  }

  tagNames(query: TagQuery): string[] {
    return atOnce(this.namingTags(query));
  }

  namingTags(query: TagQuery): InSteps<string[]> {
    this.onTagSearch();
    return this.tags.naming(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return atOnce(this.listingValues(tag, query));
  }

  /** As TagReader.tagCounts. */
  tagCounts(most: number): { tag: string; values: number }[] {
    this.onTagSearch();
    return this.tags.counts(most);
  }

  listingValues(tag: string, query: TagQuery): InSteps<TagValue[]> {
    this.onTagSearch();
    return this.tags.listing(tag, query);
  }
}
