/**
 * A line that is rejected, as `a:nan|c` or `a:1|xx`, goes through its dialect's grammar once: reading
 * such lines in full each time made them cost seven times what good ones do.
 */
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { Metrics } from '../../../src/ingest/aggregate/metrics.ts';
import { Spellings } from '../../../src/ingest/aggregate/spellings.ts';
import { countKnownLines } from '../../../src/ingest/aggregate/statsd-fast-path.ts';
import { Cursor, NOT_REMEMBERED, type SampleSink } from '../../../src/ingest/protocol/cursor.ts';
import { LINE_READERS } from '../../../src/ingest/protocol/statsd/line-readers.ts';
import { contents, makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';

const LINES = [
  'a:nan|c',
  'a:x|g',
  'some.name:null|ms',
  'd:true 1|c',
  'a:1|c|@x',
  'b:1e999|ms|@-1',
  'c:-1|ms',
];
const EXTENDED_ONLY = ['a:1|xx', 'b:2|c|0.5', 'A::b:1|c', ':1|c', 'x:1|c|T0'];

describe('a line that is rejected', (it) => {
  for (const dialect of DIALECT_NAMES) {
    const lines = dialect === 'extended' ? [...LINES, ...EXTENDED_ONLY] : LINES;
    it(`is read in full once in ${dialect}`, () => {
      const cursor = new Cursor();
      cursor.setDialect(dialectCode(dialect));
      const metrics = new Metrics(DEFAULT_CONFIG.aggregation, 1);
      const spellings = new Spellings();
      let known = 0;
      const sink = { knownLine: () => (known += 1) };
      const reader: SampleSink = { sample() {}, reject() {}, event() {}, check() {} };
      for (const line of [...lines, ...lines]) {
        cursor.attach(Buffer.from(line + ' '.repeat(16)));
        const stop = countKnownLines(cursor, metrics, spellings, sink, 0, line.length, 1);
        if (stop === line.length) continue;
        const outcome = LINE_READERS[cursor.dialect]!(cursor, 0, line.length, reader);
        assert.ok(outcome !== NOT_REMEMBERED && spellings.wasSought(0, line.length), line);
        spellings.learn(cursor, outcome, metrics.names);
      }
      assert.is(known, lines.length);
    });

    it(`counts as it did in ${dialect}`, () => {
      const aggregator = makeAggregator();
      const code = dialectCode(dialect);
      for (let i = 0; i < 3; i++) send(aggregator, `${LINES.join('\n')}\na:1|c\n`, code);
      const rejected = dialect === 'dogstatsd' ? LINES.length - 1 : LINES.length;
      assert.equal(aggregator.health().badLinesSeen, 3 * rejected);
      assert.equal(contents(aggregator, 'counters'), { a: 3 });
    });
  }
});
