/**
 * The recorded answers of graphite-web 1.1.10 (test/conformance/graphite) and how ours are compared
 * with them: numbers within a tolerance, printed numbers inside names too, tags as numbers where both
 * are, and an error by its class rather than its text. `difference` says what is not the same.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { unpack } from 'msgpackr';
import { isNumeric, parseCsv, parseRaw } from './golden-text.ts';
import { unpickle } from './unpickle.ts';

export const GRAPHITE_DATA = new URL('../conformance/graphite/', import.meta.url);

export interface Compare {
  mode: string;
  tol?: number;
  ignoreKeys?: string[];
  unordered?: boolean;
  dropTagged?: boolean;
  extraKeysOk?: boolean;
}

export interface Recorded {
  status: number;
  contentType: string;
  body?: string;
  bodyBase64?: string;
  /** Width and height of a PNG. */
  pngSize?: [number, number];
}

export interface GoldenCase {
  id: string;
  category: string;
  group?: string;
  needsFrozenClock?: boolean;
  request: {
    method: string;
    path: string;
    params?: [string, string][];
    /** Query string of a POST whose `params` are the form. */
    query?: string;
    body?: string;
    headers?: Record<string, string>;
  };
  compare: Compare;
  response: Recorded;
  /** Another answer that is accepted. */
  alt?: { compare?: Compare; response: Recorded };
}

export interface GoldenAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

/** All cases, in the order of their files; groups are stories whose steps follow each other. */
export function goldenCases(): GoldenCase[] {
  const folder = new URL('goldens/', GRAPHITE_DATA);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GoldenCase);
}

/** What is wrong with an answer; undefined when it is as recorded, or as the alternative. */
export function difference(golden: GoldenCase, answer: GoldenAnswer): string | undefined {
  const first = tryCompare(golden, golden.compare, golden.response, answer);
  if (first === undefined || golden.alt === undefined) return first;
  const { compare = golden.compare, response } = golden.alt;
  return tryCompare(golden, compare, response, answer) === undefined ? undefined : first;
}

class Difference extends Error {}

function fail(at: string, what: string): never {
  throw new Difference(`${at}: ${what}`);
}

function tryCompare(
  golden: GoldenCase,
  compare: Compare,
  recorded: Recorded,
  answer: GoldenAnswer,
): string | undefined {
  try {
    compareAnswer(golden, compare, recorded, answer);
    return undefined;
  } catch (error) {
    if (error instanceof Difference || error instanceof SyntaxError) return error.message;
    throw error;
  }
}

function compareAnswer(
  golden: GoldenCase,
  compare: Compare,
  recorded: Recorded,
  answer: GoldenAnswer,
): void {
  const { mode } = compare;
  const text = answer.body.toString('utf8');
  if (mode === 'error') return compareError(recorded, answer, text);
  if (mode === 'nofail') {
    if (answer.status >= 500) fail('status', String(answer.status));
    return;
  }
  // A target that Graphite silently cuts short may be refused instead.
  if (mode === 'lenient' && answer.status === 400) return;
  if (answer.status !== recorded.status) {
    fail('status', `${answer.status}, expected ${recorded.status}: ${clip(text)}`);
  }
  if (mode === 'status') return;
  if (mode === 'version') {
    if (!/^\s*\d+\.\d+/.test(text)) fail('body', `not a version: ${clip(text)}`);
    return;
  }
  if (mediaType(answer.contentType) !== mediaType(recorded.contentType)) {
    fail('contentType', `${answer.contentType}, expected ${recorded.contentType}`);
  }
  if (mode === 'image') return comparePicture(recorded, answer);
  const [want, got] = decode(mode, recorded, answer);
  const isRender = golden.request.path.startsWith('/render');
  const prepare = (value: unknown): unknown => {
    const kept = compare.dropTagged ? dropTagged(value) : value;
    return compare.unordered ? sorted(kept, new Set(compare.ignoreKeys)) : kept;
  };
  compareValue(
    prepare(want),
    prepare(got),
    { ...compare, tol: compare.tol ?? 1e-9, isRender },
    '$',
  );
}

/** Of pictures the size is recorded. */
function comparePicture({ contentType, pngSize }: Recorded, { body }: GoldenAnswer): void {
  if (mediaType(contentType) === 'image/svg+xml') {
    if (!/<svg[\s>]/.test(body.toString())) fail('body', 'no SVG');
    return;
  }
  if (body.toString('latin1', 1, 4) !== 'PNG') fail('body', 'no PNG');
  const size = `${body.readUInt32BE(16)} x ${body.readUInt32BE(20)}`;
  const want = pngSize?.join(' x ');
  if (want !== undefined && size !== want) fail('size', `${size}, expected ${want}`);
}

function compareError(recorded: Recorded, answer: GoldenAnswer, text: string): void {
  const { status } = answer;
  if (status < 400 || (recorded.status < 500 && status >= 500)) {
    fail('status', `${status}, expected an error like ${recorded.status}`);
  }
  if (mediaType(recorded.contentType) === 'application/json' && recorded.status < 500) {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error !== 'string') fail('body', 'expected {"error": "…"}');
  }
}

function decode(mode: string, recorded: Recorded, answer: GoldenAnswer): [unknown, unknown] {
  const want = recorded.body ?? '';
  const got = answer.body.toString('utf8');
  const bytes = Buffer.from(recorded.bodyBase64 ?? '', 'base64');
  switch (mode) {
    case 'json':
    case 'lenient':
      return [parseJson(want), parseJson(got)];
    case 'jsonp':
      return [parseJsonp(want), parseJsonp(got)];
    case 'csv':
      return [parseCsv(want), parseCsv(got)];
    case 'raw':
      return [parseRaw(want), parseRaw(got)];
    case 'pickle':
      return [unpickle(bytes), unpickle(answer.body)];
    case 'msgpack':
      return [unpack(bytes), unpack(answer.body)];
    case 'text':
      return [want.trim(), got.trim()];
    default:
      return fail('compare', `mode ${mode} is not known`);
  }
}

/** JSON as Python writes it: Infinity and NaN stand bare. */
function parseJson(text: string): unknown {
  return JSON.parse(
    text.replace(/: ?Infinity\b/g, ': 1e9999').replace(/\bNaN\b/g, 'null'),
  ) as unknown;
}

function parseJsonp(text: string): unknown {
  const match = /^\s*([\w.$]+)\(([\s\S]*)\)\s*;?\s*$/.exec(text);
  if (match === null) return fail('body', `not jsonp: ${clip(text)}`);
  return [match[1], parseJson(match[2]!)];
}

interface Rules extends Compare {
  tol: number;
  isRender: boolean;
}

function compareValue(want: unknown, got: unknown, rules: Rules, at: string): void {
  if (typeof want === 'number' && typeof got === 'number') {
    if (!sameNumber(want, got, rules.tol)) fail(at, `${got}, expected ${want}`);
  } else if (typeof want === 'string' && typeof got === 'string') {
    if (!sameText(want, got, rules.tol)) fail(at, `${clip(got)}, expected ${clip(want)}`);
  } else if (Array.isArray(want) && Array.isArray(got)) {
    compareList(want, got, rules, at);
  } else if (isObject(want) && isObject(got)) {
    compareObject(want, got, rules, at);
  } else if (want !== got) {
    fail(at, `${clip(JSON.stringify(got))}, expected ${clip(JSON.stringify(want))}`);
  }
}

function compareList(want: unknown[], got: unknown[], rules: Rules, at: string): void {
  if (want.length !== got.length) {
    const names = (list: unknown[]): string =>
      clip(JSON.stringify(list.map((item) => (isObject(item) ? (item['target'] ?? item) : item))));
    fail(at, `${got.length} items ${names(got)}, expected ${want.length} ${names(want)}`);
  }
  for (const [i, item] of want.entries()) compareValue(item, got[i], rules, `${at}[${i}]`);
}

function compareObject(
  want: Record<string, unknown>,
  got: Record<string, unknown>,
  rules: Rules,
  at: string,
): void {
  for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
    if (rules.ignoreKeys?.includes(key)) continue;
    if (!(key in got)) fail(at, `no ${key}`);
    if (!(key in want)) {
      if (!rules.extraKeysOk) fail(at, `unexpected ${key}`);
      continue;
    }
    const inTags = rules.isRender && at.endsWith('.tags');
    if (inTags && sameTag(want[key], got[key], rules.tol)) continue;
    compareValue(want[key], got[key], rules, `${at}.${key}`);
  }
}

/** Tags are text that may print a number in more than one way. */
function sameTag(want: unknown, got: unknown, tolerance: number): boolean {
  const [a, b] = [String(want), String(got)];
  return isNumeric(a.trim()) && isNumeric(b.trim())
    ? sameNumber(Number(a), Number(b), tolerance)
    : sameText(a, b, tolerance);
}

function sameNumber(a: number, b: number, tolerance: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-12);
}

const LONG_NUMBER = /-?\d+\.\d{4,}(?:e[-+]?\d+)?/gi;

function sameText(a: string, b: string, tolerance: number): boolean {
  if (a === b) return true;
  const inA = a.match(LONG_NUMBER) ?? [];
  const inB = b.match(LONG_NUMBER) ?? [];
  return (
    inA.length > 0 &&
    inA.length === inB.length &&
    a.replace(LONG_NUMBER, '#') === b.replace(LONG_NUMBER, '#') &&
    inA.every((number, i) => sameNumber(Number(number), Number(inB[i]), tolerance))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Graphite keeps tagged series as files below `_tagged`; we have no such folder. */
function dropTagged(value: unknown): unknown {
  const isTagged = (item: unknown): boolean =>
    typeof item === 'string'
      ? item.startsWith('_tagged')
      : isObject(item) &&
        ['path', 'id', 'text', 'name'].some((key) => String(item[key]).startsWith('_tagged'));
  return mapDeep(value, (list) => list.filter((item) => !isTagged(item)));
}

function sorted(value: unknown, ignored: ReadonlySet<string>): unknown {
  const text = (item: unknown): string =>
    JSON.stringify(item, (_key, inner: unknown) =>
      isObject(inner)
        ? Object.fromEntries(
            Object.entries(inner)
              .filter(([key]) => !ignored.has(key))
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : inner,
    );
  return mapDeep(value, (list) => list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)));
}

function mapDeep(value: unknown, change: (list: unknown[]) => unknown[]): unknown {
  if (Array.isArray(value)) return change(value.map((item) => mapDeep(item, change)));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, mapDeep(v, change)]));
}

function mediaType(contentType: string): string {
  return contentType.split(';')[0]!.trim().toLowerCase();
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
