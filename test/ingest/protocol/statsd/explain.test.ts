/** How lines are read in words; the recorded lines of all projects are in dialect-lines.test.ts. */
import { dialectCode } from '../../../../src/config/dialects.ts';
import { explainLine } from '../../../../src/ingest/protocol/statsd/explain.ts';
import { assert, describe } from '../../../support/suite.ts';

const explain = (line: string, dialect: number): Record<string, unknown> =>
  explainLine(Buffer.from(line), dialect) as unknown as Record<string, unknown>;

describe('explain', (it) => {
  it('extended: name, type, values, rate', () => {
    const accepts = (line: string, wanted: Record<string, unknown>): void => {
      const got = explain(line, dialectCode('extended'));
      for (const [key, value] of Object.entries(wanted)) assert.equal(got[key], value, line);
    };
    accepts('a:1|c|@0.1', { name: 'a', type: 'c', values: [10], rate: 1 });
    accepts('a:1:2:3|ms|@0.5', { type: 'ms', values: [1, 2, 3], rate: 0.5 });
    accepts('a:1|c|@0.5|#y:2,x:1', { name: 'a;x=1;y=2', values: [2] });
    accepts('a:1|c|#y:2,x:1,y:3|@0.5', { name: 'a;x=1;y=3', values: [2] });
    accepts('a:3|h|@0.1|#bare', { name: 'a;bare=true', type: 'h', values: [3], rate: 0.1 });
    accepts('a:-3|d|T1700000000|c:ci-1|card:low', {
      type: 'd',
      values: [-3],
      timestamp: 1_700_000_000,
      container: 'ci-1',
      cardinality: 'low',
    });
    accepts('a,x=1,b=2:1|c', { name: 'a;b=2;x=1' });
    accepts('a#x=1:1|c', { name: 'a;x=1' });
    accepts('pre[k=v]post:1|c', { name: 'prepost;k=v' });
    accepts('a[b]:1|c', { name: 'ab' });
    accepts('a;y=1;x=2:1|c|#z:3', { name: 'a;x=2;y=1;z=3' });
    accepts('a:+5|g', { values: [5], relative: true });
    accepts('a:1|c\r', { name: 'a', values: [1] });
    accepts('a:1|c  ', { name: 'a', values: [1] });
    accepts('u:http://x/y|s', { type: 's', values: ['http://x/y'] });
    accepts('a:1|c:2|ms', {
      kind: 'metrics',
      events: [
        { name: 'a', type: 'c', value: 1 },
        { name: 'a', type: 'ms', value: 2 },
      ],
    });
    accepts('a[b:1|c', { name: 'ab', tags: [] });
    accepts('x=1,y=2]a:1|c', { name: 'x=1y=2a', tags: [] });
    accepts('a]b[x=1:1|c', { name: 'abx=1', tags: [] });
    accepts('a[x=1:1|c|#y:2', { name: 'ax=1;y=2', tags: [['y', '2']] });
    accepts('a[x=1,y=2:1|c|#z:3', { name: 'ax=1y=2;z=3' });
    accepts('a[x=1]b[y=2]:1|c', { name: 'aby=2;x=1' });
    accepts('_e{5,4}:title|text', { kind: 'event' });
    accepts('_sc|up|0', { kind: 'check' });
    accepts('a:320|ms:200|ms|@0.1', {
      kind: 'metrics',
      events: [
        { name: 'a', type: 'ms', value: 320 },
        { name: 'a', type: 'ms', value: 200, rate: 0.1 },
      ],
    });
  });

  it('extended: what clients leave out or put elsewhere', () => {
    const accepts = (line: string, wanted: Record<string, unknown>): void => {
      const got = explain(line, dialectCode('extended'));
      for (const [key, value] of Object.entries(wanted)) assert.equal(got[key], value, line);
    };
    // Bucky's rate without its bar.
    accepts('load.dom:161.728|ms@0.5', { type: 'ms', values: [161.728], rate: 0.5 });
    accepts('a:4|c@0.5', { type: 'c', values: [8] });
    accepts('mem.used:43|g@0.5', { type: 'g', values: [43] });
    accepts('a:4|c@0.5|#x:y', { type: 'c', values: [8], tags: [['x', 'y']] });
    // mtail's empty type, which StatsD counts.
    accepts('p.mtail.lat:8|', { type: 'c', values: [8] });
    accepts('a:1|c\r', { type: 'c', values: [1] });
    accepts('a:1|ms|@0.5\r', { type: 'ms', rate: 0.5 });
    accepts('a:1|c|#x:y\r', { tags: [['x', 'y']] });
    accepts('a:x|s\r', { type: 's', values: ['x'] });
    accepts('a:1|c|T1700000000\r', { timestamp: 1_700_000_000 });
  });

  it('timestamps: the last field counts, a sign is no change', () => {
    for (const dialect of [dialectCode('extended'), dialectCode('dogstatsd')]) {
      const got = explain('a:-5|g|T5|#x:y|T0007|c:ci-1', dialect);
      assert.equal([got['values'], got['timestamp'], got['relative']], [[-5], 7, undefined]);
      for (const field of ['T', 'T0', 'T-1', 'T1.5', 'Tx', 'T1e9', `T${'9'.repeat(20)}`]) {
        assert.type(explain(`a:1|c|${field}`, dialect)['error'], 'string', field);
      }
    }
  });

  it('dogstatsd: what it refuses', () => {
    const values = [
      'a: 5|g',
      'a:5 |g',
      'a:0x10|c',
      'a:Infinity|g',
      'a:NaN|g',
      'a:1_0|c',
      'a:1:x|c',
    ];
    const types = [
      'a:1|C',
      'a:1|m',
      'a:1|',
      'a:1|ms ',
      'a:1| c',
      'a:1|kv',
      'a:1|c:2|c',
      'a:1|ms@0.5',
    ];
    const rates = ['a:1|c|@', 'a:1|c|@x', 'a:1|c|@0', 'a:1|c|@-1'];
    for (const line of [...values, ...types, ...rates, ':1|c', 'a:|s']) {
      assert.type(explain(line, dialectCode('dogstatsd'))['error'], 'string', line);
    }
  });

  it('dogstatsd: what it takes', () => {
    const accepts = (line: string, wanted: Record<string, unknown>): void => {
      const got = explain(line, dialectCode('dogstatsd'));
      for (const [key, value] of Object.entries(wanted)) assert.equal(got[key], value, line);
    };
    accepts('a:1|c\r', { type: 'c', values: [1] });
    accepts('a:+5:-.5:5.:1e3|g', { values: [5, -0.5, 5, 1000] });
    accepts('a:1|c|@0.5|@0.1|#x|#y', { rate: 0.1, tags: [['y', null]] });
    accepts('a:1|c|#x|#', { tags: [] });
    accepts('a:1|c|#t:a,t:b,u:v:w', {
      tags: [
        ['t', 'a'],
        ['t', 'b'],
        ['u', 'v:w'],
      ],
    });
    accepts('a,x=1:1|c', { name: 'a,x=1', tags: [] });
    accepts('a:1|c||@0.5|xyz|card:low', { rate: 0.5, cardinality: 'low' });
  });

  it('extended: what it refuses', () => {
    const lines = ['a', 'a:1', 'a:|c', 'a:x|c', 'a:-1|ms', 'a:1|c|@0', 'a:1|c|@x', 'a:1|c|@+1'];
    for (const line of [...lines, 'a:1|c|0.1', 'a:1|c|T', '_e{1}:x', '_sc|x|4', '']) {
      assert.type(explain(line, dialectCode('extended'))['error'], 'string', line);
    }
    const tags = Array.from({ length: 65 }, (_, i) => `k${i}:v`).join();
    assert.type(explain(`a:1|c|#${tags}`, dialectCode('extended'))['error'], 'string');
  });
});
