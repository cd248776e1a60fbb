import { DIALECT_NAMES } from '../../src/config/dialects.ts';
import { assert, describe } from '../support/suite.ts';
import { runCli } from './run-cli.ts';
import { runVerb } from './run-here.ts';

function objects(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('parse', (it) => {
  it('one object a line, from the command line', async () => {
    const ran = await runVerb(['parse', 'page.time:12.5|ms|@0.1|#page:home', 'oops']);
    assert.equal([ran.code, ran.stderr], [0, '']);
    const [good, bad, ...more] = objects(ran.stdout);
    assert.equal(more, []);
    assert.is(good?.['kind'], 'metric');
    assert.ok(String(good?.['name']).startsWith('page.time'), ran.stdout);
    assert.equal(good?.['tags'], [['page', 'home']]);
    assert.is(good?.['type'], 'ms');
    assert.equal(good?.['values'], [12.5]);
    assert.is(good?.['rate'], 0.1);
    assert.ok(typeof bad?.['error'] === 'string', ran.stdout);
  });

  it('from standard input, whatever bytes come, in the dialect that is asked for', async () => {
    const stdin = Buffer.from('a:+5|g\nb:1|c\r\n\xff\xfe:2|c\nlast:3|g', 'latin1');
    const [statsd, dogstatsd] = await Promise.all([
      runCli(['parse', '--dialect', 'statsd'], { stdin }),
      runCli(['parse', '--dialect', 'dogstatsd'], { stdin }),
    ]);
    assert.is(objects(statsd.stdout).length, 4);
    assert.is(objects(dogstatsd.stdout).length, 4);
    assert.is.not(statsd.stdout, dogstatsd.stdout);
  });

  it('says what the sender of a refused, or odd, line probably meant', async () => {
    const lines = ['a:5', 'a:1,5|ms', '{"a":1}', 'GET / HTTP/1.1', 'a.b 5 1700000000'];
    const ran = await runVerb(['parse', ...lines, 'a:1|c\\nb:1|c', 'a:x|c', 'a:1|c']);
    const hints = objects(ran.stdout).map(({ hint }) => String(hint));
    const expected = [
      'type is missing',
      'point: 1.5',
      'JSON',
      'HTTP',
      'carbonPort',
      'no line feed',
    ];
    expected.forEach((part, i) => assert.ok(hints[i]?.includes(part), `${hints[i]}: ${part}`));
    assert.equal(hints.slice(expected.length), ['undefined', 'undefined']);
  });

  it('an unknown dialect is wrong use', async () => {
    const ran = await runVerb(['parse', '--dialect', 'morse', 'a:1|c']);
    assert.equal([ran.code, ran.stdout], [2, '']);
    assert.ok(ran.stderr.includes(DIALECT_NAMES.join(', ')), ran.stderr);
  });
});
