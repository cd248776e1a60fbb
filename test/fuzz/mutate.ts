/**
 * Broken lines from good ones, repeatable by their seed: flipped bits, cuts, doubled and swapped
 * parts, long numbers, bytes that are no UTF-8.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/cli/random.ts';

const CASES = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  '../conformance/statsd/dialects.jsonl',
);

/** Lines of each dialect, as its own project reads or refuses them. */
export function linesByDialect(): Map<string, Buffer[]> {
  const lines = new Map<string, Buffer[]>();
  for (const text of fs.readFileSync(CASES, 'utf8').trim().split('\n')) {
    const { dialect, line } = JSON.parse(text) as { dialect: string; line: string };
    const known = lines.get(dialect) ?? [];
    lines.set(dialect, [...known, Buffer.from(line)]);
  }
  return lines;
}

/** Carbon's plaintext, good and odd. */
export const CARBON_LINES = [
  'servers.web1.load 1.25 1700000000',
  'a;host=b;dc=c 17 1700000000.5',
  'a.b\t-3\t-1',
  'a.b   1e3   N\r',
  'a.b nan 1700000000',
  'é.ü 0.1 1700000000',
].map((line) => Buffer.from(line));

const SEPARATORS = Buffer.from(':|@#,;= \t\r.');
const NUMBERS = [
  '9'.repeat(400),
  '1e308',
  '-1e999',
  '0x7fffffff',
  '1'.repeat(17),
  'NaN',
  '.',
  '--1',
];
const NO_UTF8 = [
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xc0, 0x80],
];

type Mutation = (line: Buffer, random: Random) => Buffer;

const MUTATIONS: Mutation[] = [
  function flipBit(line, random) {
    const copy = Buffer.from(line);
    if (copy.length > 0) copy[random.whole(copy.length)]! ^= 1 << random.whole(8);
    return copy;
  },
  function cut(line, random) {
    return line.subarray(0, random.whole(line.length + 1));
  },
  function cutStart(line, random) {
    return line.subarray(random.whole(line.length + 1));
  },
  function doublePart(line, random) {
    const from = random.whole(line.length + 1);
    const to = from + random.whole(line.length - from + 1);
    return Buffer.concat([line.subarray(0, to), line.subarray(from)]);
  },
  function swapParts(line, random) {
    const at = random.whole(line.length + 1);
    return Buffer.concat([line.subarray(at), line.subarray(0, at)]);
  },
  function otherSeparator(line, random) {
    const copy = Buffer.from(line);
    for (let i = 0; i < copy.length; i++) {
      const isSeparator = SEPARATORS.includes(copy[i]!);
      if (isSeparator && random.chance(0.3)) copy[i] = SEPARATORS[random.whole(SEPARATORS.length)]!;
    }
    return copy;
  },
  function longNumber(line, random) {
    return insert(line, random, Buffer.from(NUMBERS[random.whole(NUMBERS.length)]!));
  },
  function noUtf8(line, random) {
    return insert(line, random, Buffer.from(NO_UTF8[random.whole(NO_UTF8.length)]!));
  },
  function manyFields(line, random) {
    const at = random.whole(line.length + 1);
    return Buffer.concat([line, ...Array.from({ length: 40 }, () => line.subarray(at))]);
  },
];

function insert(line: Buffer, random: Random, bytes: Buffer): Buffer {
  const at = random.whole(line.length + 1);
  return Buffer.concat([line.subarray(0, at), bytes, line.subarray(at)]);
}

/**
 * `count` lines without newlines and none of them empty: what counts as a line is then the same to
 * both sides.
 */
export function mutatedLines(good: readonly Buffer[], count: number, random: Random): Buffer[] {
  const lines: Buffer[] = [];
  while (lines.length < count) {
    let line = good[random.whole(good.length)]!;
    for (let left = 1 + random.whole(3); left > 0; left--) {
      line = MUTATIONS[random.whole(MUTATIONS.length)]!(line, random);
    }
    const whole = Buffer.from(line).map((byte) => (byte === 0x0a ? 0x20 : byte)) as Buffer;
    // The longest line that a stream takes is 64 KiB, a name less.
    if (whole.length > 0) lines.push(whole.subarray(0, 16_000));
  }
  return lines;
}
