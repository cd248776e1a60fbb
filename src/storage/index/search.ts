/**
 * A search for parts of names and tags, over the tree and the tagged series together: one list, the
 * best first (search-words.ts says what that is).
 */
import type { InSteps } from '../../lib/in-steps.ts';
import type { SearchAnswer } from '../roles.ts';
import { compareNames } from './byte-order.ts';
import type { NameTree } from './name-tree.ts';
import { type RankedHits, readSearchWords } from './search-words.ts';
import type { TagIndex } from './tag-index.ts';
import { searchTags } from './tag-search.ts';

const NONE: RankedHits = { ranked: [], total: 0, isExact: true };

/** The first `most` hits of a query; without a word none, and what later ones need is made. */
export function* searchNames(
  tree: NameTree,
  tags: TagIndex,
  query: string,
  most: number,
): InSteps<SearchAnswer> {
  const words = readSearchWords(query);
  if (words.length === 0) {
    yield* tree.index.building();
    yield* tags.buildingPairs();
  }
  const found = words.length === 0 ? NONE : yield* tree.searching(words, most);
  const tagged = words.length === 0 ? NONE : yield* searchTags(tags, words, most);
  const ranked = [...found.ranked, ...tagged.ranked];
  ranked.sort((a, b) => a.rank - b.rank || compareNames(a.hit.path, b.hit.path));
  return {
    words: words.map(({ text }) => text),
    hits: ranked.slice(0, most).map(({ hit }) => hit),
    total: found.total + tagged.total,
    isExact: found.isExact && tagged.isExact,
  };
}
