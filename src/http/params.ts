/**
 * What a request asks: names with one or more values, in order, from the query string and the body
 * joined, as Graphite joins them. Grafana does not always percent-encode (`{`, `*`, blanks and lone
 * `%` arrive raw), so reading is lenient: what is not a valid escape stands for itself. Only `&`
 * separates: a `;` belongs to a tagged name.
 */
import { badRequest, overLimit, type UserError } from '../lib/errors.ts';

interface ParamLimits {
  /** Values of all names together, those of `target` apart. */
  parameters: number;
  /** Values of one name. */
  listValues: number;
  /** Values of `target`, which has a limit of its own. */
  targets: number;
}

const NO_LIMITS: ParamLimits = { parameters: Infinity, listValues: Infinity, targets: Infinity };

export class Params {
  private readonly values = new Map<string, string[]>();
  private readonly limits: ParamLimits;
  private count = 0;

  constructor(limits: ParamLimits = NO_LIMITS) {
    this.limits = limits;
  }

  /** Throws `overLimit` where there are too many. */
  add(name: string, value: string): void {
    const list = this.values.get(name);
    if (list === undefined) this.values.set(name, [value]);
    else list.push(value);
    const length = list?.length ?? 1;
    const { parameters, listValues, targets } = this.limits;
    if (name === 'target' || name === 'target[]') {
      if (length > targets) throw tooMany(`${length} targets`, targets, 'targets');
      return;
    }
    this.count += 1;
    if (this.count > parameters) throw tooMany('more parameters', parameters, 'parameters');
    if (length > listValues)
      throw tooMany(`more values of ${clip(name)}`, listValues, 'listValues');
  }

  addAll(other: Params): void {
    for (const [name, list] of other.values) for (const value of list) this.add(name, value);
  }

  remove(name: string): void {
    this.values.delete(name);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The last value given, as Django's QueryDict answers. */
  last(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** `expr=a&expr=b`, or else the `expr[]=a` spelling of other frameworks. */
  list(name: string): readonly string[] {
    return this.has(name) ? this.all(name) : this.all(`${name}[]`);
  }

  names(): Iterable<string> {
    return this.values.keys();
  }

  /** A whole number, `fallback` when absent or empty; anything else is the user's mistake. */
  integer(name: string, fallback: number): number {
    const text = this.last(name)?.trim();
    if (text === undefined || text === '') return fallback;
    if (!/^[-+]?\d{1,15}$/.test(text)) {
      throw badRequest(`${name}="${clip(text)}": expected a whole number`);
    }
    return Number(text);
  }

  /** A limit on results: absent, 0 and negative ones mean all of them. */
  limit(): number {
    const limit = this.integer('limit', 0);
    return limit > 0 ? limit : Infinity;
  }
}

function tooMany(read: string, most: number, option: string): UserError {
  return overLimit(
    `${read} read, at most ${most} are allowed in one request (httpLimits.${option})`,
  );
}

/** Reads `a=1&b=2` from a URL or a form body. */
export function parseForm(text: string, limits?: ParamLimits): Params {
  const params = new Params(limits);
  for (let from = 0; from < text.length;) {
    const next = text.indexOf('&', from);
    const pair = text.slice(from, next === -1 ? text.length : next);
    from = next === -1 ? text.length : next + 1;
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    params.add(decodeForm(name), equals === -1 ? '' : decodeForm(pair.slice(equals + 1)));
  }
  return params;
}

/** Reads a JSON object as if it were a form: lists repeat the name, scalars become text. */
export function parseJsonParams(text: string, limits?: ParamLimits): Params {
  const params = new Params(limits);
  const { depth, members, values } = shapeOf(text);
  if (depth > PARAMS_DEPTH_MAX) {
    throw badRequest(
      `JSON body: nested over ${PARAMS_DEPTH_MAX} deep, expected an object of lists`,
    );
  }
  const { parameters, targets } = limits ?? NO_LIMITS;
  if (members > parameters) throw tooMany(`${members} parameters`, parameters, 'parameters');
  if (values > parameters + targets) {
    throw tooMany(`${values} values`, parameters + targets, 'parameters + httpLimits.targets');
  }
  const value = parseJsonBody(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('JSON body: expected an object of parameters');
  }
  for (const [name, member] of Object.entries(value)) {
    for (const item of Array.isArray(member) ? member : [member]) {
      if (typeof item === 'string') params.add(name, item);
      else if (typeof item === 'number' || typeof item === 'boolean') params.add(name, `${item}`);
      else if (item !== null) {
        throw badRequest(`JSON body: ${clip(name)} is not text, number or list`);
      }
    }
  }
  return params;
}

/** JSON that a client sent; throws a `badRequest` sentence when it is none. */
export function parseJsonBody(text: string): unknown {
  const { members, values } = shapeOf(text);
  if (members > JSON_MEMBERS_MAX || values > JSON_VALUES_MAX) {
    throw overLimit(
      `JSON body: ${members} members and ${values} values read, expected at most ` +
        `${JSON_MEMBERS_MAX} and ${JSON_VALUES_MAX}`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest(`body "${clip(text)}": expected JSON`);
  }
}

/** Depth of parameters as JSON, where a list in the object is all that can be meant. */
const PARAMS_DEPTH_MAX = 100;
/** Of all objects and lists together: so many take some 20 ms to parse, a body of 4 MB could hold ten times as many. */
const JSON_MEMBERS_MAX = 50_000;
const JSON_VALUES_MAX = 250_000;

interface Shape {
  /** How deep lists and objects are nested. */
  depth: number;
  /** Names of objects. */
  members: number;
  /** Lists and objects, and what stands behind a comma. */
  values: number;
}

/** What JSON holds, told before it is parsed. */
function shapeOf(text: string): Shape {
  let depth = 0;
  const shape: Shape = { depth: 0, members: 0, values: 0 };
  for (let i = 0; i < text.length; i++) {
    const read = text.charCodeAt(i);
    const code = read | 0x20; // `[` and `{`, `]` and `}` differ in one bit
    if (read === 0x22) i = endOfText(text, i);
    else if (code === 0x7b) {
      depth += 1;
      shape.values += 1;
      if (depth > shape.depth) shape.depth = depth;
    } else if (code === 0x7d) depth -= 1;
    else if (read === 0x3a) shape.members += 1;
    else if (read === 0x2c) shape.values += 1;
  }
  return shape;
}

/** Where the quote is that ends a text which begins at one; the end of all where there is none. */
function endOfText(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json.charCodeAt(before - 1) === 0x5c) before -= 1; // backslashes escape one another
    if ((at - before) % 2 === 0) return at;
  }
  return json.length;
}

/** A whole number from 0, or from 1 for a limit. */
export function readCount(params: Params, name: string, otherwise: number, most: number): number {
  const text = params.last(name);
  if (text === undefined || text === '') return otherwise;
  const least = Math.min(otherwise, 1);
  const count = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (count >= least && count <= most) return count;
  throw badRequest(`${name}="${clip(text)}": expected a number from ${least} to ${most}`);
}

/** Text from outside, short enough for a sentence. */
export function clip(text: string): string {
  const line = text.slice(0, 1000).replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

const utf8 = new TextDecoder();

const PERCENT = 0x25;
/** By the code of a character the value of the hexadecimal digit, -1 for others. */
const HEX_VALUES = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** In one pass: 4 MB of escapes would otherwise hold up others for half a second. */
function decodeForm(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  const bytes = Buffer.from(spaced);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const read = bytes[i]!; // i < length
    const isEscape = read === PERCENT && i + 2 < bytes.length;
    const high = isEscape ? HEX_VALUES[bytes[i + 1]!]! : -1;
    const low = high < 0 ? -1 : HEX_VALUES[bytes[i + 2]!]!;
    if (low < 0) bytes[length++] = read;
    else {
      bytes[length++] = high * 16 + low;
      i += 2;
    }
  }
  return utf8.decode(bytes.subarray(0, length));
}
