/** Blanks and a byte order mark before a name, and empty nodes in it. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from './counted.ts';

const LINES = [
  ' a:1|c',
  '.\uFEFFa:1|c',
  ' . .. a:1|c',
  '\uFEFFa:1|c\r',
  '\t\u00A0a :1|c',
  '.a:1|c',
  'a.:1|c',
  ' a ;x=:1|c',
];

describe('reports/statsd: blanks around a name', (it) => {
  it('go, in extended and dogstatsd', () => {
    for (const dialect of ['extended', 'dogstatsd'] as const) {
      for (const line of LINES) {
        const { series, told } = countedOf(`${line}\n${line}`, dialect);
        assert.equal([series, told], [['a 2'], []], `${dialect}: ${JSON.stringify(line)}`);
      }
      assert.equal(countedOf('sd..c:1|c|#x:y\n sd.c:2|c|#x:y', dialect).series, ['sd.c;x=y 3']);
      const nothing = countedOf(' :1|c\n...:1|c\n \uFEFF;a=b:1|c', dialect);
      assert.equal([nothing.series, nothing.told], [[], ['lines.bad emptyName 3']]);
    }
  });

  it('before an event, too', () => {
    const { aggregator } = countedOf(' _e{5,1}:12345|c\n\uFEFF_sc|db|0');
    assert.equal([aggregator.health().events, aggregator.health().checks], [1, 1]);
  });

  it('stay in statsd', () => {
    assert.equal(countedOf(' a:1|c\n.a:1|c\n:5|g', 'statsd').series, ['.a 1', '_a 1', 'gauges. 5']);
  });
});
