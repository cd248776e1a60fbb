/** Lines with the fields that each project reads from them, recorded; ours are the dialects we speak. */
import { readFileSync } from 'node:fs';
import {
  DIALECT_DOGSTATSD,
  DIALECT_EXTENDED,
  DIALECT_STATSD,
} from '../../../src/ingest/protocol/dialect.ts';
import { explainLine } from '../../../src/ingest/protocol/explain.ts';
import { assert, describe } from '../../support/suite.ts';

interface Recorded {
  id: string;
  dialect: string;
  line: string;
  expect: Record<string, unknown>;
}

const RECORDED = readFileSync('test/conformance/statsd/dialects.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const explain = (line: string, dialect: number): Record<string, unknown> =>
  explainLine(Buffer.from(line), dialect) as unknown as Record<string, unknown>;

function replay(name: string, dialect: number): void {
  const cases = RECORDED.filter((one) => one.dialect === name);
  assert.ok(cases.length > 5);
  for (const { id, line, expect } of cases) {
    const got = explain(line, dialect);
    if ('error' in expect) {
      assert.type(got['error'], 'string', `${id}: ${line} is read as ${JSON.stringify(got)}`);
      continue;
    }
    const { note: _note, ...wanted } = expect;
    const { note: _other, ...fields } = got;
    assert.equal(fields, wanted, `${id}: ${line}`);
  }
}

describe('explain', (it) => {
  it('statsd, as recorded', () => replay('statsd', DIALECT_STATSD));
  it('dogstatsd, as recorded', () => replay('dogstatsd', DIALECT_DOGSTATSD));

  it('extended: name, type, values, rate', () => {
    const accepts = (line: string, wanted: Record<string, unknown>): void => {
      const got = explain(line, DIALECT_EXTENDED);
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
    accepts('_e{5,4}:title|text', { kind: 'event' });
    accepts('_sc|up|0', { kind: 'check' });
  });

  it('extended: what it refuses', () => {
    const lines = ['a', 'a:1', 'a:|c', 'a:x|c', 'a:-1|ms', 'a:1|c|@0', 'a:1|c|@x', 'a:1|c|@+1'];
    for (const line of [...lines, 'a:1|c|0.1', 'a:1|c|T', '_e{1}:x', '_sc|x|4', '']) {
      assert.type(explain(line, DIALECT_EXTENDED)['error'], 'string', line);
    }
    const tags = Array.from({ length: 65 }, (_, i) => `k${i}:v`).join();
    assert.type(explain(`a:1|c|#${tags}`, DIALECT_EXTENDED)['error'], 'string');
  });
});
