/** The usual mistakes, each on every port where it is one, and what must not be taken for one. */
import {
  HINT_CODES,
  hintOf,
  type HintPort,
  hintSentence,
  WRONG_PROTOCOL,
  NO_HINT,
} from '../../src/rejections/mistakes.ts';
import { isOfMistakes } from '../../src/rejections/catalogue.ts';
import { assert, describe } from '../support/suite.ts';

function mistake(port: HintPort, text: string | Uint8Array): string | undefined {
  const bytes = Buffer.from(text as string, 'latin1');
  // Not at the start, and with something behind that must not be read.
  const around = Buffer.concat([Buffer.from('\\n:1|'), bytes, Buffer.from('\\n|c:1')]);
  const hint = hintOf(around, 5, 5 + bytes.length, port);
  return hint === NO_HINT ? undefined : HINT_CODES[hint];
}

const PICKLE = '\0\0\x01\x2c\x80\x02]q\0(';

describe('hints', (it) => {
  const cases: [HintPort, string, string | undefined][] = [
    ['statsd', 'GET / HTTP/1.1\r', 'http'],
    ['statsd', 'POST /write?db=x HTTP/1.1\r', 'http'],
    ['statsd', 'OPTIONS * HTTP/1.1', 'http'],
    ['carbon', 'GET /metrics HTTP/1.1', 'http'],
    ['pickle', 'GET / HTTP/1.1\r\nHost: x\r\n', 'http'],
    ['console', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'http'],
    ['statsd', 'GETTER', undefined],
    ['statsd', 'GET ', undefined],
    ['statsd', '\x16\x03\x01\x02\0\x01', 'tls'],
    ['pickle', '\x16\x03\x01\x02\0\x01', 'tls'],
    ['statsd', '{"name": "a", "value": 5}', 'json'],
    ['statsd', ' [{"a":1}]', 'json'],
    ['carbon', '{', 'json'],
    ['pickle', '[["a.b",[1700000000,1]]]', 'json'],
    ['statsd', '{a', undefined],
    ['statsd', PICKLE, 'pickle'],
    ['carbon', PICKLE, 'pickle'],
    ['carbon', '\0\0\0\x20(lp0', 'pickle'],
    ['pickle', PICKLE, undefined],
    ['carbon', '\0\0\0\0\0', undefined],
    ['statsd', 'a:x\\nb:1|c', 'literalNewline'],
    ['statsd', 'a:1\\n', 'literalNewline'],
    ['carbon', 'a.b 5 1700000000\\n', 'literalNewline'],
    ['statsd', '_e{5,40}:title|first line', 'eventSplit'],
    ['statsd', '_e{5,1200}:title|first line'.padEnd(1100), 'eventSplit'],
    ['statsd', '_e{5,1200}:title|first line'.padEnd(1300), 'eventForm'],
    ['statsd', '_e{5,2}:title|text', 'eventForm'],
    ['statsd', '_e{five,2}:title|text\\n', 'eventForm'],
    ['statsd', '_sc|db|OK|m:a\\nb', 'checkForm'],
    // What is left of events that a line feed split.
    ['statsd', 'second\\nthird|p:low|#a:b', undefined],
    ['statsd', 'see http://x\\nat 12:30 | again', undefined],
    ['statsd', 'e3:1|ce3b:5|c', 'gluedLines'],
    ['statsd', 'a:1|cb.c:4|msd:8|g', 'gluedLines'],
    ['statsd', 'a:1|c|#x:yb:2|c', 'gluedLines'],
    ['statsd', 'a:1|ms|@0.5b:2|ms', 'gluedLines'],
    ['statsd', 'a:x|c:2|ms|@0.5:3|ms', undefined],
    ['statsd', 'a:x|c|#b:2|c:ci-7', undefined],
    ['statsd', 'took:12|MS', 'unknownType'],
    ['statsd', 'depth:50|G', 'unknownType'],
    ['statsd', 'temp:21.5|gauge', 'unknownType'],
    ['statsd', 'a:1|c b', 'unknownType'],
    ['statsd', 'a:x|ms@0.5', undefined],
    ['statsd', 'a:x| ms |#a:b', undefined],
    ['carbon', 'api.hits:1|c', 'statsdLine'],
    ['carbon', 'api.time:12.5|ms|@0.1|#a:b', 'statsdLine'],
    ['pickle', 'api.hits:1|c\n', 'statsdLine'],
    ['console', 'api.hits:1|c', 'statsdLine'],
    ['statsd', 'api.hits:x|c', undefined],
    ['carbon', ':1|c', undefined],
    ['statsd', 'a:1,5|ms', 'decimalComma'],
    ['statsd', 'a:-1,5|g', 'decimalComma'],
    ['carbon', 'a.b 1,5 1700000000', 'decimalComma'],
    ['statsd', 'a,b=1,c=2:x|c', undefined],
    ['statsd', 'a.b 5 1700000000', 'carbonLine'],
    ['statsd', 'a.b;x=y  1.5\t1700000000.5 \r', 'carbonLine'],
    ['pickle', 'a.b 5 1700000000\na.c 6 1700000000\n', 'carbonLine'],
    ['console', 'a.b 5 1700000000', 'carbonLine'],
    ['carbon', 'a.b 5 1700000000', undefined],
    ['statsd', 'a.b five 1700000000', undefined],
    ['statsd', 'a.b 5 1700000000 x', undefined],
    ['statsd', 'a:5', 'missingType'],
    ['statsd', 'a: 5.25 ', 'missingType'],
    ['statsd', 'a:', undefined],
    ['statsd', 'a:5 apples', undefined],
    ['statsd', 'a', undefined],
    ['carbon', 'a.b 5', 'missingTime'],
    ['carbon', 'a.b', undefined],
    ['pickle', 'hello world', 'text'],
    ['pickle', 'a\r\n\t', 'text'],
    ['pickle', 'abc', undefined],
    ['pickle', '\xff\xff\xff\xff', undefined],
    ['console', 'counters', undefined],
    ['console', 'delcounters a:b', undefined],
    ['console', '', undefined],
  ];
  for (const [port, text, wanted] of cases) {
    it(`${port}: ${JSON.stringify(text)} is ${wanted ?? 'no usual mistake'}`, () => {
      assert.is(mistake(port, text), wanted);
    });
  }

  it('every mistake has a test, and a sentence without a gap', () => {
    for (const code of HINT_CODES) {
      const ports = cases.filter(([, , wanted]) => wanted === code).map(([port]) => port);
      assert.ok(ports.length > 0, `${code} has no test`);
      for (const port of ports) {
        const sentence = hintSentence(code, port);
        assert.ok(sentence.length > 20 && !/[{}]|undefined/.test(sentence), sentence);
      }
    }
  });

  it('names the places that are known, and the options of others', () => {
    assert.is(
      hintSentence('statsdLine', 'carbon', { statsd: 'udp port 9125' }),
      'this is a StatsD line; those go to udp port 9125',
    );
    assert.match(hintSentence('statsdLine', 'carbon'), /8125 unless told otherwise/);
    assert.match(hintSentence('json', 'carbon'), /expected name value timestamp$/);
  });

  it('looks at the start of a long line only, in linear time', () => {
    for (const filler of ['x', ' ', ':', '1', '1,', '{', '\\', 'a 1 ', '\0']) {
      const bytes = Buffer.from(filler.repeat(100_000));
      const started = process.cpuUsage();
      for (const port of ['statsd', 'carbon', 'pickle', 'console'] as const) {
        hintOf(bytes, 0, bytes.length, port);
      }
      const { user } = process.cpuUsage(started);
      assert.ok(user < 100_000, `${user} us for ${JSON.stringify(filler)}`);
    }
  });

  it('stand in the catalogue, by the port they came in on', () => {
    for (const what of Object.values(WRONG_PROTOCOL)) assert.ok(isOfMistakes(what), what);
    assert.not.ok(isOfMistakes('lines.bad'));
  });
});
