/**
 * Every look-up of names and tags that a store is asked (roles.ts), from its catalogue and the names of
 * its sketches: the same for the embedded store, for views of it, and for models.
 */
import { atOnce, type InSteps } from '../../lib/in-steps.ts';
import type {
  FindOptions,
  FoundNode,
  NamePrefix,
  NewNames,
  SearchAnswer,
  SearchInSteps,
  SeriesReader,
  SeriesRef,
  SketchedRef,
  SketchReader,
  TagExpression,
  TagQuery,
  TagReader,
  TagValue,
} from '../roles.ts';
import type { Catalogue } from './catalogue.ts';
import type { SketchedNames } from './sketched-names.ts';

export abstract class NameAnswers
  implements
    Pick<SeriesReader, 'find' | 'lookup' | 'allNames' | 'seriesFrom' | 'newNames'>,
    TagReader,
    SearchInSteps,
    Omit<SketchReader, 'fetchSketches'>
{
  protected abstract readonly catalogue: Catalogue;
  protected abstract readonly sketchedNames: SketchedNames;

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

  newNames(): NewNames[] {
    return this.catalogue.newNames();
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

  searching(query: string, most: number): InSteps<SearchAnswer> {
    return this.catalogue.searching(query, most);
  }

  listingPrefixes(most: number): InSteps<NamePrefix[]> {
    return this.catalogue.listingPrefixes(most);
  }

  finding(pattern: string, options?: FindOptions): InSteps<FoundNode[]> {
    return this.catalogue.finding(pattern, options);
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
    return atOnce(this.sketchedNames.finding(pattern, options));
  }

  findSketchedByTags(expressions: TagExpression[]): SketchedRef[] {
    return atOnce(this.sketchedNames.findingByTags(expressions));
  }

  findingSketched(pattern: string, options?: FindOptions): InSteps<SketchedRef[]> {
    return this.sketchedNames.finding(pattern, options);
  }

  findingSketchedByTags(expressions: TagExpression[]): InSteps<SketchedRef[]> {
    return this.sketchedNames.findingByTags(expressions);
  }
}
