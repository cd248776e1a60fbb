/**
 * From a name and its tags as sent to the name that a metric is kept under.
 *
 * `statsd`: every tag is appended as it comes, `,` to `;`, the first `;` in it to `_`, the first
 * `:` to `=`; neither sorted nor checked (test/conformance/statsd/FACTS.md §1.2). With the trait
 * CANONICAL_NAMES a name has Graphite's canonical form: no empty nodes, keys sorted, one value per
 * key (the last), a bare tag `x` as `x=true`; keys and values as sent, but for what would end a tag. With TAGS_IN_NAME the tags may also stand in the name, in the style of
 * Graphite, InfluxDB, Librato or SignalFx; without it only Graphite's style is read there.
 *
 *     name;k=v;k2=v2     name,k=v,k2=v2     name#k=v,k2=v2     na[k=v,k2=v2]me
 */
import { CANONICAL_NAMES, SANITIZED_NAMES, TAGS_IN_NAME } from '../../../config/dialects.ts';
import { trimEnd, trimStart } from '../blank.ts';
import { type Cursor, REASON_NAME, REASON_NAME_TOO_LONG, REASON_TAGS } from '../cursor.ts';
import {
  byteClasses,
  joinNodes,
  KEPT,
  NameWriter,
  putDecoded,
  putKept,
  putSanitized,
  REPEATED_TAG,
  REPLACED,
  TAG_OF_NAME,
} from './sanitize.ts';

/** What `writeName` says: that it is written, or the REASON_ why not. */
export const NAME_OK = -1;
const NAME_EMPTY = REASON_NAME;
const NAME_TOO_LONG = REASON_NAME_TOO_LONG;
const NAME_TOO_MANY_TAGS = REASON_TAGS;

const TAGS_MAX = 64;

const DOT = 0x2e;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
const NUMBER_SIGN = 0x23;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const TILDE = 0x7e;
const BRACE = 0x7d;
const QUOTE = 0x22;

/** 1 for the bytes that names of all dialects keep, and that begin no tags. */
const PLAIN = KEPT.map((kept, byte) => (byte === SEMICOLON ? 0 : kept));

/** Writes the cursor's canonical name into `out`, of at most `limit` bytes. */
export function writeName(
  out: NameWriter,
  cursor: Cursor,
  sanitize: boolean,
  limit: number,
): number {
  out.start(limit);
  if ((cursor.traits & CANONICAL_NAMES) === 0) {
    putPart(out, cursor.bytes, cursor.nameFrom, cursor.nameTo, sanitize);
    if (cursor.tagsFrom < cursor.tagsTo) putStatsdTags(out, cursor, sanitize);
    return out.tooLong ? NAME_TOO_LONG : NAME_OK;
  }
  return writeCanonical(out, cursor, sanitize);
}

function putPart(
  out: NameWriter,
  bytes: Uint8Array,
  from: number,
  to: number,
  sanitize: boolean,
): void {
  if (sanitize) putSanitized(out, bytes, from, to);
  else putDecoded(out, bytes, from, to);
}

/**
 * Whether a name without tags is kept as it came, whatever the dialect and its options: most are, and
 * to see it takes one look at each byte.
 */
export function isKeptAsSent(bytes: Uint8Array, from: number, to: number): boolean {
  let last = DOT;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (PLAIN[byte] === 0 || (byte === DOT && last === DOT)) return false;
    last = byte;
  }
  return last !== DOT;
}

/** The tag text with its first ';' and ':' changed, for the sanitiser to read. */
const changed = new NameWriter();

function putStatsdTags(out: NameWriter, cursor: Cursor, sanitize: boolean): void {
  const { bytes, tagsFrom, tagsTo } = cursor;
  for (let at = tagsFrom; at <= tagsTo;) {
    const end = indexOf(bytes, COMMA, at, tagsTo);
    out.put(SEMICOLON);
    changed.start(end - at);
    let semicolonSeen = false;
    let colonSeen = false;
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === SEMICOLON && !semicolonSeen) {
        semicolonSeen = true;
        changed.put(UNDERSCORE);
      } else if (byte === COLON && !colonSeen) {
        colonSeen = true;
        changed.put(EQUALS);
      } else changed.put(byte);
    }
    putPart(out, changed.bytes, 0, changed.length, sanitize);
    at = end + 1;
  }
}

/** Key and value of each tag found, as kept, in `collected`: key from, value from, value to. */
const spans = new Int32Array(TAGS_MAX * 3);
const collected = new NameWriter();
let tagCount = 0;

function writeCanonical(out: NameWriter, cursor: Cursor, sanitize: boolean): number {
  tagCount = 0;
  collected.start(out.limit);
  const ok =
    putBody(out, cursor, sanitize) &&
    (cursor.tagsFrom === cursor.tagsTo ||
      collectList(cursor.bytes, cursor.tagsFrom, cursor.tagsTo, COMMA));
  if (!ok) return NAME_TOO_MANY_TAGS;
  joinNodes(out);
  if (out.length === 0) return NAME_EMPTY;
  sortTags();
  for (let i = 0; i < tagCount; i++) {
    if (i + 1 < tagCount && compareKeys(i, i + 1) === 0) {
      if (!areSameTags(i, i + 1)) out.changes |= REPEATED_TAG;
      continue;
    }
    out.put(SEMICOLON);
    out.putAll(collected.bytes, spans[i * 3]!, spans[i * 3 + 2]!);
  }
  out.changes |= collected.changes;
  return out.tooLong || collected.tooLong ? NAME_TOO_LONG : NAME_OK;
}

/**
 * Writes the name without its tags, and collects those that stand in it. The style is that of the
 * mark that comes first; a bracket alone belongs to none but Graphite's. False: too many tags.
 */
function putBody(out: NameWriter, cursor: Cursor, sanitize: boolean): boolean {
  const { bytes } = cursor;
  const from = nameStart(bytes, cursor.nameFrom, cursor.nameTo);
  const to = trimEnd(bytes, from, cursor.nameTo);
  if (!hasMark(bytes, from, to)) {
    putName(out, cursor, from, to, sanitize);
    return true;
  }
  const semicolon = indexOf(bytes, SEMICOLON, from, to);
  if ((cursor.traits & TAGS_IN_NAME) !== 0) {
    const open = indexOf(bytes, OPEN, from, semicolon);
    const close = indexOf(bytes, CLOSE, open, to);
    if (close < to && isTagList(bytes, open + 1, close)) {
      const graphite = indexOf(bytes, SEMICOLON, close + 1, to);
      putName(out, cursor, from, open, sanitize);
      putName(out, cursor, close + 1, graphite, sanitize);
      return (
        collectList(bytes, open + 1, close, COMMA) &&
        collectList(bytes, graphite + 1, to, SEMICOLON)
      );
    }
    const isLone = open < semicolon !== indexOf(bytes, CLOSE, from, semicolon) < semicolon;
    const mark = firstMark(bytes, from, semicolon);
    if (!isLone && mark < semicolon && isTagList(bytes, mark + 1, to)) {
      putName(out, cursor, from, mark, sanitize);
      return collectList(bytes, mark + 1, to, COMMA);
    }
  }
  putName(out, cursor, from, semicolon, sanitize);
  return collectList(bytes, semicolon + 1, to, SEMICOLON);
}

/** Behind blanks and empty nodes: what stands before a name is no part of it, in whatever order. */
function nameStart(bytes: Uint8Array, from: number, to: number): number {
  let at = trimStart(bytes, from, to);
  while (at < to && bytes[at]! === DOT) at = trimStart(bytes, at + 1, to);
  return at;
}

function putName(
  out: NameWriter,
  { bytes, traits }: Cursor,
  from: number,
  to: number,
  sanitize: boolean,
): void {
  const end = trimEnd(bytes, from, to);
  if (sanitize && (traits & SANITIZED_NAMES) !== 0) putSanitized(out, bytes, from, end);
  else {
    // At an end like `a{k="v"}` the store would read tags in the other spelling of Graphite's.
    const hasTags = end - from > 2 && bytes[end - 1]! === BRACE && bytes[end - 2]! === QUOTE;
    putKept(out, bytes, from, end, hasTags ? WITHOUT_BRACES : AS_SENT, sanitize);
  }
}

/** Whether a list in a name looks like tags: there is a `=` in it, or nothing at all. */
function isTagList(bytes: Uint8Array, from: number, to: number): boolean {
  return from === to || indexOf(bytes, EQUALS, from, to) < to;
}

/** Of any style of tags in a name; one without a mark, as most are, is looked through once. */
const MARKS = new Uint8Array(256);
for (const mark of [SEMICOLON, OPEN, CLOSE, COMMA, NUMBER_SIGN]) MARKS[mark] = 1;

function hasMark(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (MARKS[bytes[at]!] === 1) return true;
  return false;
}

function firstMark(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== COMMA && bytes[at]! !== NUMBER_SIGN) at += 1;
  return at;
}

function collectList(bytes: Uint8Array, from: number, to: number, separator: number): boolean {
  for (let at = from; at < to;) {
    const end = indexOf(bytes, separator, at, to);
    if (end > at && !collectTag(bytes, at, end)) return false;
    at = end + 1;
  }
  return true;
}

/**
 * A tag without a key or with an empty value is dropped: Graphite has no such tags. So is what
 * Datadog's clients tell the agent alone, and a tag called `name`, which is the metric's own.
 */
function collectTag(bytes: Uint8Array, from: number, to: number): boolean {
  const start = trimStart(bytes, bytes[from]! === NUMBER_SIGN ? from + 1 : from, to);
  if (startsWith(bytes, start, to, INTERNAL)) return true;
  let keyTo = start;
  while (keyTo < to && bytes[keyTo]! !== COLON && bytes[keyTo]! !== EQUALS) keyTo += 1;
  const keyStart = collected.length;
  putKept(collected, bytes, start, trimEnd(bytes, start, keyTo), IN_KEY, false);
  if (collected.length === keyStart) return true;
  collected.put(EQUALS);
  const valueStart = collected.length;
  if (keyTo === to) for (const byte of TRUE_TEXT) collected.put(byte);
  else {
    const valueFrom = withoutTildes(bytes, keyTo + 1, to);
    putKept(collected, bytes, valueFrom, to, IN_VALUE, false);
  }
  const isOfName = isName(keyStart, valueStart - 1);
  if (isOfName) collected.changes |= TAG_OF_NAME;
  if (isOfName || collected.length === valueStart) {
    collected.length = keyStart;
    return true;
  }
  if (tagCount === TAGS_MAX) return false;
  spans[tagCount * 3] = keyStart;
  spans[tagCount * 3 + 1] = valueStart;
  spans[tagCount * 3 + 2] = collected.length;
  tagCount += 1;
  return true;
}

const TRUE_TEXT = bytesOf('true');
const NAME_TEXT = bytesOf('name');
/** `dd.internal.entity_id:`, `dd.internal.card:`, `dd.internal.jmx_check_name:` and their kin. */
const INTERNAL = bytesOf('dd.internal.');

/** What names, keys and values do not hold beside controls. */
const AS_SENT = byteClasses('');
const WITHOUT_BRACES = byteClasses('}');
const IN_KEY = byteClasses(';!^');
const IN_VALUE = byteClasses(';');

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function startsWith(bytes: Uint8Array, from: number, to: number, start: Uint8Array): boolean {
  if (to - from < start.length) return false;
  for (let i = 0; i < start.length; i++) if (bytes[from + i]! !== start[i]!) return false;
  return true;
}

function isName(from: number, to: number): boolean {
  return to - from === NAME_TEXT.length && startsWith(collected.bytes, from, to, NAME_TEXT);
}

/** To Graphite a value with a tilde before it is a pattern. */
function withoutTildes(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! === TILDE) at += 1;
  if (at > from) collected.changes |= REPLACED;
  return at;
}

/** Insertion sort by key, stable, so that the last of equal keys stays the last. */
function sortTags(): void {
  for (let i = 1; i < tagCount; i++) {
    for (let j = i; j > 0 && compareKeys(j - 1, j) > 0; j--) {
      for (let part = 0; part < 3; part++) {
        const other = spans[(j - 1) * 3 + part]!;
        spans[(j - 1) * 3 + part] = spans[j * 3 + part]!;
        spans[j * 3 + part] = other;
      }
    }
  }
}

function compareKeys(a: number, b: number): number {
  const bytes = collected.bytes;
  const aFrom = spans[a * 3]!;
  const bFrom = spans[b * 3]!;
  // With their `=`, as carbon does: `host2=` stands before `host=`.
  const aLength = spans[a * 3 + 1]! - aFrom;
  const bLength = spans[b * 3 + 1]! - bFrom;
  for (let i = 0; i < aLength && i < bLength; i++) {
    const difference = bytes[aFrom + i]! - bytes[bFrom + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** Whether two tags of one key have one value. */
function areSameTags(a: number, b: number): boolean {
  const bytes = collected.bytes;
  const aFrom = spans[a * 3]!;
  const bFrom = spans[b * 3]!;
  const length = spans[a * 3 + 2]! - aFrom;
  if (spans[b * 3 + 2]! - bFrom !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[aFrom + i]! !== bytes[bFrom + i]!) return false;
  return true;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== byte) at += 1;
  return at;
}
