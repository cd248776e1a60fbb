/**
 * Bad values and lines cost about what good ones do: 8 KB of them took up to 50 ms of the thread that
 * receives, which is half a millisecond for good ones.
 */
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { makeAggregator } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';

const SIZE = 8192;
const repeated = (head: string, unit: string, tail = ''): string =>
  head + unit.repeat(Math.floor((SIZE - head.length - tail.length) / unit.length)) + tail;

const PACKETS = {
  'values without a type': repeated('a', ':x'),
  'bad values': repeated('a', ':x', '|c'),
  'empty values': repeated('a', ':'),
  'empty values with a type': repeated('a', ':', '|c'),
  'infinite values': repeated('a', ':1e999', '|c'),
  'negative timers': repeated('a', ':-1', '|ms'),
  'bad samples': repeated('a', ':x|c'),
  'empty samples': repeated('a', ':|'),
  'bad rates': repeated('a', ':1|c|@x'),
  'lines without a colon': repeated('', 'a\n'),
  'such, and a good one': repeated('', 'a\n', 'b:1|c'),
  blanks: repeated('', ' \n'),
  'bad lines': repeated('', 'a:x|c\n'),
  'lines without a type': repeated('', 'a:1\n'),
  'empty names': repeated('', ':1|c\n'),
  'bad events': repeated('', '_e{1,2}:a\n'),
  'bad checks': repeated('', '_sc|a|9\n'),
  'lines of carbon': repeated('', 'a.b 1 1700000000\n'),
  'decimal commas': repeated('', 'a:1,5|c\n'),
};

/** Milliseconds of the processor for a packet, at the least of several tries. */
function cost(text: string, dialect: number): number {
  const aggregator = makeAggregator();
  const packet = Buffer.alloc(text.length + 16);
  packet.write(text, 'latin1');
  let least = Infinity;
  for (let round = 0; round < 5; round++) {
    const started = process.cpuUsage();
    for (let i = 0; i < 5; i++) aggregator.packet(packet, 0, text.length, dialect, false, '::1');
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, (user + system) / 1000);
  }
  return least / 5;
}

describe('bad values', (it) => {
  for (const dialect of DIALECT_NAMES) {
    it(`cost no multiple of good ones in ${dialect}`, () => {
      const code = dialectCode(dialect);
      // Good values that the same reader takes, so that what is compared is the refusal.
      const good = cost(repeated('', 'a:1e1|c|#a:b\n'), code);
      for (const [name, text] of Object.entries(PACKETS)) {
        const bad = cost(text, code);
        // It was 30 to 50 ms. The slack is for what else the machine does.
        assert.ok(
          bad < 8 * good + 1,
          `${name}: ${bad.toFixed(2)} ms, good ones ${good.toFixed(2)}`,
        );
      }
    });
  }

  it('are all counted, the first of a packet as examples', () => {
    const aggregator = makeAggregator();
    const text = repeated('', 'a:x|c\n');
    aggregator.packet(Buffer.from(text), 0, text.length, dialectCode('extended'), false);
    const { badLines, lastBad, lines } = aggregator.health();
    assert.is(badLines['badValue'], lines);
    assert.equal(new Set(lastBad.map((one) => one.text)), new Set(['a:x|c']));
  });
});
