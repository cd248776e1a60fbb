/**
 * Reads carbon's pickle messages: a list of `(name, (timestamp, value))`, written by any pickle
 * protocol from 0 to 5. Numbers, texts and containers are understood, and an entry that is no point
 * costs itself alone, as in carbon; every other opcode (classes, calls, persistent ids) rejects the
 * whole message, so nothing that a pickle could run is ever reached. Opcodes after Python's
 * `pickletools` documentation.
 *
 *     0x00 0x00 0x00 0x5d | \x80 \x02 ] q \x00 ( X … K … G … \x86 \x86 e .
 *     ^ big-endian length   ^ the pickle; this file starts here
 */

/**
 * Opcodes of a message, and so the work and the objects that it costs: some 40 ms. A point that Python
 * writes takes nine of them in 22 bytes at least, so that a useful message of 1 MiB has fewer.
 */
const STEPS_MAX = 524_288;
/** Longer integers are beyond what a double holds: 2^1024. */
const LONG_BYTES_MAX = 129;
/**
 * Entries of a message: the memo names an object in two bytes, so that 1 MiB may hold half a million of
 * them. Of those that Python writes it holds 48,000.
 */
const ENTRIES_MAX = 65_536;
/** A double never needs more digits than this to be exact. */
const NUMBER_CHARACTERS_MAX = 800;
/** Longer texts are read as numbers once a message, however many of its points name them. */
const SHORT_CHARACTERS = 32;

export interface PickledPoints {
  names: (string | typeof NO_TEXT)[];
  /** Epoch seconds as sent. */
  times: number[];
  values: number[];
  /** Entries of the list that are not `(name, (timestamp, value))`, and what the last one is called. */
  malformed: number;
  lastMalformed: string;
}

/** The points, or one sentence that says why the message is rejected. */
type PickleResult = PickledPoints | { rejected: string };

class Rejected extends Error {}

/** Numbers that Python writes as words. */
const WORDS = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);

/** A string that is not UTF-8: what stands for it would be other names' too. */
export const NO_TEXT = Symbol('no text');
const MARK = Symbol('mark');
/** A dictionary or a set, which is no point whatever it holds. */
const CONTAINER = Symbol('container');
type Pickled = number | string | null | Pickled[] | typeof MARK | typeof CONTAINER | typeof NO_TEXT;

/** Reads the pickle in bytes[from, to); never throws. */
export function readPicklePoints(bytes: Uint8Array, from: number, to: number): PickleResult {
  try {
    return points(new Unpickler(bytes.subarray(from, to)).read());
  } catch (error) {
    if (error instanceof Rejected) return { rejected: error.message };
    if (error instanceof RangeError) return { rejected: 'the pickle ends in the middle' };
    throw error;
  }
}

function points(value: Pickled): PickleResult {
  if (!Array.isArray(value)) return { rejected: 'read a pickle that is no list of points' };
  if (value.length > ENTRIES_MAX) {
    return { rejected: `read a pickle of more than ${ENTRIES_MAX} points` };
  }
  const found: PickledPoints = {
    names: [],
    times: [],
    values: [],
    malformed: 0,
    lastMalformed: '',
  };
  const known = new Map<string, number | undefined>();
  for (const entry of value) {
    const [name, datapoint] = Array.isArray(entry) ? entry : [];
    const [time, number] = Array.isArray(datapoint) ? datapoint : [];
    // StatsD's own Graphite backend pickles values as strings.
    const when = toNumber(time, known);
    const what = toNumber(number, known);
    if (
      (typeof name !== 'string' && name !== NO_TEXT) ||
      when === undefined ||
      what === undefined
    ) {
      found.malformed += 1;
      found.lastMalformed = typeof name === 'string' ? name : '';
      continue;
    }
    found.names.push(name);
    found.times.push(when);
    found.values.push(what);
  }
  return found;
}

/** `known`: what long texts of the message are, which the memo names in two bytes. */
function toNumber(
  value: Pickled | undefined,
  known: Map<string, number | undefined>,
): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > NUMBER_CHARACTERS_MAX) return undefined;
  if (value.length <= SHORT_CHARACTERS) return textNumber(value);
  if (!known.has(value)) known.set(value, textNumber(value));
  return known.get(value);
}

function textNumber(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isNaN(number) && text.trim().toLowerCase() !== 'nan' ? undefined : number;
}

class Unpickler {
  private readonly bytes: Buffer;
  private at = 0;
  private readonly stack: Pickled[] = [];
  private readonly memo = new Map<number, Pickled>();

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): Pickled {
    for (let step = 0; step < STEPS_MAX; step++) {
      const opcode = this.bytes.readUInt8(this.at);
      this.at += 1;
      if (opcode === 0x2e) return this.pop(); // '.'
      if (!this.number(opcode) && !this.text(opcode) && !this.structure(opcode)) {
        const shown = opcode > 0x20 && opcode < 0x7f ? String.fromCharCode(opcode) : '';
        throw new Rejected(
          `read pickle opcode 0x${opcode.toString(16)} ${shown}, ` +
            'expected only numbers, texts and containers of them',
        );
      }
    }
    throw new Rejected(`read a pickle of more than ${STEPS_MAX} steps`);
  }

  private number(opcode: number): boolean {
    switch (opcode) {
      case 0x4a: // J BININT
        return this.push(this.bytes.readInt32LE(this.skip(4)));
      case 0x4b: // K BININT1
        return this.push(this.bytes.readUInt8(this.skip(1)));
      case 0x4d: // M BININT2
        return this.push(this.bytes.readUInt16LE(this.skip(2)));
      case 0x47: // G BINFLOAT
        return this.push(this.bytes.readDoubleBE(this.skip(8)));
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return this.push(opcode === 0x88 ? 1 : 0);
      case 0x8a: // LONG1
        return this.push(this.long(this.bytes.readUInt8(this.skip(1))));
      case 0x8b: // LONG4
        return this.push(this.long(this.bytes.readUInt32LE(this.skip(4))));
      case 0x49: // I INT
      case 0x4c: // L LONG
      case 0x46: // F FLOAT
        return this.push(this.decimal());
      default:
        return false;
    }
  }

  private text(opcode: number): boolean {
    switch (opcode) {
      case 0x55: // U SHORT_BINSTRING
      case 0x8c: // SHORT_BINUNICODE
      case 0x43: // C SHORT_BINBYTES
        return this.push(this.string(this.bytes.readUInt8(this.skip(1))));
      case 0x54: // T BINSTRING
      case 0x58: // X BINUNICODE
      case 0x42: // B BINBYTES
        return this.push(this.string(this.bytes.readUInt32LE(this.skip(4))));
      case 0x8d: // BINUNICODE8
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.push(this.string(Number(this.bytes.readBigUInt64LE(this.skip(8)))));
      case 0x53: // S STRING
        return this.push(this.quoted());
      case 0x56: // V UNICODE
        return this.push(unescapeUnicode(this.line()));
      default:
        return false;
    }
  }

  private structure(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        return this.protocol(this.bytes.readUInt8(this.skip(1)));
      case 0x95: // FRAME
        this.skip(8);
        return true;
      case 0x28: // ( MARK
        return this.push(MARK);
      case 0x4e: // N NONE
        return this.push(null);
      case 0x5d: // ] EMPTY_LIST
      case 0x29: // ) EMPTY_TUPLE
        return this.push([]);
      case 0x6c: // l LIST
      case 0x74: // t TUPLE
        return this.push(this.popToMark());
      case 0x86: // TUPLE2
        return this.pair();
      case 0x85: // TUPLE1
      case 0x87: // TUPLE3
        return this.push(this.popMany(opcode - 0x84));
      case 0x61: // a APPEND
        return this.append(this.pop());
      case 0x65: // e APPENDS
        return this.appendAll(this.popToMark());
      case 0x30: // 0 POP
        this.pop();
        return true;
      case 0x31: // 1 POP_MARK
        this.popToMark();
        return true;
      case 0x32: // 2 DUP
        return this.push(this.top());
      default:
        return this.container(opcode) || this.memory(opcode);
    }
  }

  /** Dictionaries and sets: what they hold is gone through and forgotten. */
  private container(opcode: number): boolean {
    switch (opcode) {
      case 0x7d: // } EMPTY_DICT
      case 0x8f: // EMPTY_SET
        return this.push(CONTAINER);
      case 0x64: // d DICT
      case 0x91: // FROZENSET
        this.popToMark();
        return this.push(CONTAINER);
      case 0x73: // s SETITEM
        this.popMany(2);
        return this.requireContainer();
      case 0x75: // u SETITEMS
      case 0x90: // ADDITEMS
        this.popToMark();
        return this.requireContainer();
      default:
        return false;
    }
  }

  private requireContainer(): boolean {
    if (this.top() === CONTAINER) return true;
    throw new Rejected('read a pickle that sets an item of no dictionary or set');
  }

  private memory(opcode: number): boolean {
    switch (opcode) {
      case 0x94: // MEMOIZE
        return this.put(this.memo.size);
      case 0x71: // q BINPUT
        return this.put(this.bytes.readUInt8(this.skip(1)));
      case 0x72: // r LONG_BINPUT
        return this.put(this.bytes.readUInt32LE(this.skip(4)));
      case 0x70: // p PUT
        return this.put(this.decimal());
      case 0x68: // h BINGET
        return this.get(this.bytes.readUInt8(this.skip(1)));
      case 0x6a: // j LONG_BINGET
        return this.get(this.bytes.readUInt32LE(this.skip(4)));
      case 0x67: // g GET
        return this.get(this.decimal());
      default:
        return false;
    }
  }

  private protocol(version: number): boolean {
    if (version <= 5) return true;
    throw new Rejected(`read pickle protocol ${version}, expected 0 to 5`);
  }

  private push(value: Pickled): boolean {
    this.stack.push(value);
    return true;
  }

  private pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined) throw new Rejected('read a pickle whose stack runs empty');
    return value;
  }

  private top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined) throw new Rejected('read a pickle whose stack runs empty');
    return value;
  }

  private popMany(count: number): Pickled[] {
    if (this.stack.length < count) throw new Rejected('read a pickle whose stack runs empty');
    return this.stack.splice(this.stack.length - count);
  }

  private popToMark(): Pickled[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark === -1) throw new Rejected('read a pickle that closes a list it never opened');
    const values = mark === this.stack.length - 1 ? [] : this.stack.splice(mark + 1);
    this.stack.pop();
    return values;
  }

  /** What each point has twice. */
  private pair(): boolean {
    const second = this.pop();
    return this.push([this.pop(), second]);
  }

  private append(value: Pickled): boolean {
    this.list().push(value);
    return true;
  }

  private appendAll(values: Pickled[]): boolean {
    const list = this.list();
    for (const value of values) list.push(value);
    return true;
  }

  private list(): Pickled[] {
    const list = this.stack.at(-1);
    if (!Array.isArray(list)) throw new Rejected('read a pickle that appends to no list');
    return list;
  }

  private put(index: number): boolean {
    this.memo.set(index, this.top());
    return true;
  }

  private get(index: number): boolean {
    const value = this.memo.get(index);
    if (value === undefined)
      throw new Rejected(`read a pickle that recalls object ${index}, unset`);
    return this.push(value);
  }

  /** Position before the step; throws where the message ends too early. */
  private skip(count: number): number {
    const before = this.at;
    if (count > this.bytes.length - before) throw new Rejected('the pickle ends in the middle');
    this.at = before + count;
    return before;
  }

  private string(length: number): string | typeof NO_TEXT {
    const from = this.skip(length);
    return textOf(this.bytes, from, from + length);
  }

  /** Little-endian two's complement; infinite where a double does not reach. */
  private long(length: number): number {
    const from = this.skip(length);
    if (length === 0) return 0;
    const last = this.bytes[from + length - 1]!; // length > 0
    if (length > LONG_BYTES_MAX) return last < 0x80 ? Infinity : -Infinity;
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[from + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end === -1) throw new Rejected('the pickle ends in the middle');
    const text = this.bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return text;
  }

  private decimal(): number {
    const line = this.line();
    const text = line.endsWith('L') ? line.slice(0, -1) : line;
    const number = WORDS.get(text) ?? Number(text);
    if (text.trim() === '' || (Number.isNaN(number) && text !== 'nan')) {
      throw new Rejected(`read "${text.slice(0, 40)}" in a pickle, expected a number`);
    }
    return number;
  }

  /** A protocol-0 string: UTF-8 in quotes; Python 2 escapes every byte that is not ASCII. */
  private quoted(): string | typeof NO_TEXT {
    const text = this.line();
    const quote = text[0];
    if ((quote !== "'" && quote !== '"') || text.length < 2 || text.at(-1) !== quote) {
      throw new Rejected('read a pickled string without its quotes');
    }
    const bytes = text
      .slice(1, -1)
      .replace(/\\x([0-9a-f]{2})|\\(['"\\])/g, (_, hex: string | undefined, kept: string) =>
        hex === undefined ? kept : String.fromCharCode(Number.parseInt(hex, 16)),
      );
    return textOf(Buffer.from(bytes, 'latin1'), 0, bytes.length);
  }
}

function textOf(bytes: Buffer, from: number, to: number): string | typeof NO_TEXT {
  const text = bytes.toString('utf8', from, to);
  // A replacement character that was sent encodes to the same bytes, one made here does not.
  if (!text.includes('\ufffd') || Buffer.from(text).equals(bytes.subarray(from, to))) return text;
  return NO_TEXT;
}

/** Python's raw-unicode-escape: Latin-1 bytes, everything beyond as `\uXXXX` or `\UXXXXXXXX`. */
function unescapeUnicode(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi, (whole, short, long) => {
    const code = Number.parseInt((short ?? long) as string, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
