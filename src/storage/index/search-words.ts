/**
 * The words of a search, and how well a text answers one: it is the word, begins with it, or holds it
 * somewhere. Case does not matter. Blanks, `*` and `;` stand between words; a dot in a word is one
 * between two nodes, so that `shop.lat` begins the node below one that ends with `shop`.
 */
import { badRequest } from '../../lib/errors.ts';
import type { InSteps } from '../../lib/in-steps.ts';
import type { SearchHit } from '../roles.ts';
import type { FoldedTexts, FoundTexts } from './folded-texts.ts';

/** Words of one search, and characters of them all. */
const WORDS_MAX = 8;
const QUERY_LENGTH_MAX = 1000;

export interface SearchWord {
  /** In small letters. */
  text: string;
  /** Its parts between dots; the first may be empty, the last too. */
  pieces: string[];
  /** The longest of them, which some node of every hit holds. */
  key: string;
}

/** How well a text answers a word: better is more. */
export const NOT = 1;
export const INSIDE = 2;
export const AT_START = 3;
export const WHOLE = 4;

/** Throws `badRequest` for too many words. */
export function readSearchWords(query: string): SearchWord[] {
  if (query.length > QUERY_LENGTH_MAX) {
    throw badRequest(`query of ${query.length} characters, expected up to ${QUERY_LENGTH_MAX}`);
  }
  const texts = query.toLowerCase().split(/[\s*;\0]+/);
  const words = [...new Set(texts)].filter((text) => /[^.]/.test(text));
  if (words.length > WORDS_MAX) {
    throw badRequest(`${words.length} words read, expected up to ${WORDS_MAX}`);
  }
  return words.map((text) => {
    const pieces = text.split('.');
    const key = pieces.reduce((longest, piece) =>
      piece.length > longest.length ? piece : longest,
    );
    return { text, pieces, key };
  });
}

/** How well a node's text answers a word without dots. */
export function nodeMatch(text: string, word: string): number {
  const folded = text.toLowerCase();
  if (!folded.includes(word)) return NOT;
  if (folded.length === word.length) return WHOLE;
  return folded.startsWith(word) ? AT_START : INSIDE;
}

/** What the parts of a tag are told apart by: its name from its value, the nodes of a value. */
const BOUNDARIES = '.=;';

/** How well `key=value`, or a whole tagged name, answers a word. */
export function tagMatch(folded: string, word: string): number {
  let best = NOT;
  for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
    const isStart = at === 0 || BOUNDARIES.includes(folded[at - 1]!);
    const end = at + word.length;
    const isEnd = end === folded.length || BOUNDARIES.includes(folded[end]!);
    best = Math.max(best, isStart && isEnd ? WHOLE : isStart ? AT_START : INSIDE);
    if (best === WHOLE) break;
  }
  return best;
}

const DEPTH_PLACES = 512;
const LENGTH_PLACES = 4096;

/** Where a hit stands among others, the best first: a whole number below 2 ** 28. */
export function rankOf(
  matches: ArrayLike<number>,
  depth: number,
  length: number,
  isLeaf: boolean,
): number {
  let missed = 0;
  for (let i = 0; i < matches.length; i++) missed += WHOLE - matches[i]!;
  const place = missed * DEPTH_PLACES + Math.min(depth, DEPTH_PLACES - 1);
  return (place * LENGTH_PLACES + Math.min(length, LENGTH_PLACES - 1)) * 2 + (isLeaf ? 0 : 1);
}

/** The texts that hold one of several words. */
interface FoundWord extends FoundTexts {
  /** Which word. */
  at: number;
}

/** Texts looked at for one word. */
const TEXTS_MAX = 2000;

/**
 * Looks words up until one of them has so few texts that hits are looked for by it alone; the longest
 * comes first. Where each has more than can be looked at, the longest has those that begin with it.
 */
export function* findingWords(
  texts: FoldedTexts,
  words: readonly string[],
  isFew: (found: FoundWord) => boolean,
): InSteps<FoundWord[]> {
  const all: FoundWord[] = [];
  const order = [...words.keys()].sort((a, b) => words[b]!.length - words[a]!.length);
  for (const at of order) {
    const found = { at, ...(yield* texts.finding(words[at]!, TEXTS_MAX)) };
    if (found.isWhole && isFew(found)) return [found];
    all.push(found);
  }
  const [longest] = all;
  if (longest === undefined || all.some(({ isWhole }) => isWhole)) return all;
  yield* texts.findingStarts(words[longest.at]!, longest, TEXTS_MAX);
  return [longest];
}

/** Hits of one kind of names. */
export interface RankedHits {
  /** The best first. */
  ranked: { rank: number; hit: SearchHit }[];
  /** Hits there are; at least so many where it is not exact. */
  total: number;
  isExact: boolean;
}
