/**
 * Which names somebody may read or write, as rules say it, a text each:
 *
 *     servers.web*             the names at and below these nodes, with tags or without: a subtree
 *     team=web;env!=prod       the tagged names that match all of these expressions
 *     **                       all names
 *
 * Nodes match as in targets (`*`, `?`, `[a-z]`, `{a,b}`), expressions as in seriesByTag.
 */
import { badRequest } from '../lib/errors.ts';
import { parseTagExpression, tagsOf } from '../query/target/tag-expression.ts';
import { compileGlob, type Glob } from '../storage/index/glob.ts';
import { compileTerm, type TagTerm } from '../storage/index/tag-term.ts';

const EVERYTHING = '**';

export class NameSet {
  /** The rules, sorted, each once: two sets with the same texts hold the same names. */
  readonly texts: readonly string[];
  readonly isAll: boolean;
  private readonly subtrees: readonly (readonly Glob[])[];
  private readonly searches: readonly (readonly TagTerm[])[];

  /** Throws a sentence for a rule that cannot be read. */
  constructor(texts: Iterable<string>) {
    this.texts = [...new Set(texts)].sort();
    this.isAll = this.texts.includes(EVERYTHING);
    const isSearch = (text: string): boolean => text.includes('=');
    this.subtrees = this.texts.filter((text) => !isSearch(text)).map(readSubtree);
    this.searches = this.texts.filter(isSearch).map(readSearch);
  }

  get isEmpty(): boolean {
    return this.texts.length === 0;
  }

  /** Whether a canonical name is among them. */
  has(name: string): boolean {
    if (this.isAll) return true;
    const tags = name.indexOf(';');
    const nodes = (tags < 0 ? name : name.slice(0, tags)).split('.');
    if (this.subtrees.some((globs) => isWithin(nodes, globs))) return true;
    if (tags < 0 || this.searches.length === 0) return false;
    const own = new Map(Object.entries(tagsOf(name)));
    return this.searches.some((terms) =>
      terms.every((term) => term.matches(own.get(term.tag) ?? '')),
    );
  }
}

function isWithin(nodes: readonly string[], globs: readonly Glob[]): boolean {
  return globs.length <= nodes.length && globs.every((glob, i) => glob.matches(nodes[i]!)); // i < length
}

function readSubtree(text: string): Glob[] {
  const nodes = text.split('.');
  // `servers.**` and `servers` are the same: what is below a node is in its subtree.
  if (nodes.at(-1) === EVERYTHING) nodes.pop();
  if (nodes.some((node) => node === '' || node.includes(EVERYTHING)) || text.includes(';')) {
    throw badRequest(`read "${text}", expected nodes such as servers.web* ("**" at the end only)`);
  }
  return nodes.map(compileGlob);
}

function readSearch(text: string): TagTerm[] {
  const terms = text.split(';').map((one) => compileTerm(parseTagExpression(one)));
  if (terms.some(({ matchesEmpty }) => !matchesEmpty)) return terms;
  throw badRequest(`read "${text}", expected an expression that only tagged names match`);
}
