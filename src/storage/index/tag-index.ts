/**
 * Tagged series by their tags: for each tag its values, for each value the series that carry it
 * (postings.ts). The metric name is the tag `name`. Only tagged names are kept here; names are
 * canonical (wire/series-name.ts). Answers are graphite-web's, in time linear in the postings touched.
 */
import type { SeriesRef, TagExpression, TagQuery, TagValue } from '../roles.ts';
import { UserError } from '../../lib/errors.ts';
import { compareNames } from './byte-order.ts';
import { Postings } from './postings.ts';
import { type TagTerm, compileTerm } from './tag-term.ts';

/** Removed series stay in the postings until they are this part of the index. */
const REBUILD_SHARE = 0.25;
const REBUILD_MIN = 1024;
const REMOVED = -1;

type Values = Map<string, Postings>;

export class TagIndex {
  private tags = new Map<string, Values>();
  private slotByName = new Map<string, number>();
  private slotNames: string[] = [];
  private slotIds: number[] = [];

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
    const pairs = pairsOf(name);
    if (pairs === undefined) return;
    const slot = this.slotNames.length;
    this.slotNames.push(name);
    this.slotIds.push(id);
    this.slotByName.set(name, slot);
    for (const [tag, value] of pairs) {
      const values = getOrMake(this.tags, tag, () => new Map<string, Postings>());
      getOrMake(values, value, () => new Postings()).append(slot);
    }
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
    const found = this.select(expressions).map((slot): SeriesRef => {
      return { id: this.slotIds[slot]!, name: this.slotNames[slot]! };
    });
    return found.sort((a, b) => compareNames(a.name, b.name));
  }

  /** Names of all series, in byte order. */
  seriesNames(): string[] {
    return [...this.slotByName.keys()].sort(compareNames);
  }

  /**
   * Tags of the series that match, in byte order, without those that the expressions are about:
   * what graphite-web offers as the next tag to choose.
   */
  names(query: TagQuery): string[] {
    const prefix = query.prefix ?? '';
    const asked = new Set(query.expressions.map(({ tag }) => tag));
    const marks = this.marks(query.expressions);
    const found: string[] = [];
    for (const [tag, values] of this.tags) {
      if (!tag.startsWith(prefix) || asked.has(tag)) continue;
      if (marks === undefined || some(values, (list) => list.meets(marks))) found.push(tag);
    }
    return found.sort(compareNames).slice(0, query.limit);
  }

  /** Values of one tag in the series that match, with their counts, in byte order. */
  values(tag: string, query: TagQuery): TagValue[] {
    const prefix = query.prefix ?? '';
    const { expressions } = query;
    const present: TagExpression = { tag, operator: '!=', value: '' };
    const marks = expressions.length === 0 ? undefined : this.marks([...expressions, present]);
    const found: TagValue[] = [];
    for (const [value, list] of this.tags.get(tag) ?? []) {
      if (!value.startsWith(prefix)) continue;
      const count = marks === undefined ? list.live : list.countIn(marks);
      if (count > 0) found.push({ value, count });
    }
    return found.sort((a, b) => compareNames(a.value, b.value)).slice(0, query.limit);
  }

  /** One byte a slot, set where the series matches; undefined when there is nothing to match. */
  private marks(expressions: readonly TagExpression[]): Uint8Array | undefined {
    if (expressions.length === 0) return undefined;
    const marks = new Uint8Array(this.slotNames.length);
    for (const slot of this.select(expressions)) marks[slot] = 1;
    return marks;
  }

  /** Slots of the series that match all expressions, ascending. */
  private select(expressions: readonly TagExpression[]): number[] {
    const terms = expressions.map(compileTerm);
    if (terms.every((term) => term.matchesEmpty)) {
      const sentence = 'every tag expression also matches series without the tag';
      throw new UserError('badRequest', `${sentence}, expected at least one such as tag=value`);
    }
    // The fewest series first: whatever comes later looks at those alone.
    terms.sort((a, b) => this.cost(a) - this.cost(b));
    let slots = this.carriers(terms[0]!); // at least one, and it does not match empty
    for (const term of terms.slice(1)) {
      if (slots.length === 0) break;
      slots = this.narrow(slots, term);
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

  /** Slots of the series that have the tag with a value that matches. */
  private carriers(term: TagTerm): number[] {
    const lists = this.listsOf(term);
    if (lists.length === 1) return this.living(lists[0]!.view());
    const marks = new Uint8Array(this.slotNames.length);
    for (const list of lists) list.mark(marks);
    const slots: number[] = [];
    for (let slot = 0; slot < marks.length; slot++) {
      if (marks[slot] === 1 && this.slotIds[slot] !== REMOVED) slots.push(slot);
    }
    return slots;
  }

  private listsOf(term: TagTerm): Postings[] {
    const values = this.tags.get(term.tag);
    if (values === undefined) return [];
    if (term.only !== undefined) {
      const list = values.get(term.only);
      return list === undefined ? [] : [list];
    }
    return [...values].filter(([value]) => term.matches(value)).map(([, list]) => list);
  }

  private narrow(slots: readonly number[], term: TagTerm): number[] {
    const values = this.tags.get(term.tag);
    if (values === undefined) return term.matchesEmpty ? [...slots] : [];
    if (term.only === undefined && slots.length < values.size)
      return this.narrowByName(slots, term);
    // A term that matches series without the tag is asked the other way round: who is out?
    const asked = term.matchesEmpty ? { ...term, matches: (v: string) => !term.matches(v) } : term;
    const marks = new Uint8Array(this.slotNames.length);
    for (const list of this.listsOf(asked)) list.mark(marks);
    const wanted = term.matchesEmpty ? 0 : 1;
    return slots.filter((slot) => marks[slot] === wanted);
  }

  /** For few series and a tag of many values: reads the tag from each name. */
  private narrowByName(slots: readonly number[], term: TagTerm): number[] {
    const answers = new Map<string, boolean>();
    return slots.filter((slot) => {
      const pairs = pairsOf(this.slotNames[slot]!);
      const value = pairs?.find(([tag]) => tag === term.tag)?.[1] ?? '';
      return getOrMake(answers, value, () => term.matches(value));
    });
  }

  private living(view: Uint32Array): number[] {
    const slots: number[] = [];
    for (const slot of view) if (this.slotIds[slot] !== REMOVED) slots.push(slot);
    return slots;
  }

  private unlink(tag: string, value: string): void {
    const values = this.tags.get(tag);
    const list = values?.get(value);
    if (values === undefined || list === undefined) return;
    list.live -= 1;
    if (list.live === 0) values.delete(value);
    if (values.size === 0) this.tags.delete(tag);
  }

  /** Builds all postings again without the removed series. */
  private rebuild(): void {
    const series = [...this.slotByName].map(([name, slot]) => [name, this.slotIds[slot]!] as const);
    this.tags = new Map();
    this.slotByName = new Map();
    this.slotNames = [];
    this.slotIds = [];
    for (const [name, id] of series) this.insert(name, id);
  }
}

/** Tags of a canonical name, and `name`; undefined for a plain one. No check: names are valid. */
function pairsOf(name: string): [string, string][] | undefined {
  let from = name.indexOf(';');
  if (from < 0) return undefined;
  const pairs: [string, string][] = [['name', name.slice(0, from)]];
  while (from >= 0) {
    const next = name.indexOf(';', from + 1);
    const equals = name.indexOf('=', from + 1);
    const end = next < 0 ? name.length : next;
    pairs.push([name.slice(from + 1, equals), name.slice(equals + 1, end)]);
    from = next;
  }
  return pairs;
}

function some(values: Values, test: (list: Postings) => boolean): boolean {
  for (const list of values.values()) if (test(list)) return true;
  return false;
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
