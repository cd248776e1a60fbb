/** A colon in a name: no value of the line may count under what stands before it. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from './counted.ts';

const REFUSED = [
  'faktory.jobs.Billing::Webhook.perform:20|ms',
  'lb.conns.10_0_0_1:9001.active:7|g',
  'pages,url=http://x.example:10|ms',
  'validators_-1:8000000000000000:1|c',
  'shard_0:4000000000000000:2|ms',
  'Foo::1:5|c',
  'Foo::1|c',
  'App::Users.seen:u7|s',
  'dev.3c:07:54:1|c',
  'net.fe80::1:5|g',
  'a:1:b:2|c',
  'a:b:2|ms|@0.5|#x:y',
  'My::Class:3|c:4|ms',
  'a:0x10:2|c',
];

const PACKED: [line: string, series: string[]][] = [
  ['a:1:2:3|c', ['a 6']],
  ['a:1|c:2|c', ['a 3']],
  ['a:1:2|ms', ['timers.a.sum 3']],
  ['a:1.5:-2:1e3|h', ['timers.a.sum 999.5']],
  ['a:21::22|d', ['timers.a.sum 43']],
  ['a:5:|c', ['a 5']],
  ['a:0:0.5:5|g', ['gauges.a 5']],
  ['a:123456789012345:1|c', ['a 123456789012346']],
  ['a:1|c|@0.5:2|ms|#x:y', ['a;x=y 2', 'timers.a.sum;x=y 2']],
  ['u:http://x/y|s', ['sets.u.count 1']],
  ['peers:::1|s', ['sets.peers.count 1']],
  ['peers:::ffff:10.0.0.1|s', ['sets.peers.count 1']],
];

describe('reports/statsd: a colon in a name', (it) => {
  it('the line is refused as a whole, with a hint', () => {
    for (const line of REFUSED) {
      const { series, told, aggregator } = countedOf(line);
      assert.equal(series, [], line);
      assert.equal(told, ['lines.bad colonInName 1'], line);
      assert.is(aggregator.health().badLinesSeen, 1);
    }
  });

  it('packed values stay what they are', () => {
    for (const [line, series] of PACKED) {
      const counted = countedOf(line);
      assert.equal([counted.series, counted.told], [series, []], line);
    }
  });

  it('dogstatsd refuses it as the agent does, statsd stays', () => {
    assert.equal(countedOf(REFUSED[0]!, 'dogstatsd').series, []);
    assert.equal(countedOf('a:1:b:2|c', 'dogstatsd').series, []);
    assert.equal(countedOf('lb.10_0_0_1:9001.active:7|g', 'statsd').series, [
      'gauges.lb.10_0_0_1 7',
    ]);
  });
});
