/**
 * Searches tagged series for parts of their tags, the metric name (`name=…`) among them: `tag=value`
 * that hold all words, and series that hold them in several of their tags. A series of which one tag
 * holds all words is not listed beside that tag. Ranked as names are (search-words.ts) and bounded
 * as a search of names is.
 */
import type { FoundTexts } from './folded-texts.ts';
import { type InSteps, STEPS_AT_ONCE } from '../../lib/in-steps.ts';
import {
  findingWords,
  NOT,
  type RankedHits,
  rankOf,
  type SearchWord,
  tagMatch,
} from './search-words.ts';
import type { TagIndex } from './tag-index.ts';
import type { TagPair } from './tag-pairs.ts';

/** Pairs by which hits are looked for without asking for other words. */
const FEW_PAIRS = 10;
/** Names of series looked at by one search, in one go. */
const VISITS_MAX = 5000;

/** The pairs that hold a word. */
interface Holding {
  pairs: TagPair[];
  /** Series that have one of them, those that have two of them twice. */
  series: number;
  isWhole: boolean;
}

export function* searchTags(
  index: TagIndex,
  words: readonly SearchWord[],
  most: number,
): InSteps<RankedHits> {
  yield* index.buildingPairs();
  const texts = words.map(({ text }) => text);
  const found = yield* findingWords(index.pairs.texts, texts, ({ ids }) => ids.size <= FEW_PAIRS);
  // From here on nothing comes or goes.
  const holding = found.map((one) => holdingOf(index, texts[one.at]!, one)); // one a word
  const narrow = holding.reduce((least, one) => (costOf(one) < costOf(least) ? one : least));
  const ranked: RankedHits['ranked'] = [];
  const whole = new Set<TagPair>();
  for (const pair of narrow.pairs) {
    const path = `${pair.tag}=${pair.value}`;
    const matches = matchesOf(path, words);
    if (matches === undefined) continue;
    whole.add(pair);
    const { tag, value, list } = pair;
    const rank = rankOf(matches, 1, path.length, false);
    const hit = { path, leaf: false, branch: false, series: list.live, tag: { tag, value } };
    ranked.push({ rank, hit });
  }
  let isSeen = true;
  if (words.length > 1) {
    const others = narrow.pairs.filter((pair) => !whole.has(pair));
    isSeen = searchSeries(index, others, words, ranked);
  }
  yield STEPS_AT_ONCE + ranked.length;
  const total = ranked.length;
  ranked.sort((a, b) => a.rank - b.rank || (a.hit.path < b.hit.path ? -1 : 1));
  return { ranked: ranked.slice(0, most), total, isExact: narrow.isWhole && isSeen };
}

function holdingOf(index: TagIndex, word: string, { ids, isWhole }: FoundTexts): Holding {
  const pairs: TagPair[] = [];
  let series = 0;
  for (const id of ids) {
    const pair = index.pairs.get(id);
    // Ids of those that went meanwhile stand for others.
    if (pair === undefined || !`${pair.tag}=${pair.value}`.toLowerCase().includes(word)) continue;
    pairs.push(pair);
    series += pair.list.live;
  }
  return { pairs, series, isWhole };
}

/** One of which not all pairs are known is the last to be gone by. */
function costOf({ pairs, series, isWhole }: Holding): number {
  return pairs.length + series + (isWhole ? 0 : 1e9);
}

/** Adds the series of these pairs that hold all words; false when it was too much. */
function searchSeries(
  index: TagIndex,
  pairs: readonly TagPair[],
  words: readonly SearchWord[],
  ranked: RankedHits['ranked'],
): boolean {
  const seen = new Set<string>();
  let visits = 0;
  for (const { list } of pairs) {
    for (const path of index.namesIn(list)) {
      if (++visits > VISITS_MAX) return false;
      if (seen.has(path)) continue;
      seen.add(path);
      const matches = matchesOf(path, words);
      if (matches === undefined) continue;
      const rank = rankOf(matches, path.split(';').length, path.length, true);
      ranked.push({ rank, hit: { path, leaf: true, branch: false, series: 1 } });
    }
  }
  return true;
}

/** How well a text answers each word; undefined when it lacks one. */
function matchesOf(text: string, words: readonly SearchWord[]): number[] | undefined {
  const folded = text.toLowerCase();
  const matches: number[] = [];
  for (const word of words) {
    const match = tagMatch(folded, word.text);
    if (match === NOT) return undefined;
    matches.push(match);
  }
  return matches;
}
