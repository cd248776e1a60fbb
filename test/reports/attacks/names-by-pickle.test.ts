/** Names with line feeds, or empty, that a pickle brings: refused one by one, with an example. */
import {
  readCarbonPickle,
  type CarbonReason,
} from '../../../src/ingest/protocol/carbon/plaintext.ts';
import { printable } from '../../../src/rejections/printable.ts';
import { assert, describe } from '../../support/suite.ts';

/** Protocol 0, as StatsD's own backend writes it, with Python's escapes. */
function pickled(names: readonly string[]): Buffer {
  const points = names.map((name) => `(V${name}\n(I1700000000\nI1\ntta`);
  return Buffer.from(`(l${points.join('')}.`, 'latin1');
}

describe('names by pickle', (it) => {
  it('have no line feeds, control characters or halves of characters, and are not empty', () => {
    const escapes = [
      'a\\u000ab',
      'a\\u000d',
      '\\u0000',
      'a\\u007f',
      'a\\u0085b',
      'a\\u2028b',
      'a\\ud800',
    ];
    const stored: string[] = [];
    const refused: [CarbonReason, string][] = [];
    const bytes = pickled(['sound', ...escapes, '', '..', 'x;a=1\\u000a', 'behind']);
    const sink = {
      point: (name: string) => stored.push(name),
      reject: (reason: CarbonReason, example: Uint8Array, from: number, to: number) =>
        refused.push([reason, printable(example.subarray(from, to))]),
    };
    readCarbonPickle(
      bytes,
      0,
      bytes.length,
      { nowSeconds: 1_700_000_000, nameBytesMax: 100 },
      sink,
    );
    assert.equal(stored, ['sound', 'behind']);
    assert.equal(
      refused.map(([reason]) => reason),
      [...escapes.map(() => 'badName'), 'emptyName', 'emptyName', 'badName'],
    );
    assert.equal(refused[0], ['badName', 'a\\x0ab']);
  });
});
