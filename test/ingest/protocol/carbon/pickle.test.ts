import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import {
  NO_TEXT,
  readPicklePoints,
  type PickledPoints,
} from '../../../../src/ingest/protocol/carbon/pickle.ts';
import { assert, describe } from '../../../support/suite.ts';

const read = (bytes: Uint8Array) => readPicklePoints(bytes, 0, bytes.length);
const latin = (text: string) => Buffer.from(text, 'latin1');

function accepts(bytes: Uint8Array, expected: [string, number, number][], malformed = 0): void {
  const result = read(bytes) as PickledPoints;
  if ('rejected' in result) assert.unreachable(String(result.rejected));
  const points = result.names.map((name, i) => [name, result.times[i], result.values[i]]);
  assert.equal(points, expected);
  assert.is(result.malformed, malformed);
}

function refuses(bytes: Uint8Array, reason: RegExp): void {
  const result = read(bytes);
  if (!('rejected' in result)) assert.unreachable(`read ${JSON.stringify(result)}`);
  assert.match((result as { rejected: string }).rejected, reason);
}

/** Pickles of the same points by every protocol of the Python that is here. */
const PYTHON = `
import pickle, sys, base64
points = [("a.b", (1700000000, 1.5)), ("caf\\u00e9;x=y", (1700000010.25, -3)), ("big", (1, 2**40)), ("a.b", (2, 1e300))]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    print(base64.b64encode(pickle.dumps(points, protocol=protocol)).decode())
class Evil:
    def __reduce__(self):
        import os
        return (os.system, ("true",))
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    print(base64.b64encode(pickle.dumps([Evil()], protocol=protocol)).decode())
`;

/** By what they hold beside two points: all of it but the class costs itself alone. */
const BESIDE = `
import decimal
n = 1700000000
beside = [("bool", (n, True)), ("no", (n, False)), ("counter", (n, 2**63)), ("long", (n, -10**30)),
  ("beyond", (n, 10**400)), ("dict", {"a": (n, 1)}), {"a": 1}, ("none", (n, None)),
  ("text", (n, "2.5")), ("words", (n, "up")), (5, (n, 1)), None, ("short", (n,))]
sets = [{1, 2}, frozenset([3]), bytearray(b"x")]
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    points = [("a", (n, 1.0))] + beside + (sets if protocol > 4 else []) + [("z", (n, 2.0))]
    print(base64.b64encode(pickle.dumps(points, protocol=protocol)).decode())
print(base64.b64encode(pickle.dumps([("a", (n, decimal.Decimal(1)))], protocol=2)).decode())
`;

describe('ingest/protocol/pickle', (it) => {
  it('reads what StatsD writes: protocol 0, values as strings', () => {
    accepts(latin("(l(S'stats.a'\n(L1700000000L\nS'2.5'\ntta(S'it\\'s'\n(L3L\nS'-0'\ntta."), [
      ['stats.a', 1700000000, 2.5],
      ["it's", 3, -0],
    ]);
  });

  it('counts entries of another shape and keeps the others', () => {
    accepts(latin("(lI5\na(S'a'\n(I1\nI2\ntta(S'b'\n(I1\nS'x'\ntta."), [['a', 1, 2]], 2);
  });

  it('refuses everything but numbers, strings, lists and tuples', () => {
    refuses(latin("cos\nsystem\n(S'true'\ntR."), /opcode 0x63 c/);
    refuses(latin('\x80\x02}.'), /no list of points/);
    refuses(latin('\x80\x06].'), /protocol 6/);
    refuses(latin("S'just a string'\n."), /no list of points/);
  });

  it('refuses what is cut or out of balance', () => {
    refuses(latin(''), /ends in the middle/);
    refuses(latin('(l(S'), /ends in the middle/);
    refuses(latin('X\xff\xff\xff\xffab.'), /ends in the middle/);
    refuses(latin('\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.'), /ends in the middle/);
    refuses(latin('a.'), /runs empty|no list/);
    refuses(latin('l.'), /never opened/);
    refuses(latin('h\x07.'), /recalls object 7/);
    refuses(latin('\x8b\xff\xff\xff\x7f.'), /ends in the middle/);
    refuses(latin('I1\nI1\ns.'), /runs empty|no dictionary/);
    refuses(latin('I1\n(I1\nu.'), /no dictionary/);
    refuses(latin('(lS"open\n.'), /quotes/);
    refuses(latin('Ixyz\n.'), /expected a number/);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes)));
  });

  it('says of a name that is no UTF-8 that it is none', () => {
    const result = read(
      latin('(lU\x02\xff\xfeI1\nI2\n\x86\x86aU\x03\xef\xbf\xbdI1\nI3\n\x86\x86a.'),
    );
    assert.equal((result as PickledPoints).names, [NO_TEXT, '\ufffd']);
  });

  it('bounds the work that a message may ask for', () => {
    const lists = (count: number): string => '(l0'.repeat(count);
    accepts(latin(`${lists(174_000)}].`), []);
    refuses(latin(`${lists(175_000)}].`), /more than 524288 steps/);
    const points = (count: number): string =>
      ']U\x01aK\x01K\x02\x86\x86q\x00a' + 'h\x00a'.repeat(count - 1) + '.';
    assert.is((read(latin(points(65_536))) as PickledPoints).names.length, 65_536);
    refuses(latin(points(65_537)), /more than 65536 points/);
  });

  const python = spawnSync('python3', ['-c', PYTHON], { encoding: 'utf8' });
  if (python.status !== 0) {
    it.skipAloud('reads every protocol Python writes', 'needs the Debian package python3');
    return;
  }
  const lines = python.stdout.trim().split('\n');
  const pickles = lines.map((line) => Buffer.from(line, 'base64'));
  it('reads every protocol Python writes', () => {
    assert.ok(lines.length >= 10);
    for (const bytes of pickles.slice(0, lines.length / 2)) {
      accepts(bytes, [
        ['a.b', 1700000000, 1.5],
        ['café;x=y', 1700000010.25, -3],
        ['big', 1, 2 ** 40],
        ['a.b', 2, 1e300],
      ]);
    }
  });

  it('loses what is no point, and nothing beside it', () => {
    const { stdout } = spawnSync('python3', ['-c', `import pickle, base64\n${BESIDE}`], {
      encoding: 'utf8',
    });
    const odd = stdout
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line, 'base64'));
    refuses(odd.pop()!, /opcode 0x63/);
    assert.is(odd.length >= 2, true);
    for (const [i, bytes] of odd.entries()) {
      const n = 1_700_000_000;
      const points: [string, number, number][] = [
        ['a', n, 1],
        ['bool', n, 1],
        ['no', n, 0],
        ['counter', n, 2 ** 63],
        ['long', n, -1e30],
        ['beyond', n, Infinity],
        ['text', n, 2.5],
        ['z', n, 2],
      ];
      accepts(bytes, points, i === odd.length - 1 ? 10 : 7);
    }
  });

  it('refuses a pickle that would run a command, in every protocol', () => {
    for (const bytes of pickles.slice(lines.length / 2)) refuses(bytes, /opcode/);
  });
});
