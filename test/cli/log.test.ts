import { lineOf } from '../../src/cli/log.ts';
import { nextSteps } from '../../src/cli/next-steps.ts';
import { assert, describe } from '../support/suite.ts';

describe('what a terminal shows', (it) => {
  it('is a line with the time of day and, where it is more than talk, a word', () => {
    const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
    const line = (level: number, msg: string, more = {}) =>
      lineOf(JSON.stringify({ level, time: at, pid: 1, msg, ...more }), true);
    assert.is(line(30, 'tallyd is up'), '03:04:05 tallyd is up\n');
    assert.is(line(40, 'late'), '03:04:05 warning: late\n');
    const failed = line(50, 'failed', { err: { message: 'no', stack: 'Error: no\n    at x' } });
    assert.is(failed, '03:04:05 error: failed\nError: no\n    at x\n');
    const coloured = lineOf(JSON.stringify({ level: 60, time: at, msg: 'gone' }), false);
    assert.is(coloured, '03:04:05 \x1b[31mfatal\x1b[0m: gone\n');
  });

  it('ends with what may be done next, where each is listened for', () => {
    assert.is(
      nextSteps(['console tcp 127.0.0.1:8126', 'http 0.0.0.0:8080', 'statsd udp 0.0.0.0:8125']),
      '\n' +
        '  Open     http://localhost:8080\n' +
        "  Send     echo 'hello.world:1|c' | nc -u -w1 localhost 8125\n" +
        '  Grafana  data source Graphite 1.1.x, URL http://localhost:8080\n\n',
    );
    assert.match(nextSteps(['http [::1]:80']), 'http://[::1]:80');
    assert.is(nextSteps(['statsd tcp 0.0.0.0:8125']), '');
  });
});
