import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import {
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
    refuses(latin('\x80\x02}.'), /opcode 0x7d/);
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
    refuses(latin('\x8b\xff\xff\xff\x7f.'), /integer of \d+ bytes/);
    refuses(latin('(lS"open\n.'), /quotes/);
    refuses(latin('Ixyz\n.'), /expected a number/);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes)));
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

  it('refuses a pickle that would run a command, in every protocol', () => {
    for (const bytes of pickles.slice(lines.length / 2)) refuses(bytes, /opcode/);
  });
});
