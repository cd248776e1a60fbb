/** What is remembered of lines that came before: the same answers, within bounds, whatever floods in. */
import { dialectCode } from '../../../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { Metrics } from '../../../src/ingest/aggregate/metrics.ts';
import { Spellings } from '../../../src/ingest/aggregate/spellings.ts';
import { countKnownLines } from '../../../src/ingest/aggregate/statsd-fast-path.ts';
import { BY_VALUES, Cursor } from '../../../src/ingest/protocol/cursor.ts';
import { LINE_READERS } from '../../../src/ingest/protocol/statsd/line-readers.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { contents, makeAggregator, send } from './make.ts';
import { compareSpellings } from './spelling-differential.ts';

const EXTENDED = dialectCode('extended');

/** A table that reads a line in full when it does not know it, as the aggregator does. */
function makeReader(limitBytes: number) {
  const metrics = new Metrics(DEFAULT_CONFIG.aggregation, 7);
  const spellings = new Spellings(limitBytes);
  const cursor = new Cursor();
  cursor.setDialect(EXTENDED);
  let known = 0;
  const found = { knownLine: () => (known += 1) };
  const sink = { sample() {}, reject() {}, event() {}, check() {} };
  /** Whether the line was known. */
  const read = (line: string): boolean => {
    const before = known;
    cursor.attach(Buffer.from(line + '\n'.repeat(16)));
    if (countKnownLines(cursor, metrics, spellings, found, 0, line.length, 7) < line.length) {
      assert.is(LINE_READERS[EXTENDED]!(cursor, 0, line.length, sink), BY_VALUES);
      if (spellings.wasSought(0, line.length)) spellings.learn(cursor, BY_VALUES, metrics.names);
    }
    return known > before;
  };
  return { read, spellings };
}

describe('spellings', (it) => {
  it('give what the full reader gives', () => {
    const lines = rounds(6000, 300_000);
    assert.is(compareSpellings(Date.now() % 1_000_000, lines) > lines / 2, true);
  });

  it('are known from their second line on', () => {
    const { read } = makeReader(1 << 16);
    const lines = [
      'a:1|c',
      'a:2|c|@0.1',
      `${'long.'.repeat(20)}name:3|ms|#a:b`,
      'a:x|g',
      'a:1:2|d',
    ];
    for (const line of lines) assert.is(read(line), false, line);
    for (const line of lines) assert.is(read(line.replace(/\d/, '7')), true, line);
  });

  it('take no more memory than they may', () => {
    const { read, spellings } = makeReader(1 << 16);
    for (let i = 0; i < 20_000; i++) {
      read(`flood.${i}:1|c`);
      read(`flood.${i}:1|c`);
    }
    assert.ok(spellings.usedBytes <= (1 << 16) * 1.5, `${spellings.usedBytes} bytes`);
  });

  it('that are in use stay, whatever else comes once', () => {
    const { read } = makeReader(1 << 16);
    for (let i = 0; i < 100; i++) read(`used.${i}:1|c|#host:web`);
    for (let i = 0; i < 50_000; i++) read(`flood.${i}:1|c`);
    let known = 0;
    for (let i = 0; i < 100; i++) if (read(`used.${i}:1|c|#host:web`)) known += 1;
    assert.ok(known >= 90, `${known} of 100 are known`);
  });

  it('of a metric that is gone lead to no other', () => {
    const aggregator = makeAggregator();
    for (let i = 0; i < 2; i++) send(aggregator, 'gone:1|c\ngone:1|c|#a:b');
    aggregator.deleteMetrics('counters', 'gone');
    send(aggregator, 'heir:5|c');
    send(aggregator, 'gone:1|c\ngone:1|c|#a:b');
    assert.equal(contents(aggregator, 'counters'), { 'gone;a=b': 3, heir: 5, gone: 1 });
  });

  it('are read anew when a reload changes how names are kept', () => {
    const aggregation = DEFAULT_CONFIG.aggregation;
    const aggregator = new Aggregator(aggregation, { wantSketches: false, hashSeed: 1 });
    send(aggregator, 'a/b:1|c');
    aggregator.reconfigure({ ...aggregation, keyNameSanitize: false }, false);
    send(aggregator, 'a/b:1|c');
    assert.equal(contents(aggregator, 'counters'), { 'a-b': 1, 'a/b': 1 });
  });
});
