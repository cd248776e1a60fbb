/**
 * What somebody probably meant who sent a line that cannot be read: one table of the usual mistakes.
 * Asked only when a line is rejected; each test is one pass over at most SEEN_BYTES. Pure.
 */

/** Where the bytes came in. */
export type HintPort = 'statsd' | 'carbon' | 'pickle' | 'console';

/** Addresses to point to, such as `port 8125`; what is not known is named by its option. */
export type HintPlaces = Partial<Record<'statsd' | 'carbon' | 'pickle' | 'http', string>>;

/** A mistake shows in the first bytes. */
const SEEN_BYTES = 1000;

interface Mistake {
  code: string;
  /** Where this is a mistake. */
  ports: readonly HintPort[];
  /** What must be somewhere in the bytes, one or more of HAS_…: most tests are not even begun. */
  needs: number;
  /** `lineTo` is the end of what was read; [from, to) are the first bytes of it. */
  shows(bytes: Uint8Array, from: number, to: number, lineTo: number): boolean;
  /** `{carbon}` and the like stand for a place, `{line}` for what the port expects. */
  says: string;
}

const EVERYWHERE: readonly HintPort[] = ['statsd', 'carbon', 'pickle', 'console'];
const LINES: readonly HintPort[] = ['statsd', 'carbon'];

const HAS_COLON = 1;
const HAS_BAR = 2;
const HAS_BACKSLASH = 4;
const HAS_COMMA = 8;
const HAS_BLANK = 16;

/** The HAS_… of a byte. */
const FLAGS = new Uint8Array(256);
FLAGS[0x3a] = HAS_COLON;
FLAGS[0x7c] = HAS_BAR;
FLAGS[0x5c] = HAS_BACKSLASH;
FLAGS[0x2c] = HAS_COMMA;
FLAGS[0x20] = HAS_BLANK;
FLAGS.fill(HAS_BLANK, 0x09, 0x0e);

/** The first that shows is told. */
const MISTAKES: readonly Mistake[] = [
  {
    code: 'http',
    ports: EVERYWHERE,
    needs: HAS_BLANK,
    shows: isHttp,
    says: 'this is an HTTP request; HTTP is answered on {http}',
  },
  {
    code: 'tls',
    ports: EVERYWHERE,
    needs: 0,
    shows: isTls,
    says: 'this is the start of TLS; tallyd speaks none, a proxy in front of it can',
  },
  {
    code: 'json',
    ports: EVERYWHERE,
    needs: 0,
    shows: isJson,
    says: 'this is JSON; expected {line}',
  },
  {
    code: 'pickle',
    ports: ['statsd', 'carbon', 'console'],
    needs: 0,
    shows: isPickle,
    says: 'this is a pickle with its length; Graphite pickles go to {pickle}',
  },
  {
    code: 'eventSplit',
    ports: ['statsd'],
    needs: HAS_COLON,
    shows: isCutEvent,
    says:
      'the line ends before the event does: its lengths are bytes of title and text, and a line ' +
      'feed in them, which ends the line, is written as a backslash and an n',
  },
  {
    code: 'eventForm',
    ports: ['statsd'],
    needs: 0,
    shows: isEvent,
    says: 'an event has behind its _e, in braces, the bytes of title and text as UTF-8: title|text',
  },
  {
    code: 'checkForm',
    ports: ['statsd'],
    needs: HAS_BAR,
    shows: isCheck,
    says: 'a check is _sc|name|status; its status is 0 ok, 1 warning, 2 critical or 3 unknown',
  },
  {
    code: 'literalNewline',
    ports: LINES,
    needs: HAS_BACKSLASH,
    shows: hasLineBeforeNewline,
    says: 'a backslash and an n are no line feed; the shell makes one of them with printf, or with echo -e',
  },
  {
    code: 'statsdLine',
    ports: ['carbon', 'pickle', 'console'],
    needs: HAS_COLON | HAS_BAR,
    shows: isStatsdLine,
    says: 'this is a StatsD line; those go to {statsd}',
  },
  {
    code: 'decimalComma',
    ports: LINES,
    needs: HAS_COMMA,
    shows: hasDecimalComma,
    says: 'decimals are set off by a point: 1.5, not 1,5',
  },
  {
    code: 'carbonLine',
    ports: ['statsd', 'pickle', 'console'],
    needs: HAS_BLANK,
    shows: isCarbonLine,
    says: "this is a line of Graphite's plaintext protocol; those go to {carbon}",
  },
  {
    code: 'missingType',
    ports: ['statsd'],
    needs: HAS_COLON,
    shows: lacksType,
    says: 'the type is missing: |c counts, |ms times, |g sets a gauge, |s counts distinct values',
  },
  {
    code: 'gluedLines',
    ports: ['statsd'],
    needs: HAS_COLON | HAS_BAR,
    shows: areGlued,
    says: 'a line feed is missing: another line seems to start within this one',
  },
  {
    code: 'unknownType',
    ports: ['statsd'],
    needs: HAS_COLON | HAS_BAR,
    shows: hasUnknownType,
    says: 'the type is |c, |ms, |g, |s, |h or |d, in small letters and nothing behind it',
  },
  {
    code: 'missingTime',
    ports: ['carbon'],
    needs: HAS_BLANK,
    shows: lacksTime,
    says: 'the time is missing: name value timestamp, in epoch seconds; -1 or N is now',
  },
  {
    code: 'text',
    ports: ['pickle'],
    needs: 0,
    shows: isText,
    says:
      'this is text, and its first four bytes were read as the length of a pickle; ' +
      "Graphite's plaintext goes to {carbon}",
  },
];

export const HINT_CODES: readonly string[] = MISTAKES.map(({ code }) => code);
export const NO_HINT = -1;

/** Indexes of the mistakes that can be made on a port. */
const BY_PORT: Record<HintPort, readonly number[]> = {
  statsd: mistakesOf('statsd'),
  carbon: mistakesOf('carbon'),
  pickle: mistakesOf('pickle'),
  console: mistakesOf('console'),
};

const EXPECTED: Record<HintPort, string> = {
  statsd: 'name:value|type',
  carbon: 'name value timestamp',
  pickle: 'a pickle of [(name, (timestamp, value)), …] behind its length',
  console: 'a command, see help',
};

const UNKNOWN_PLACES: Required<HintPlaces> = {
  statsd: "StatsD's port (8125 unless told otherwise)",
  carbon: 'carbonPort (2003 unless told otherwise)',
  pickle: 'carbonPicklePort (2004 unless told otherwise)',
  http: 'httpPort (8080 unless told otherwise)',
};

/** What mistakes are counted as, by the port they came in on (rejections/rejections.ts). */
export const WRONG_PROTOCOL = {
  statsd: 'lines.mistaken',
  carbon: 'carbon.mistaken',
  pickle: 'pickle.mistaken',
  console: 'console.mistaken',
} as const satisfies Record<HintPort, string>;

/** Index in HINT_CODES of what the bytes look like, or NO_HINT. Allocates nothing. */
export function hintOf(bytes: Uint8Array, from: number, to: number, port: HintPort): number {
  const end = Math.min(to, from + SEEN_BYTES);
  let has = 0;
  for (let at = from; at < end; at++) has |= FLAGS[bytes[at]!]!;
  const indexes = BY_PORT[port];
  for (let i = 0; i < indexes.length; i++) {
    const { needs, shows } = MISTAKES[indexes[i]!]!;
    if ((has & needs) === needs && shows(bytes, from, end, to)) return indexes[i]!;
  }
  return NO_HINT;
}

/** The sentence for a code of HINT_CODES. */
export function hintSentence(code: string, port: HintPort, places: HintPlaces = {}): string {
  const says = MISTAKES.find((one) => one.code === code)?.says ?? '';
  return says.replace(/\{(\w+)\}/g, (_, word: string) =>
    word === 'line'
      ? EXPECTED[port]
      : (places[word as keyof HintPlaces] ?? UNKNOWN_PLACES[word as keyof HintPlaces]),
  );
}

/** Whether a line that was read all the same is probably not what its sender meant. */
export function isMisread(bytes: Uint8Array, from: number, to: number): boolean {
  return hasLiteralNewline(bytes, from, Math.min(to, from + SEEN_BYTES));
}

function mistakesOf(port: HintPort): number[] {
  return MISTAKES.flatMap(({ ports }, i) => (ports.includes(port) ? [i] : []));
}

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'PRI', 'CONNECT'].map(
  (text) => new TextEncoder().encode(`${text} `),
);

/** A method, a blank, and a path, a star or an absolute address. */
function isHttp(bytes: Uint8Array, from: number, to: number): boolean {
  if (from === to || bytes[from]! < 0x43 || bytes[from]! > 0x50) return false; // C to P
  for (const method of METHODS) {
    let i = 0;
    while (i < method.length && from + i < to && bytes[from + i] === method[i]) i += 1;
    if (i < method.length || from + i >= to) continue;
    const next = bytes[from + i]!;
    if (next === 0x2f || next === 0x2a || next === 0x68) return true;
  }
  return false;
}

/** A handshake record of TLS: 22, 3, 0 to 4. */
function isTls(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from >= 3 && bytes[from] === 0x16 && bytes[from + 1] === 3 && bytes[from + 2]! <= 4;
}

/** A brace or bracket and what can follow it in JSON. */
function isJson(bytes: Uint8Array, from: number, to: number): boolean {
  const at = skipBlanks(bytes, from, to);
  if (at >= to || (bytes[at] !== 0x7b && bytes[at] !== 0x5b)) return false;
  const next = skipBlanks(bytes, at + 1, to);
  // A line feed may have cut it here.
  if (next >= to) return true;
  const byte = bytes[next]!;
  return byte === 0x22 || byte === 0x7b || byte === 0x5b || byte === 0x7d || byte === 0x5d;
}

/** A length below 16 MiB, big-endian, then the start of a pickle of any protocol. */
function isPickle(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 5 || bytes[from] !== 0) return false;
  const opcode = bytes[from + 4]!;
  return opcode === 0x80 || opcode === 0x28 || opcode === 0x5d;
}

function hasLiteralNewline(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at + 1 < to; at++) {
    if (bytes[at] === 0x5c && bytes[at + 1] === 0x6e) return true;
  }
  return false;
}

/**
 * As above, behind what may be a line or most of one. In DogStatsD's events they are right: what is
 * left of one that a line feed split shows no colon before them, or blanks.
 */
function hasLineBeforeNewline(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at + 1 < to && !(bytes[at] === 0x5c && bytes[at + 1] === 0x6e)) at += 1;
  if (at + 1 >= to) return false;
  const colon = indexOf(bytes, 0x3a, from, at);
  // A carbon line has no colons, and blanks.
  if (isCarbonLine(bytes, from, at)) return true;
  if (colon === at || fieldEnd(bytes, from, at) < at) return false;
  return at + 2 === to || indexOf(bytes, 0x3a, at + 2, to) < to;
}

function isEvent(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 2 && bytes[from] === 0x5f && bytes[from + 1] === 0x65 && bytes[from + 2] === 0x7b
  );
}

function isCheck(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > 3 && bytes[from] === 0x5f && bytes[from + 1] === 0x73 && bytes[from + 2] === 0x63
  );
}

/** `_e{5,40}:title|a text that ends too early` */
function isCutEvent(bytes: Uint8Array, from: number, to: number, lineTo: number): boolean {
  if (!isEvent(bytes, from, to)) return false;
  const comma = indexOf(bytes, 0x2c, from, to);
  const close = indexOf(bytes, 0x7d, comma, to);
  if (close === to || !isNumber(bytes, from + 3, comma) || !isNumber(bytes, comma + 1, close)) {
    return false;
  }
  const length = numberOf(bytes, from + 3, comma) + 1 + numberOf(bytes, comma + 1, close);
  return lineTo - (close + 2) < length;
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + bytes[at]! - 0x30;
  return number;
}

/**
 * A section that ends like the start of a line, `cnext:5` or `#a:bnext:5`, before one that starts
 * like a type. Several samples of one name, `c:5` and `@0.5:5`, are none.
 */
function areGlued(bytes: Uint8Array, from: number, to: number): boolean {
  let start = indexOf(bytes, 0x7c, indexOf(bytes, 0x3a, from, to), to) + 1;
  while (start < to) {
    const end = indexOf(bytes, 0x7c, start, to);
    if (end + 1 >= to) return false;
    let colon = end;
    while (colon > start && bytes[colon - 1] !== 0x3a) colon -= 1;
    const isValue = colon > start && isNumber(bytes, colon, end);
    const isOwn =
      typeEnd(bytes, start, to) === colon - 1 ||
      (bytes[start] === 0x40 && isNumber(bytes, start + 1, colon - 1));
    const next = typeEnd(bytes, end + 1, to);
    // `c:` is a container.
    if (isValue && !isOwn && next > end + 1 && bytes[next] !== 0x3a) return true;
    start = end + 1;
  }
  return false;
}

function hasUnknownType(bytes: Uint8Array, from: number, to: number): boolean {
  const bar = indexOf(bytes, 0x7c, from, to);
  let colon = bar;
  while (colon > from && bytes[colon - 1] !== 0x3a) colon -= 1;
  const start = skipBlanks(bytes, bar + 1, to);
  if (start >= to || colon === from || !isNumber(bytes, colon, bar)) return false;
  const end = typeEnd(bytes, start, to);
  const next = skipBlanks(bytes, end, to);
  const byte = next < to ? bytes[next]! : 0x7c;
  return end === start || (byte !== 0x7c && byte !== 0x3a && byte !== 0x40);
}

/** Where a type that starts at `from` ends; `from` when none starts there. */
function typeEnd(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return from;
  const letter = bytes[from]!;
  if (letter === 0x6d) return from + 1 < to && bytes[from + 1] === 0x73 ? from + 2 : from + 1;
  const isType =
    letter === 0x63 || letter === 0x67 || letter === 0x73 || letter === 0x68 || letter === 0x64;
  return isType ? from + 1 : from;
}

/** `name:value|type`, as far as a glance tells. */
function isStatsdLine(bytes: Uint8Array, from: number, to: number): boolean {
  const colon = indexOf(bytes, 0x3a, from, to);
  if (colon === from) return false;
  const bar = indexOf(bytes, 0x7c, colon, to);
  return bar + 1 < to && isLetter(bytes[bar + 1]!);
}

/** Digits, a comma, digits, as a whole field: `:1,5|` or ` 1,5 `. */
function hasDecimalComma(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at + 1 < to; at++) {
    if (bytes[at] !== 0x2c || !isDigit(bytes[at - 1]!) || !isDigit(bytes[at + 1]!)) continue;
    let start = at - 1;
    while (start > from && isDigit(bytes[start - 1]!)) start -= 1;
    if (start > from && (bytes[start - 1] === 0x2d || bytes[start - 1] === 0x2b)) start -= 1;
    let end = at + 1;
    while (end < to && isDigit(bytes[end]!)) end += 1;
    const before = start > from ? bytes[start - 1]! : 0;
    const after = end < to ? bytes[end]! : 0;
    if (before === 0x3a && after === 0x7c) return true;
    if (isBlank(before) && isBlank(after)) return true;
    at = end;
  }
  return false;
}

/** Three fields between blanks, of which the last two are numbers. */
function isCarbonLine(bytes: Uint8Array, from: number, to: number): boolean {
  return isNameWithNumbers(bytes, from, to, 2);
}

/** `name:number` and no more. */
function lacksType(bytes: Uint8Array, from: number, to: number): boolean {
  const colon = indexOf(bytes, 0x3a, from, to);
  if (colon === from || colon === to) return false;
  const start = skipBlanks(bytes, colon + 1, to);
  const end = fieldEnd(bytes, start, to);
  return isNumber(bytes, start, end) && skipBlanks(bytes, end, to) === to;
}

/** `name number` and no more. */
function lacksTime(bytes: Uint8Array, from: number, to: number): boolean {
  return isNameWithNumbers(bytes, from, to, 1);
}

/** A line of a field and `count` numbers behind it. */
function isNameWithNumbers(bytes: Uint8Array, from: number, to: number, count: number): boolean {
  const end = indexOf(bytes, 0x0a, from, to);
  let at = fieldEnd(bytes, skipBlanks(bytes, from, end), end);
  for (let i = 0; i < count; i++) {
    const start = skipBlanks(bytes, at, end);
    at = fieldEnd(bytes, start, end);
    if (!isNumber(bytes, start, at)) return false;
  }
  return skipBlanks(bytes, at, end) === end;
}

/** Four printable bytes. */
function isText(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 4) return false;
  for (let at = from; at < from + 4; at++) {
    const byte = bytes[at]!;
    if (!isBlank(byte) && (byte < 0x20 || byte > 0x7e)) return false;
  }
  return true;
}

function fieldEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && !isBlank(bytes[at]!)) at += 1;
  return at;
}

/** Digits with at most one point, a sign before them. */
function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  if (at < to && (bytes[at] === 0x2d || bytes[at] === 0x2b)) at += 1;
  let digits = 0;
  let points = 0;
  for (; at < to; at++) {
    if (isDigit(bytes[at]!)) digits += 1;
    else if (bytes[at] === 0x2e) points += 1;
    else return false;
  }
  return digits > 0 && points <= 1;
}

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at]!)) at += 1;
  return at;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== byte) at += 1;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}
