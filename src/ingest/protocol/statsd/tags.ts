/**
 * From a name and its tags as sent to the name that a metric is kept under.
 *
 * `statsd`: every tag is appended as it comes, `,` to `;`, the first `;` in it to `_`, the first
 * `:` to `=`; neither sorted nor checked (test/conformance/statsd/FACTS.md §1.2). With the trait
 * CANONICAL_TAGS a name has Graphite's canonical form: keys sorted, one value per key (the last), a
 * bare tag `x` as `x=true`. With TAGS_IN_NAME the tags may also stand in the name, in the style of
 * Graphite, InfluxDB, Librato or SignalFx; without it only Graphite's style is read there.
 *
 *     name;k=v;k2=v2     name,k=v,k2=v2     name#k=v,k2=v2     na[k=v,k2=v2]me
 */
import { CANONICAL_TAGS, TAGS_IN_NAME } from '../../../config/dialects.ts';
import type { Cursor } from '../cursor.ts';
import { NameWriter, putDecoded, putSanitized } from './sanitize.ts';

export const NAME_OK = 0;
export const NAME_TOO_LONG = 1;
const NAME_TOO_MANY_TAGS = 2;

const TAGS_MAX = 64;

const SEMICOLON = 0x3b;
const COLON = 0x3a;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
const NUMBER_SIGN = 0x23;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Writes the cursor's canonical name into `out`, of at most `limit` bytes. */
export function writeName(
  out: NameWriter,
  cursor: Cursor,
  sanitize: boolean,
  limit: number,
): number {
  out.start(limit);
  if ((cursor.traits & CANONICAL_TAGS) === 0) {
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

/** Key and value of each tag found, sanitised, in `collected`: key from, value from, value to. */
const spans = new Int32Array(TAGS_MAX * 3);
const collected = new NameWriter();
let tagCount = 0;

function writeCanonical(out: NameWriter, cursor: Cursor, sanitize: boolean): number {
  const { bytes, nameFrom, nameTo } = cursor;
  tagCount = 0;
  collected.start(out.limit);
  let bodyTo = indexOf(bytes, SEMICOLON, nameFrom, nameTo);
  let ok = bodyTo === nameTo || collectList(bytes, bodyTo + 1, nameTo, SEMICOLON, sanitize);
  const graphiteFrom = bodyTo;
  const open = indexOf(bytes, OPEN, nameFrom, graphiteFrom);
  const close = indexOf(bytes, CLOSE, open, graphiteFrom);
  const isLone =
    open < graphiteFrom !== indexOf(bytes, CLOSE, nameFrom, graphiteFrom) < graphiteFrom;
  if (isLone || (cursor.traits & TAGS_IN_NAME) === 0) {
    // A lone bracket belongs to none of the other styles; some dialects have none of them.
    putPart(out, bytes, nameFrom, bodyTo, sanitize);
  } else if (close < graphiteFrom && isTagList(bytes, open + 1, close)) {
    ok = ok && collectList(bytes, open + 1, close, COMMA, sanitize);
    putPart(out, bytes, nameFrom, open, sanitize);
    putPart(out, bytes, close + 1, graphiteFrom, sanitize);
  } else {
    const mark = firstMark(bytes, nameFrom, graphiteFrom);
    if (mark < graphiteFrom && isTagList(bytes, mark + 1, graphiteFrom)) {
      ok = ok && collectList(bytes, mark + 1, graphiteFrom, COMMA, sanitize);
      bodyTo = mark;
    }
    putPart(out, bytes, nameFrom, bodyTo, sanitize);
  }
  if (cursor.tagsFrom < cursor.tagsTo) {
    ok = ok && collectList(bytes, cursor.tagsFrom, cursor.tagsTo, COMMA, sanitize);
  }
  if (!ok) return NAME_TOO_MANY_TAGS;
  sortTags();
  for (let i = 0; i < tagCount; i++) {
    if (i + 1 < tagCount && compareKeys(i, i + 1) === 0) continue;
    out.put(SEMICOLON);
    out.putAll(collected.bytes, spans[i * 3]!, spans[i * 3 + 2]!);
  }
  return out.tooLong || collected.tooLong ? NAME_TOO_LONG : NAME_OK;
}

/** Whether a list in a name looks like tags: its first element has a key, '=' and a value. */
function isTagList(bytes: Uint8Array, from: number, to: number): boolean {
  const end = indexOf(bytes, COMMA, from, to);
  const equals = indexOf(bytes, EQUALS, from, end);
  return equals > from && equals + 1 < end;
}

function firstMark(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== COMMA && bytes[at]! !== NUMBER_SIGN) at += 1;
  return at;
}

function collectList(
  bytes: Uint8Array,
  from: number,
  to: number,
  separator: number,
  sanitize: boolean,
): boolean {
  for (let at = from; at <= to;) {
    const end = indexOf(bytes, separator, at, to);
    if (end > at && !collectTag(bytes, at, end, sanitize)) return false;
    at = end + 1;
  }
  return true;
}

/** A tag without a key or with an empty value is dropped: Graphite has no such tags. */
function collectTag(bytes: Uint8Array, from: number, to: number, sanitize: boolean): boolean {
  const start = bytes[from]! === NUMBER_SIGN ? from + 1 : from;
  let keyTo = start;
  while (keyTo < to && bytes[keyTo]! !== COLON && bytes[keyTo]! !== EQUALS) keyTo += 1;
  const keyStart = collected.length;
  putPlainPart(bytes, start, keyTo, sanitize);
  if (collected.length === keyStart) return true;
  collected.put(EQUALS);
  const valueStart = collected.length;
  if (keyTo === to) for (const byte of TRUE_TEXT) collected.put(byte);
  else putPlainPart(bytes, keyTo + 1, to, sanitize);
  if (collected.length === valueStart) {
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

const TRUE_TEXT = new Uint8Array([0x74, 0x72, 0x75, 0x65]);

/** As putPart, with ';' changed: inside a tag it would start another one. */
function putPlainPart(bytes: Uint8Array, from: number, to: number, sanitize: boolean): void {
  const start = collected.length;
  putPart(collected, bytes, from, to, sanitize);
  for (let at = start; at < collected.length; at++) {
    if (collected.bytes[at]! === SEMICOLON) collected.bytes[at] = UNDERSCORE;
  }
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
  const aLength = spans[a * 3 + 1]! - 1 - aFrom;
  const bLength = spans[b * 3 + 1]! - 1 - bFrom;
  for (let i = 0; i < aLength && i < bLength; i++) {
    const difference = bytes[aFrom + i]! - bytes[bFrom + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! !== byte) at += 1;
  return at;
}
