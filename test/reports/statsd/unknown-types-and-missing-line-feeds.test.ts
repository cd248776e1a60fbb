/** Types that nobody knows, and lines that lack a line feed between them: they count for nothing. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from './counted.ts';

const LINES: [line: string, reason: string, mistake: string][] = [
  [
    'example.filesInFolder:1|cexample.listFolderTR:4|msexample.httpSendTR:8|msexample.httpSend:1|c',
    'badType',
    'gluedLines',
  ],
  ['e3:1|ce3b:5|c', 'badType', 'gluedLines'],
  ['a:1|c|#x:yb:2|c', 'badField', 'gluedLines'],
  ['a:1|c|#x:yb:2|c|#z:w', 'badField', 'gluedLines'],
  ['a:1|ms|@0.5b:2|ms', 'badRate', 'gluedLines'],
  ['took:12|MS', 'badType', 'unknownType'],
  ['queue.depth:50|G', 'badType', 'unknownType'],
  ['temp:21.5|gauge', 'badType', 'unknownType'],
  ['requests:12345|C', 'badType', 'unknownType'],
  ['mysql.queries:1381|kv', 'badType', 'unknownType'],
  ['a:1|c b', 'badType', 'unknownType'],
  ['a:1|c\\nb:2|c', 'badType', 'literalNewline'],
];

describe('reports/statsd: unknown types and missing line feeds', (it) => {
  for (const [line, reason, mistake] of LINES) {
    it(`${line} is refused, ${mistake}`, () => {
      const { series, told } = countedOf(line);
      assert.equal(series, []);
      assert.equal(told, [`lines.bad ${reason} 1`, `lines.mistaken ${mistake} 1`]);
    });
  }

  it('m counts, as do what mtail leaves out and what C sends behind its texts', () => {
    assert.equal(countedOf('a:1|m\nb:8|\nc:3|c\0\nd:4|g\0').series, [
      'a 1',
      'b 8',
      'c 3',
      'gauges.d 4',
    ]);
  });

  it('statsd counts them all', () => {
    assert.equal(countedOf('e3:1|ce3b:5|c\ntook:12|MS', 'statsd').series, ['e3 6', 'took 12']);
  });
});
