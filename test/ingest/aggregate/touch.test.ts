/** A packet's lines touched before they are counted: found where the hot loop finds them, nothing changed. */
import { dialectCode } from '../../../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { Metrics } from '../../../src/ingest/aggregate/metrics.ts';
import { Spellings } from '../../../src/ingest/aggregate/spellings.ts';
import { countKnownLines } from '../../../src/ingest/aggregate/statsd-fast-path.ts';
import { touchLines } from '../../../src/ingest/aggregate/touch.ts';
import { BY_VALUES, Cursor } from '../../../src/ingest/protocol/cursor.ts';
import { LINE_READERS } from '../../../src/ingest/protocol/statsd/line-readers.ts';
import { assert, describe } from '../../support/suite.ts';

const EXTENDED = dialectCode('extended');
const SECRET = 7;
const LINES = [
  'a:1|c',
  'ab:2|c|@0.1',
  'abc:3|ms|#a:b',
  'abcd:-4.5|g',
  'é.ü:1:2|d',
  `${'long.'.repeat(20)}name:123456789|h|#k:v`,
];

describe('lines that are touched', (it) => {
  it('are looked for where the hot loop finds them', () => {
    const metrics = new Metrics(DEFAULT_CONFIG.aggregation, SECRET);
    const spellings = new Spellings();
    const cursor = new Cursor();
    cursor.setDialect(EXTENDED);
    const sink = { knownLine() {}, sample() {}, reject() {}, event() {}, check() {} };
    const touched = (lines: string[]): number => {
      const text = `${lines.join('\n')}\n`;
      const bytes = Buffer.from(text + ' '.repeat(16));
      const to = Buffer.byteLength(text);
      const { names } = metrics;
      cursor.attach(bytes);
      return touchLines(bytes, cursor.view, 0, to, EXTENDED, spellings, names, SECRET);
    };
    assert.is(touched(LINES), 0);
    for (const line of LINES) {
      cursor.attach(Buffer.from(line + '\n'.repeat(16)));
      const to = Buffer.byteLength(line);
      assert.is(countKnownLines(cursor, metrics, spellings, sink, 0, to, SECRET), 0, line);
      assert.is(LINE_READERS[EXTENDED]!(cursor, 0, to, sink), BY_VALUES, line);
      assert.ok(spellings.wasSought(0, to));
      spellings.learn(cursor, BY_VALUES, metrics.names);
    }
    const others = LINES.map((line) => line.replace(/[1-9]/, '7'));
    assert.is(touched(others), LINES.length);
    assert.is(touched(['b:1|c', ...LINES]), LINES.length);
    assert.is(touched(['no colon', 'a:1']), 0);
  });
});
