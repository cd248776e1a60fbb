/**
 * A line whose value is text, as in `a:nan|c`, is refused where it is read first: a second reading
 * by the dialect's whole grammar made it cost seven times what a good one does.
 */
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { Metrics } from '../../../src/ingest/aggregate/metrics.ts';
import { COUNTED, countPlainLines } from '../../../src/ingest/aggregate/statsd-fast-path.ts';
import { Cursor } from '../../../src/ingest/protocol/cursor.ts';
import { contents, makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';

const LINES = ['a:nan|c', 'a:x|g', 'some.name:null|ms', 'a:true 1|c'];

describe('a value that is text', (it) => {
  for (const dialect of DIALECT_NAMES) {
    it(`is refused at the first reading in ${dialect}`, () => {
      const text = `${LINES.join('\n')}\n`;
      const cursor = new Cursor();
      cursor.setDialect(dialectCode(dialect));
      cursor.attach(Buffer.from(text + ' '.repeat(16)));
      let refused = 0;
      const sink = {
        plainSample: () => false,
        plainRefusal: () => {
          refused += 1;
          return true;
        },
      };
      const metrics = new Metrics(DEFAULT_CONFIG.aggregation, 1);
      assert.equal(countPlainLines(cursor, metrics, sink, 0, text.length, 1), text.length);
      assert.equal(refused, LINES.length);
      assert.equal(COUNTED[0], LINES.length);
    });

    it(`counts as it did in ${dialect}`, () => {
      const aggregator = makeAggregator();
      send(aggregator, `${LINES.join('\n')}\na:1|c\n`, dialectCode(dialect));
      assert.equal(aggregator.health().badLinesSeen, LINES.length);
      assert.equal(contents(aggregator, 'counters'), { a: 1 });
    });
  }
});
