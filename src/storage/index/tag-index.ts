/**
 * Tagged series by their tags: for each tag its values, for each value the series that carry it
 * (postings.ts). The metric name is the tag `name`. Only tagged names are kept here; names are
 * canonical (wire/series-name.ts). Answers are graphite-web's, in time linear in the postings touched.
 */
import type { SeriesRef, TagExpression, TagQuery, TagValue } from '../roles.ts';
import { UserError } from '../../lib/errors.ts';
import { atOnce, type InSteps, STEPS_AT_ONCE, sortInSteps } from '../../lib/in-steps.ts';
import { compareNames } from './byte-order.ts';
import { Postings } from './postings.ts';
import { TagPairs } from './tag-pairs.ts';
import { type TagTerm, compileTerm } from './tag-term.ts';

/** Removed series stay in the postings until they are this part of the index. */
const REBUILD_SHARE = 0.25;
const REBUILD_MIN = 1024;
const REMOVED = -1;
/** What it costs to read the tags of a name. */
const NAME_STEPS = 10;

type Values = Map<string, Postings>;

export class TagIndex {
  readonly pairs = new TagPairs();
  private tags = new Map<string, Values>();
  private slotByName = new Map<string, number>();
  private slotNames: string[] = [];
  private slotIds: number[] = [];
  /** Tags of the name that came last and their lists, '' for none: a timer's statistics share theirs. */
  private lastTags = '';
  private lastLists: Postings[] = [];

  /**
   * Adds a tagged series, or gives a known one a new id; a name without tags is left out. The name
   * is canonical.
   */
  insert(name: string, id: number): void {
    const known = this.slotByName.get(name);
    if (known !== undefined) {
      this.slotIds[known] = id;
      return;
    }
    const from = name.indexOf(';');
    if (from < 0) return;
    const slot = this.slotNames.length;
    this.slotNames.push(name);
    this.slotIds.push(id);
    this.slotByName.set(name, slot);
    this.listOf('name', name.slice(0, from)).append(slot);
    for (const list of this.listsOfTags(name.slice(from))) list.append(slot);
  }

  /** Of `;tag=value;tag=value`. */
  private listsOfTags(tags: string): Postings[] {
    if (tags === this.lastTags) return this.lastLists;
    this.lastTags = tags;
    this.lastLists = pairsIn(tags).map(([tag, value]) => this.listOf(tag, value));
    return this.lastLists;
  }

  private listOf(tag: string, value: string): Postings {
    const values = getOrMake(this.tags, tag, () => new Map<string, Postings>());
    const list = getOrMake(values, value, () => new Postings());
    this.pairs.take(tag, value, list);
    return list;
  }

  /** As TagReader.tagCounts. */
  counts(most: number): { tag: string; values: number }[] {
    return [...this.tags]
      .filter(([tag]) => tag !== 'name')
      .map(([tag, values]) => ({ tag, values: values.size }))
      .sort((a, b) => b.values - a.values)
      .slice(0, most);
  }

  /** Takes into `pairs` what is not in yet. */
  buildingPairs(): InSteps<void> {
    return this.pairs.building(() => this.tags);
  }

  /** Names of the series of a list. */
  *namesIn(list: Postings): Generator<string, void, undefined> {
    for (const slot of list.view()) if (this.slotIds[slot] !== REMOVED) yield this.slotNames[slot]!;
  }

  /** Removes a series; false when it was not there. */
  remove(name: string, id: number): boolean {
    const slot = this.slotByName.get(name);
    if (slot === undefined || this.slotIds[slot] !== id) return false;
    this.slotByName.delete(name);
    this.slotIds[slot] = REMOVED;
    this.slotNames[slot] = '';
    for (const [tag, value] of pairsOf(name) ?? []) this.unlink(tag, value);
    const removed = this.slotNames.length - this.slotByName.size;
    if (removed >= REBUILD_MIN && removed > this.slotNames.length * REBUILD_SHARE) this.rebuild();
    return true;
  }

  /** The id of a series by its canonical name, -1 when there is none. */
  get(name: string): number {
    const slot = this.slotByName.get(name);
    return slot === undefined ? -1 : this.slotIds[slot]!;
  }

  /** Series that match all expressions, in byte order of their names. */
  find(expressions: readonly TagExpression[]): SeriesRef[] {
    return atOnce(this.finding(expressions));
  }

  /** As `find`, in steps; what comes or goes meanwhile may be in the answer or not. */
  *finding(expressions: readonly TagExpression[]): InSteps<SeriesRef[]> {
    // A rebuild makes new ones.
    const { slotIds, slotNames } = this;
    const slots = yield* this.select(expressions);
    const found: SeriesRef[] = [];
    for (const [i, slot] of slots.entries()) {
      const id = slotIds[slot]!;
      if (id !== REMOVED) found.push({ id, name: slotNames[slot]! });
      if (i % STEPS_AT_ONCE === STEPS_AT_ONCE - 1) yield STEPS_AT_ONCE;
    }
    return yield* sortInSteps(found, (a, b) => compareNames(a.name, b.name));
  }

  /** Names of all series, in byte order. */
  seriesNames(): string[] {
    return atOnce(this.namingSeries());
  }

  /** As `seriesNames`, in steps. */
  *namingSeries(): InSteps<string[]> {
    const names: string[] = [];
    for (const name of this.slotByName.keys()) {
      names.push(name);
      if (names.length % STEPS_AT_ONCE === 0) yield STEPS_AT_ONCE;
    }
    return yield* sortInSteps(names, compareNames);
  }

  /**
   * Tags of the series that match, in byte order, without those that the expressions are about:
   * what graphite-web offers as the next tag to choose.
   */
  names(query: TagQuery): string[] {
    return atOnce(this.naming(query));
  }

  /** As `names`, in steps. */
  *naming(query: TagQuery): InSteps<string[]> {
    const { tags } = this;
    const prefix = query.prefix ?? '';
    const asked = new Set(query.expressions.map(({ tag }) => tag));
    const marks = yield* this.marks(query.expressions);
    const found: string[] = [];
    const spent = new Spent();
    for (const [tag, values] of tags) {
      if (spent.add(1)) yield spent.take();
      if (!tag.startsWith(prefix) || asked.has(tag)) continue;
      if (marks === undefined || (yield* meets(values, marks, spent))) found.push(tag);
    }
    return (yield* sortInSteps(found, compareNames)).slice(0, query.limit);
  }

  /** Values of one tag in the series that match, with their counts, in byte order. */
  values(tag: string, query: TagQuery): TagValue[] {
    return atOnce(this.listing(tag, query));
  }

  /** As `values`, in steps. */
  *listing(tag: string, query: TagQuery): InSteps<TagValue[]> {
    const { tags } = this;
    const prefix = query.prefix ?? '';
    const { expressions } = query;
    const present: TagExpression = { tag, operator: '!=', value: '' };
    const marks =
      expressions.length === 0 ? undefined : yield* this.marks([...expressions, present]);
    const found: TagValue[] = [];
    const spent = new Spent();
    for (const [value, list] of tags.get(tag) ?? []) {
      if (spent.add(marks === undefined ? 1 : 1 + list.length)) yield spent.take();
      if (!value.startsWith(prefix)) continue;
      const count = marks === undefined ? list.live : list.countIn(marks);
      if (count > 0) found.push({ value, count });
    }
    const sorted = yield* sortInSteps(found, (a, b) => compareNames(a.value, b.value));
    return sorted.slice(0, query.limit);
  }

  /** One byte a slot, set where the series matches; undefined when there is nothing to match. */
  private *marks(expressions: readonly TagExpression[]): InSteps<Uint8Array | undefined> {
    if (expressions.length === 0) return undefined;
    const marks = new Uint8Array(this.slotNames.length);
    for (const slot of yield* this.select(expressions)) marks[slot] = 1;
    return marks;
  }

  /** Slots of the series that match all expressions, ascending. */
  private *select(expressions: readonly TagExpression[]): InSteps<number[]> {
    const terms = expressions.map(compileTerm);
    if (terms.every((term) => term.matchesEmpty)) {
      const sentence = 'every tag expression also matches series without the tag';
      throw new UserError('badRequest', `${sentence}, expected at least one such as tag=value`);
    }
    // The fewest series first: whatever comes later looks at those alone.
    terms.sort((a, b) => this.cost(a) - this.cost(b));
    const { tags, slotNames, slotIds } = this;
    const seen: Snapshot = {
      tags,
      slotNames,
      slotIds,
      count: slotNames.length,
      spent: new Spent(),
    };
    let slots = yield* carriers(seen, terms[0]!); // at least one, and it does not match empty
    for (const term of terms.slice(1)) {
      if (slots.length === 0) break;
      slots = yield* narrow(seen, slots, term);
    }
    return slots;
  }

  /** An estimate that puts exact values first, then patterns, then what matches nearly all. */
  private cost(term: TagTerm): number {
    if (term.matchesEmpty) return Infinity;
    const values = this.tags.get(term.tag);
    if (term.only !== undefined) return values?.get(term.only)?.length ?? 0;
    return this.slotNames.length + (values?.size ?? 0);
  }

  private unlink(tag: string, value: string): void {
    const values = this.tags.get(tag);
    const list = values?.get(value);
    if (values === undefined || list === undefined) return;
    list.live -= 1;
    if (list.live === 0) {
      values.delete(value);
      this.pairs.drop(list);
      this.lastTags = '';
    }
    if (values.size === 0) this.tags.delete(tag);
  }

  /** Builds all postings again without the removed series. */
  private rebuild(): void {
    const series = [...this.slotByName].map(([name, slot]) => [name, this.slotIds[slot]!] as const);
    this.tags = new Map();
    this.lastTags = '';
    this.pairs.clear();
    this.slotByName = new Map();
    this.slotNames = [];
    this.slotIds = [];
    for (const [name, id] of series) this.insert(name, id);
  }
}

/** What one search looks at: a rebuild meanwhile makes another index. */
interface Snapshot {
  tags: ReadonlyMap<string, Values>;
  slotNames: readonly string[];
  slotIds: readonly number[];
  /** Slots when the search began: later ones are not looked at. */
  count: number;
  spent: Spent;
}

/** Slots of the series that have the tag with a value that matches. */
function* carriers(seen: Snapshot, term: TagTerm): InSteps<number[]> {
  const lists = yield* listsOf(seen, term);
  const slots: number[] = [];
  if (lists.length === 1) {
    const view = lists[0]!.view();
    for (const slot of view) if (isLiving(seen, slot)) slots.push(slot);
    if (seen.spent.add(view.length)) yield seen.spent.take();
    return slots;
  }
  const marks = yield* marksOf(seen, lists);
  for (let slot = 0; slot < marks.length; slot++) {
    if (marks[slot] === 1 && isLiving(seen, slot)) slots.push(slot);
    if (slot % STEPS_AT_ONCE === STEPS_AT_ONCE - 1) yield STEPS_AT_ONCE;
  }
  return slots;
}

function isLiving({ slotIds, count }: Snapshot, slot: number): boolean {
  return slot < count && slotIds[slot] !== REMOVED;
}

function* listsOf({ tags, spent }: Snapshot, term: TagTerm): InSteps<Postings[]> {
  const values = tags.get(term.tag);
  if (values === undefined) return [];
  if (term.only !== undefined) {
    const list = values.get(term.only);
    return list === undefined ? [] : [list];
  }
  const lists: Postings[] = [];
  for (const [value, list] of values) {
    if (term.matches(value)) lists.push(list);
    if (spent.add(term.steps(value))) yield spent.take();
  }
  return lists;
}

/** One byte a slot, set for those of the lists. */
function* marksOf({ count, spent }: Snapshot, lists: readonly Postings[]): InSteps<Uint8Array> {
  const marks = new Uint8Array(count);
  for (const list of lists) {
    list.mark(marks);
    if (spent.add(list.length)) yield spent.take();
  }
  return marks;
}

function* narrow(seen: Snapshot, slots: readonly number[], term: TagTerm): InSteps<number[]> {
  const values = seen.tags.get(term.tag);
  if (values === undefined) return term.matchesEmpty ? [...slots] : [];
  if (term.only === undefined && slots.length < values.size)
    return yield* narrowByName(seen, slots, term);
  // A term that matches series without the tag is asked the other way round: who is out?
  const asked = term.matchesEmpty ? { ...term, matches: (v: string) => !term.matches(v) } : term;
  const marks = yield* marksOf(seen, yield* listsOf(seen, asked));
  const wanted = term.matchesEmpty ? 0 : 1;
  if (seen.spent.add(slots.length)) yield seen.spent.take();
  return slots.filter((slot) => marks[slot] === wanted);
}

/** For few series and a tag of many values: reads the tag from each name. */
function* narrowByName(
  { slotNames, spent }: Snapshot,
  slots: readonly number[],
  term: TagTerm,
): InSteps<number[]> {
  const answers = new Map<string, boolean>();
  const kept: number[] = [];
  for (const slot of slots) {
    const pairs = pairsOf(slotNames[slot]!);
    const value = pairs?.find(([tag]) => tag === term.tag)?.[1] ?? '';
    if (!answers.has(value)) {
      answers.set(value, term.matches(value));
      if (spent.add(term.steps(value))) yield spent.take();
    }
    if (answers.get(value) === true) kept.push(slot);
    if (spent.add(NAME_STEPS)) yield spent.take();
  }
  return kept;
}

function* meets(values: Values, marks: Uint8Array, spent: Spent): InSteps<boolean> {
  for (const list of values.values()) {
    if (spent.add(1 + list.length)) yield spent.take();
    if (list.meets(marks)) return true;
  }
  return false;
}

/** Steps of a search since it last let others run. */
class Spent {
  private steps = 0;

  /** Whether it is time to. */
  add(steps: number): boolean {
    this.steps += steps;
    return this.steps >= STEPS_AT_ONCE;
  }

  take(): number {
    const { steps } = this;
    this.steps = 0;
    return steps;
  }
}

/** Tags of a canonical name, and `name`; undefined for a plain one. */
function pairsOf(name: string): [string, string][] | undefined {
  const from = name.indexOf(';');
  return from < 0 ? undefined : [['name', name.slice(0, from)], ...pairsIn(name.slice(from))];
}

/** Of `;tag=value;tag=value`. No check: names are valid. */
function pairsIn(tags: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (let from = 0; from >= 0;) {
    const next = tags.indexOf(';', from + 1);
    const equals = tags.indexOf('=', from + 1);
    const end = next < 0 ? tags.length : next;
    pairs.push([tags.slice(from + 1, equals), tags.slice(equals + 1, end)]);
    from = next;
  }
  return pairs;
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
