/** A pickle's memo names an object in two bytes: what costs to look at is looked at once a message. */
import { readCarbonPickle } from '../../../src/ingest/protocol/carbon/plaintext.ts';
import { POINT_QUEUE_LIMITS, PointQueue } from '../../../src/ingest/receive/point-queue.ts';
import { assert, describe } from '../../support/suite.ts';

const RULES = { nowSeconds: 1_700_000_000, nameBytesMax: 1024 };
/** Of the processor: half a second at most on a busy machine; it was 20 s and more. */
const MS_MAX = 5000;

/** `entries` by turns, as often as 1 MiB holds or `count`. */
function recalled(entries: [name: string, value: string][], count: number): Buffer {
  const first = entries.map(
    ([name, value], i) => `(S'${name}'\n(I1700000000\nS'${value}'\nttq${'\x00\x01'[i]}`,
  );
  const again = entries.map((_, i) => `h${'\x00\x01'[i]}`).join('');
  return Buffer.from(`(${first.join('')}${again.repeat(count / entries.length)}l.`, 'latin1');
}

function read(bytes: Buffer): { points: number; refused: number; ms: number } {
  const events = { onBatch: () => {}, onFull: () => {}, onRoom: () => {} };
  const queue = new PointQueue(POINT_QUEUE_LIMITS, events, 1);
  let refused = 0;
  const began = process.cpuUsage();
  readCarbonPickle(bytes, 0, bytes.length, RULES, {
    point: (name, time, value) => queue.add(name, time, value, false),
    reject: () => (refused += 1),
  });
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  queue.finish();
  return { points: queue.taken, refused, ms };
}

describe('reports/attacks: names that a pickle recalls', (it) => {
  const braces = `a{${Array.from({ length: 100 }, (_, i) => `t${i}="v"`).join(',')}}`;
  const tagged = `a;${Array.from({ length: 150 }, (_, i) => `t${i}=v`).join(';')}`;
  const long = 'a.'.repeat(510);
  const cases: Record<string, [name: string, value: string][]> = {
    'with tags in braces': [[braces, '1']],
    'with many tags': [[tagged, '1']],
    'with a tag, two by turns': [
      ['a{b="c"}', '1'],
      ['app.web;host=a', '1'],
    ],
    'of many nodes, two by turns': [
      [`${long}b`, '1'],
      [`${long}c`, '1'],
    ],
    'with long numbers': [['a', `${'1'.repeat(300)}.${'3'.repeat(490)}`]],
  };
  for (const [what, entries] of Object.entries(cases)) {
    it(what, () => {
      const { points, refused, ms } = read(recalled(entries, 65_000));
      assert.equal([points, refused], [65_000 + entries.length, 0]);
      assert.ok(ms < MS_MAX, `${Math.round(ms)} ms`);
    });
  }

  it('more often than a message has points', () => {
    const { points, refused } = read(recalled([['a', '1']], 500_000));
    assert.equal([points, refused], [0, 1]);
  });
});
