/**
 * The names of timers and sets whose sketches are stored, with their ids: a catalogue of each kind,
 * because a timer and a set may share a name. A store answers its finds of sketches from it.
 */
import { type InSteps, sortInSteps } from '../../lib/in-steps.ts';
import { SKETCH_SET, SKETCH_TIMER, type SketchKind } from '../../wire/statistics.ts';
import type { FindOptions, SeriesRef, SketchedRef, TagExpression } from '../roles.ts';
import { compareNames } from './byte-order.ts';
import { Catalogue } from './catalogue.ts';

const KINDS = [SKETCH_TIMER, SKETCH_SET] as const;

export class SketchedNames {
  private readonly catalogues: readonly [Catalogue, Catalogue];

  constructor(catalogues: readonly [Catalogue, Catalogue] = [new Catalogue(), new Catalogue()]) {
    this.catalogues = catalogues;
  }

  insert(kind: SketchKind, name: string, id: number): void {
    this.catalogues[kind].insert(name, id);
  }

  /** The id of the one that was there, else -1. */
  remove(kind: SketchKind, name: string): number {
    return this.catalogues[kind].remove(name);
  }

  /** The id of a canonical name, -1 when there is none. */
  get(kind: SketchKind, name: string): number {
    return this.catalogues[kind].get(name);
  }

  nameOf(id: number): string | undefined {
    const [timers, sets] = this.catalogues;
    return timers.nameOf(id) ?? sets.nameOf(id);
  }

  /** As SketchReader.findSketched of roles.ts, in steps. */
  finding(pattern: string, options: FindOptions = {}): InSteps<SketchedRef[]> {
    return this.refs(function* (catalogue) {
      const refs: SeriesRef[] = [];
      for (const { leaf, id, path } of yield* catalogue.finding(pattern, options)) {
        if (leaf) refs.push({ id, name: path });
      }
      return refs;
    });
  }

  findingByTags(expressions: TagExpression[]): InSteps<SketchedRef[]> {
    return this.refs((catalogue) => catalogue.findingTagged(expressions));
  }

  /** As Catalogue.following. */
  *following(isVisible: (name: string) => boolean): InSteps<SketchedNames> {
    const [timers, sets] = this.catalogues;
    return new SketchedNames([
      yield* timers.following(isVisible),
      yield* sets.following(isVisible),
    ]);
  }

  unfollow({ catalogues }: SketchedNames): void {
    for (const kind of KINDS) this.catalogues[kind].unfollow(catalogues[kind]);
  }

  private *refs(find: (catalogue: Catalogue) => InSteps<SeriesRef[]>): InSteps<SketchedRef[]> {
    const found: SketchedRef[] = [];
    for (const kind of KINDS) {
      const named = kind === SKETCH_SET ? 'set' : 'timer';
      for (const { id, name } of yield* find(this.catalogues[kind])) {
        found.push({ id, name, kind: named });
      }
    }
    return yield* sortInSteps(found, (a, b) => compareNames(a.name, b.name));
  }
}
