/**
 * The one form of a series' name, whichever way it comes in: what carbon makes of it before it
 * writes, and what a path of its files would make of it after.
 *
 *     app..web.hits   .lead.x   x.        app.web.hits   lead.x   x     empty nodes join away
 *     ~t;k=v                              t;k=v                         leading ~ go
 *     m;host=a;host2=b;host=c             m;host2=b;host=c              one value a tag, sorted as
 *     m{host2="b",host="c"}               m;host2=b;host=c              the texts `;tag=value`
 *     m;name=x                            m                             `name` means the metric
 *
 * Tags have at least one character, none of `; ! ^ =`; so have values, without `;`, and they do not
 * start with `~`. Source: carbon's `TaggedSeries` of `util.py` (read for its facts). What has no
 * such form is no name: `nameFault` says why.
 */
import { badRequest } from '../lib/errors.ts';

/** Nothing is left of it; tags that carbon does not read; control characters, or no text at all. */
export const NAME_FAULTS = ['emptyName', 'badTags', 'badName'] as const;
export type NameFault = (typeof NAME_FAULTS)[number];

/** What can be done, by fault. */
export const NAME_HINTS: Record<NameFault, string> = {
  emptyName: 'a name needs at least one character beside dots, before its tags',
  badTags:
    'tags are ;tag=value, neither of them empty, no !, ^ or = in a tag, no ~ at the start of a value',
  badName: 'a name is UTF-8 without control characters such as line feeds',
};

interface TaggedName {
  /** The metric's name, before the tags. */
  path: string;
  /** In the order of the form; none for a plain name. */
  tags: [string, string][];
}

/** The form of a name; undefined when it has none. */
export function canonicalName(text: string): string | undefined {
  if (isUsual(text)) return text;
  const read = readName(text);
  return typeof read === 'string' ? undefined : formatName(inOrder(read));
}

/** Why a text is no name; undefined when it is one. */
export function nameFault(text: string): NameFault | undefined {
  if (isUsual(text)) return undefined;
  const read = readName(text);
  return typeof read === 'string' ? read : undefined;
}

/** The form of a name; throws `badRequest` with the reason when it has none. */
export function requireName(text: string): string {
  const name = canonicalName(text);
  if (name !== undefined) return name;
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  throw badRequest(`${shown} is no name: ${NAME_HINTS[nameFault(text)!]}`); // it has no form
}

/** The form of a name that is looked up; what has none stays as it is: no series is called so. */
export function lookupName(text: string): string {
  return canonicalName(text) ?? text;
}

/**
 * The form of a name on carbon's ports. Its files have a path for a plain name, and so `a/b.c` is `a.b.c`
 * to Graphite; tagged names keep their slashes.
 */
export function carbonName(text: string): string {
  const name = lookupName(text);
  if (!name.includes('/') || name.includes(';')) return name;
  return lookupName(name.replaceAll('/', '.'));
}

/** The form of a metric's name alone, without tags; empty where nothing is left. */
export function joinNodes(path: string): string {
  const from = path.search(/[^~.]/);
  return from < 0 ? '' : path.slice(from).split('.').filter(Boolean).join('.');
}

/**
 * Whether a name that is in its form has tags. What has no form has none either, though a `;`: every
 * `;` of a tagged name starts a tag and its value.
 */
export function isTaggedName(name: string): boolean {
  let from = name.indexOf(';');
  if (from <= 0) return false;
  while (from >= 0) {
    const next = name.indexOf(';', from + 1);
    const equals = name.indexOf('=', from + 1);
    if (equals < 0 || equals === from + 1) return false;
    if (equals + 1 >= (next < 0 ? name.length : next)) return false;
    from = next;
  }
  return true;
}

/** Plain, in ASCII and in its form: so are nearly all names, which cost no more than this. */
export function isUsual(text: string): boolean {
  let before = 0x2e;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x3b || code === 0x7b) return false; // ; {
    if (code === 0x2e && before === 0x2e) return false;
    before = code;
  }
  return before !== 0x2e && text.charCodeAt(0) !== 0x7e;
}

/** Control characters, line separators, and halves of characters. */
const NO_TEXT = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** Its tags as they came: whoever asks for a fault alone does not wait for them to be sorted. */
function readName(text: string): TaggedName | NameFault {
  if (NO_TEXT.test(text)) return 'badName';
  const parts = splitTags(text);
  if (parts === undefined) return 'badTags';
  const path = joinNodes(parts.path);
  if (path === '') return 'emptyName';
  const byTag = new Map<string, string>();
  for (const [tag, value] of parts.pairs) {
    if (!/^[^;!^=]+$/.test(tag) || !/^[^;~][^;]*$/.test(value)) return 'badTags';
    byTag.set(tag, value);
  }
  byTag.delete('name');
  const tags = [...byTag];
  // `m{"}.` without its empty node would be read as tags.
  if (tags.length === 0 && hasBraces(path)) return 'badTags';
  return { path, tags };
}

function inOrder(name: TaggedName): TaggedName {
  const { tags } = name;
  if (tags.length > 1) tags.sort((a, b) => compareBytes(formatTag(a), formatTag(b)));
  return name;
}

function formatName({ path, tags }: TaggedName): string {
  return path + tags.map(formatTag).join('');
}

function formatTag([tag, value]: [string, string]): string {
  return `;${tag}=${value}`;
}

/** As Python compares texts. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

interface NameAndPairs {
  path: string;
  pairs: [string, string][];
}

/** Undefined where the tags cannot be told apart. */
function splitTags(text: string): NameAndPairs | undefined {
  if (text.includes(';')) return splitCarbon(text);
  return hasBraces(text) ? splitBraces(text, text.indexOf('{')) : { path: text, pairs: [] };
}

function hasBraces(text: string): boolean {
  return text.endsWith('"}') && text.includes('{');
}

/** `path;tag=value;tag=value` */
function splitCarbon(text: string): NameAndPairs | undefined {
  const [path, ...rest] = text.split(';');
  const pairs: [string, string][] = [];
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) return undefined;
    pairs.push([part.slice(0, equals), part.slice(equals + 1)]);
  }
  return { path: path!, pairs }; // split gives at least one part
}

/** `path{tag="value",tag="value"}`, quotes and backslashes within a value behind a backslash. */
function splitBraces(text: string, brace: number): NameAndPairs | undefined {
  const inside = text.slice(brace + 1, -1);
  const pairs: [string, string][] = [];
  const pair = /([^=]+)="((?:\\["\\]|[^"\\])+)"(?:,|$)/y;
  while (pair.lastIndex < inside.length) {
    const match = pair.exec(inside);
    if (match === null) return undefined;
    pairs.push([match[1]!, match[2]!.replace(/\\(["\\])/g, '$1')]); // both groups always take part
  }
  return { path: text.slice(0, brace), pairs };
}
