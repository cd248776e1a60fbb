/**
 * One node of a find pattern, matched as graphite-web does: Python's case-sensitive fnmatch, with
 * braces written out first.
 *
 *     *       any characters          [a-z] [!1]   one of, none of these (`]` first is literal)
 *     ?       any one character       {a,b}        either; innermost first, no commas: as is
 *
 * The matcher returns only to the last `*`: pattern length times text length steps at
 * worst. Used by name-find.ts, which asks once per distinct text.
 */
import { UserError } from '../../lib/errors.ts';

/** Most spellings that the braces of one node may expand to; a dashboard may list all its hosts. */
const VARIANTS_MAX = 10_000;
/** Characters of all spellings on the way, those with braces left in them too. */
const VARIANTS_LENGTH_MAX = 10_000_000;
/** Most of them that may hold wildcards: each of those is tried on every text. */
const WILD_VARIANTS_MAX = 500;

const HYPHEN = 0x2d;
const WILD = /[*?[{]/;

/** One position of a compiled variant. */
type Item =
  | { kind: 'char'; code: number }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'class'; negated: boolean; ranges: readonly (readonly [number, number])[] };

export interface Glob {
  /** The only text that matches, when the pattern has no wildcard. */
  readonly literal: string | undefined;
  /** True when every text matches. */
  readonly all: boolean;
  /** Wildcard spellings that a text is tried with, one after another. */
  readonly spellings: number;
  matches(text: string): boolean;
}

/** Compiles one node, without dots; throws `overLimit` when braces expand to too much. */
export function compileGlob(pattern: string): Glob {
  if (!WILD.test(pattern)) {
    return { literal: pattern, all: false, spellings: 0, matches: (text) => text === pattern };
  }
  const literals = new Set<string>();
  const wild: Item[][] = [];
  for (const variant of expandBraces(pattern)) {
    const items = compileVariant(variant);
    if (items.every(({ kind }) => kind === 'char')) literals.add(variant);
    else wild.push(items);
  }
  if (wild.length > WILD_VARIANTS_MAX) throw tooMany(pattern, `${WILD_VARIANTS_MAX} wildcards`);
  const [first] = literals;
  return {
    literal: literals.size === 1 && wild.length === 0 ? first : undefined,
    all: wild.some((items) => items.every(({ kind }) => kind === 'star')),
    spellings: wild.length,
    matches: (text) => literals.has(text) || wild.some((items) => matchItems(items, text)),
  };
}

/** What tells whether a text matches; for who asks nothing else of a glob. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const glob = compileGlob(pattern);
  return (text) => glob.matches(text);
}

/**
 * Every spelling of a pattern with braces, once each. The last opening brace goes with the first
 * closing one after it; braces without a comma just vanish, one without a partner stays.
 */
export function expandBraces(pattern: string): string[] {
  const open: string[] = [pattern];
  const done = new Set<string>();
  let made = 0;
  let length = 0;
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const from = lastPairedBrace(text);
    if (from < 0) {
      done.add(text);
      continue;
    }
    const to = text.indexOf('}', from);
    const choices = text.slice(from + 1, to).split(',', VARIANTS_MAX + 1);
    made += choices.length;
    length += to - from + choices.length * (text.length - (to + 1 - from));
    // Counted, not looked up: long strings of one length share a hash, and a Set of them crawls.
    if (made > VARIANTS_MAX) throw tooMany(pattern, `${VARIANTS_MAX} names`);
    if (length > VARIANTS_LENGTH_MAX) throw tooMany(pattern, `${VARIANTS_LENGTH_MAX} characters`);
    for (const choice of choices) open.push(text.slice(0, from) + choice + text.slice(to + 1));
  }
  return [...done];
}

function tooMany(pattern: string, what: string): UserError {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern;
  return new UserError('overLimit', `pattern "${shown}": its braces expand to more than ${what}`);
}

function lastPairedBrace(text: string): number {
  const lastClosing = text.lastIndexOf('}');
  return lastClosing < 0 ? -1 : text.lastIndexOf('{', lastClosing);
}

function compileVariant(pattern: string): Item[] {
  const items: Item[] = [];
  const lastClosing = pattern.lastIndexOf(']');
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    const char = pattern[i];
    if (char === '*') {
      if (items.at(-1)?.kind !== 'star') items.push({ kind: 'star' });
    } else if (char === '?') items.push({ kind: 'any' });
    else if (char === '[') {
      const end = i < lastClosing ? classEnd(pattern, i) : -1;
      items.push(end < 0 ? { kind: 'char', code } : compileClass(pattern.slice(i + 1, end)));
      if (end >= 0) i = end;
    } else items.push({ kind: 'char', code });
  }
  return items;
}

/** Index of the `]` that closes the class opened at `from`, -1 when there is none. */
function classEnd(pattern: string, from: number): number {
  let first = from + 1;
  if (pattern[first] === '!') first += 1;
  return pattern.indexOf(']', pattern[first] === ']' ? first + 1 : first);
}

/** `a-z0-9_` or `!…`; a reversed range holds nothing. */
function compileClass(inside: string): Item {
  const negated = inside.startsWith('!');
  const text = negated ? inside.slice(1) : inside;
  const ranges: [number, number][] = [];
  const codes = Array.from(text, (char) => char.codePointAt(0)!);
  for (let i = 0; i < codes.length; i++) {
    const low = codes[i]!; // i < length
    const isRange = codes[i + 1] === HYPHEN && i + 2 < codes.length;
    ranges.push([low, isRange ? codes[i + 2]! : low]);
    if (isRange) i += 2;
  }
  return { kind: 'class', negated, ranges };
}

function matchItems(items: readonly Item[], text: string): boolean {
  let item = 0;
  let at = 0;
  let starItem = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = items[item];
    const width = wanted === undefined || wanted.kind === 'star' ? 0 : widthOf(wanted, text, at);
    if (width > 0) {
      item += 1;
      at += width;
    } else if (wanted?.kind === 'star') {
      starItem = item;
      starAt = at;
      item += 1;
    } else if (starItem >= 0) {
      starAt += 1;
      at = starAt;
      item = starItem + 1;
    } else return false;
  }
  while (items[item]?.kind === 'star') item += 1;
  return item === items.length;
}

/** UTF-16 units that an item takes of the text here: two of a character beyond U+FFFF, 0 for none. */
function widthOf(item: Item, text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (item.kind === 'char') return item.code === unit ? 1 : 0;
  let code = unit;
  if ((unit & 0xf800) === 0xd800) {
    // The second half of a character is none of its own.
    if (at > 0 && text.codePointAt(at - 1)! > 0xffff) return 0; // at <= length
    code = text.codePointAt(at)!; // at < length
  }
  const width = code > 0xffff ? 2 : 1;
  if (item.kind !== 'class') return width;
  return item.ranges.some(([low, high]) => code >= low && code <= high) !== item.negated
    ? width
    : 0;
}
