/**
 * Pickles of points, each part written by any opcode that a pickler has for it, with odd things among
 * them; and what becomes of such a message when bytes, opcodes and whole parts of it are changed.
 */
import type { Dice } from './kind.ts';

export interface Message {
  bytes: Buffer;
  /** Entries of its list; undefined for what may be no list any more. */
  entries: number | undefined;
}

const NOW = 1_700_000_000;
const NAMES = [
  'a',
  'a.b',
  'a..b',
  '.',
  '',
  'a;b=c',
  'a;b',
  'a{b="c"}',
  'caf\u00e9',
  'a\nb',
  '__proto__',
];
NAMES.push(
  'x'.repeat(1000),
  'x'.repeat(2000),
  'a.'.repeat(500),
  `a${';t=v'.repeat(200)}`,
  'a\0b',
  '~a',
);
const NUMBERS = [
  0,
  1,
  -1,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  1e308,
  5e-324,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
];
const TIMES = [
  NOW,
  NOW - 60,
  NOW + 30,
  NOW + 9000,
  -1,
  0,
  NOW * 1000,
  4294967295,
  4294967296,
  NaN,
  Infinity,
];
const TEXTS = [
  '1',
  ' 1 ',
  'nan',
  '',
  'x',
  '0x10',
  '1e5',
  '1_0',
  '9'.repeat(799),
  '9'.repeat(801),
  'inf',
];
/** Every opcode that Python's pickletools knows. */
const OPCODES = Buffer.from(
  '(.0123FGHIJKLMNPQRSTUVXabcdeghijlopqrstu}])\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b' +
    'BC\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98',
  'latin1',
);

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

function sized(opcode: number, bytes: number, write: (into: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(1 + bytes);
  buffer[0] = opcode;
  write(buffer.subarray(1));
  return buffer;
}

function text(dice: Dice, value: string): Buffer {
  const bytes = Buffer.from(value);
  const { length } = bytes;
  const escaped = value.replaceAll(/[^ -~]|['\\]/g, (one) =>
    [...Buffer.from(one)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  const forms: (() => Buffer[])[] = [
    () => [sized(0x58, 4, (into) => into.writeUInt32LE(length)), bytes],
    () => [sized(0x54, 4, (into) => into.writeUInt32LE(length)), bytes],
    () => [sized(0x42, 4, (into) => into.writeUInt32LE(length)), bytes],
    () => [sized(0x8d, 8, (into) => into.writeBigUInt64LE(BigInt(length))), bytes],
    () => [sized(0x8e, 8, (into) => into.writeBigUInt64LE(BigInt(length))), bytes],
    () => [sized(0x96, 8, (into) => into.writeBigUInt64LE(BigInt(length))), bytes],
    () => [latin(`S'${escaped}'\n`)],
  ];
  if (length < 256) {
    for (const opcode of [0x55, 0x8c, 0x43])
      forms.push(() => [Buffer.from([opcode, length]), bytes]);
  }
  return Buffer.concat(dice.pick(forms)());
}

function number(dice: Dice, value: number): Buffer {
  const spelled = Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf');
  const forms: (() => Buffer)[] = [
    () => sized(0x47, 8, (into) => into.writeDoubleBE(value)),
    () => latin(`F${spelled}\n`),
  ];
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 60) {
    forms.push(
      () => latin(`I${value}\n`),
      () => latin(`L${value}L\n`),
      () => long(dice, BigInt(value)),
    );
    if (value === Math.trunc(value) && Math.abs(value) < 2 ** 31) {
      forms.push(() => sized(0x4a, 4, (into) => into.writeInt32LE(value)));
    }
    if (value >= 0 && value < 256) forms.push(() => Buffer.from([0x4b, value]));
    if (value >= 0 && value < 65_536)
      forms.push(() => sized(0x4d, 2, (into) => into.writeUInt16LE(value)));
    if (value === 0 || value === 1) forms.push(() => Buffer.from([value === 1 ? 0x88 : 0x89]));
  }
  return dice.pick(forms)();
}

function long(dice: Dice, value: bigint): Buffer {
  const bytes = Buffer.alloc(8 + dice.whole(dice.chance(0.1) ? 300 : 4), value < 0n ? 0xff : 0);
  bytes.writeBigInt64LE(value);
  const isShort = bytes.length < 256 && dice.chance(0.8);
  const head = isShort
    ? Buffer.from([0x8a, bytes.length])
    : sized(0x8b, 4, (into) => into.writeUInt32LE(bytes.length));
  return Buffer.concat([head, bytes]);
}

function pair(dice: Dice, first: Buffer, second: Buffer): Buffer {
  if (dice.chance(0.5)) return Buffer.concat([first, second, latin('\x86')]);
  if (dice.chance(0.5)) return Buffer.concat([latin('('), first, second, latin('t')]);
  return Buffer.concat([latin(']'), latin('('), first, second, latin('e')]);
}

/** What is no point, whole. */
function other(dice: Dice): Buffer {
  const forms = [
    'N',
    '}',
    ']',
    ')',
    '\x8f',
    'I1\n',
    "S'x'\n",
    '(I1\nI2\nt',
    '(I1\nI2\nd',
    '(I1\n\x91',
  ];
  forms.push('}I1\nI2\ns', '}(I1\nI2\nu', '\x8f(I1\n\x90', 'I1\n20', '(I1\n1N', 'N\x85', 'NNN\x87');
  return latin(dice.pick(forms));
}

function entry(dice: Dice): Buffer {
  if (dice.chance(0.1)) return other(dice);
  const scalar = (usual: readonly number[]): Buffer =>
    dice.chance(0.15) ? text(dice, dice.pick(TEXTS)) : number(dice, dice.pick(usual));
  const time = dice.chance(0.7) ? number(dice, NOW - dice.whole(600)) : scalar(TIMES);
  const value = dice.chance(0.5) ? number(dice, dice.whole(1e6)) : scalar(NUMBERS);
  const name = text(dice, dice.chance(0.6) ? `app.s${dice.whole(200)}` : dice.pick(NAMES));
  return pair(dice, name, pair(dice, time, value));
}

/** A message that every unpickler reads to its end. */
export function soundPickle(dice: Dice): Message {
  const parts: Buffer[] = [];
  if (dice.chance(0.6)) parts.push(Buffer.from([0x80, dice.whole(6)]));
  if (dice.chance(0.3)) parts.push(sized(0x95, 8, () => {}));
  const count = dice.whole(dice.chance(0.05) ? 500 : 12);
  parts.push(latin(dice.chance(0.5) ? ']' : '(l'));
  let entries = 0;
  const isBatch = dice.chance(0.5);
  if (isBatch) parts.push(latin('('));
  for (let i = 0; i < count; i++) {
    const isMany = dice.chance(0.02);
    const memo = dice.pick(['\x94', 'q\x07', 'r\x07\x00\x00\x00', 'p7\n']);
    parts.push(entry(dice), latin(isMany ? memo : ''), latin(isBatch ? '' : 'a'));
    entries += 1;
    if (!isMany || memo === '\x94') continue;
    const again = dice.whole(dice.chance(0.05) ? 100_000 : 50);
    const recall = dice.pick(['h\x07', 'j\x07\x00\x00\x00', 'g7\n']) + (isBatch ? '' : 'a');
    parts.push(latin(recall.repeat(again)));
    entries += again;
  }
  if (isBatch) parts.push(latin('e'));
  parts.push(latin('.'));
  return { bytes: Buffer.concat(parts), entries };
}

/** Some changes of a sound one; nobody knows what it holds then. */
export function mutatedPickle(dice: Dice): Message {
  let { bytes } = soundPickle(dice);
  for (let left = 1 + dice.whole(4); left > 0; left--) bytes = changed(bytes, dice);
  return { bytes: bytes.subarray(0, 2 ** 20), entries: undefined };
}

function changed(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.whole(bytes.length + 1);
  const to = at + dice.whole(Math.min(40, bytes.length - at) + 1);
  const spliced = (middle: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(to)]);
  switch (dice.whole(7)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at]! ^= 1 << dice.whole(8);
      return copy;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return spliced(Buffer.alloc(0));
    case 3:
      return spliced(Buffer.from([OPCODES[dice.whole(OPCODES.length)]!]));
    case 4:
      return spliced(
        Buffer.from(Array.from({ length: 4 }, () => dice.pick([0, 255, 127, 128, 1]))),
      );
    case 5: {
      const times = dice.chance(0.05) ? Math.floor(2 ** 20 / (to - at + 1)) : 4;
      return spliced(Buffer.concat(Array.from({ length: times }, () => bytes.subarray(at, to))));
    }
    default:
      return spliced(
        Buffer.from(Array.from({ length: 3 }, () => OPCODES[dice.whole(OPCODES.length)]!)),
      );
  }
}
