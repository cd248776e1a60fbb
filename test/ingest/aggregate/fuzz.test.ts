/** Bytes of any kind and length: never a throw, and every line is accounted for. */
import fc from 'fast-check';
import { assert, describe, rounds } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { makeAggregator, send } from './make.ts';

describe('fuzz', (it) => {
  it('random bytes in every dialect', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 65_507, size: 'max' }),
        fc.boolean(),
        (bytes, stream) => {
          const aggregator = makeAggregator();
          for (let dialect = 0; dialect < 3; dialect++) send(aggregator, bytes, dialect, stream);
          flushOf(aggregator, 1, new Map());
          assert.is(aggregator.health().packets, 3);
        },
      ),
      { numRuns: rounds(4, 60) },
    );
  });

  it('broken lines in every dialect, cut at any place', () => {
    const good = [
      'name.of:1.5|ms|@0.25|#a:b,c|T1700000000|c:ci-1\n',
      '_e{5,4}:title|text|p:low|#a:b\n',
      '_sc|up|0|d:1|h:x|m:words\n',
      'cpu,host=a,dc=b:3|g\npre[k=v]post:1:2:3|d\nu:é:ü|s\n',
    ].join('');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 }))),
        fc.nat(200),
        (changes, cut) => {
          const bytes = Buffer.from(good).subarray(0, cut);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          const aggregator = makeAggregator({
            maxNameBytes: 64,
            maxSetMembers: 4,
            exactTimerValues: 2,
          });
          for (let dialect = 0; dialect < 3; dialect++) send(aggregator, bytes, dialect);
          const names = new Map<number, string>();
          flushOf(aggregator, 1, names);
          flushOf(aggregator, 2, names);
        },
      ),
      { numRuns: rounds(200, 3000) },
    );
  });

  it('a name of one dialect does not change how another reads its lines', () => {
    const lines = [':1|c', ':2|g', '_e:1|c', '_e{1,1}:1|c', '_e{1,1}:a|b', '_sc:1|c', '_sc|a:1|c'];
    for (let dialect = 0; dialect < 3; dialect++) {
      const shared = makeAggregator();
      // Known to the table, as far as any dialect takes them.
      for (let other = 0; other < 3; other++) for (const line of lines) send(shared, line, other);
      const alone = makeAggregator();
      const before = shared.health();
      for (const line of lines) {
        send(alone, line, dialect);
        send(shared, line, dialect);
      }
      const after = shared.health();
      const expected = alone.health();
      assert.is(after.metrics - before.metrics, expected.metrics, `dialect ${dialect}`);
      assert.is(after.events - before.events, expected.events);
      assert.is(after.badLinesSeen - before.badLinesSeen, expected.badLinesSeen);
    }
  });

  it('a packet is read to its end and no further', () => {
    const bytes = Buffer.from('a:123|c\nb:4567|c\n                ');
    for (let to = 0; to <= 17; to++) {
      const whole = makeAggregator();
      const cut = makeAggregator();
      whole.packet(bytes, 0, to, 0, false);
      send(cut, bytes.subarray(0, to), 0);
      assert.equal(whole.inspect('counters'), cut.inspect('counters'), `cut at ${to}`);
    }
  });
});
