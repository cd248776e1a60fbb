import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import { ADMIN_PAGE, ADMIN_POINTS } from '../../../src/storage/admin/store-admin.ts';
import { AskReader, decodeColumn, encodeColumn } from '../../../src/storage/admin/calls.ts';
import { assert, describe } from '../../support/suite.ts';

function bits(values: Float64Array): string[] {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  return Array.from(values, (_, i) => view.getBigUint64(i * 8).toString(16));
}

/** The sentence with which a read is refused. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError) return `${error.status} ${error.message}`;
    throw error;
  }
  return 'nothing';
}

describe('admin wire', (it) => {
  it('carries every double bit for bit', () => {
    const odd = Float64Array.of(-0, 5e-324, -5e-324, 2.2e-308, NaN, Infinity, -Infinity, 0.1);
    assert.equal(bits(decodeColumn(encodeColumn(odd))), bits(odd));
    assert.equal(decodeColumn(encodeColumn(new Float64Array(0))), new Float64Array(0));
    fc.assert(
      fc.property(fc.float64Array(), (values) => {
        assert.equal(bits(decodeColumn(encodeColumn(values))), bits(values));
      }),
    );
  });

  it('is little-endian, whatever the machine', () => {
    assert.is(
      encodeColumn(Float64Array.of(1)),
      Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]).toString('base64'),
    );
    assert.is(encodeColumn(new Float64Array([9, 1]).subarray(1)), encodeColumn(Float64Array.of(1)));
  });

  it('says what it read and what it expected', () => {
    const ask = (value: unknown): AskReader => new AskReader(value);
    assert.is(
      refusal(() => ask([])),
      '400 the body: read [], expected a JSON object',
    );
    assert.is(
      refusal(() => ask({}).text('query')),
      '400 query: read nothing, expected a text',
    );
    assert.is(
      refusal(() => ask({ a: 'x' }).number('a')),
      '400 a: read "x", expected a number',
    );
    assert.is(
      refusal(() => ask({ a: 1 }).flag('a')),
      '400 a: read 1, expected true or false',
    );
    assert.is(
      refusal(() => ask({ n: 'x' }).names('n')),
      '400 n: read "x", expected a list',
    );
    assert.match(
      refusal(() => ask({ n: [''] }).names('n')),
      '400 n: read "", expected a name',
    );
    assert.match(
      refusal(() => ask({ n: ['x'.repeat(70_000)] }).names('n')),
      'expected a name',
    );
    assert.match(
      refusal(() => ask({ p: [1] }).pairs('p')),
      '400 p: read 1, expected pairs',
    );
    const many = Array.from({ length: ADMIN_PAGE + 1 }, (_, i) => `a.${i}`);
    assert.is(
      refusal(() => ask({ n: many }).names('n')),
      '413 n: 1001 in one call, expected up to 1000',
    );
    assert.is(ask({ n: many.slice(1) }).names('n').length, ADMIN_PAGE);
    assert.equal(ask({ n: [] }).names('n'), []);
  });

  it('refuses series and points that a store could not hold', () => {
    const good = {
      name: 'a.b',
      archives: [{ step: 10, points: 60 }],
      aggregationMethod: 'sum',
      xFilesFactor: 0.5,
    };
    const series = (changes: object): string =>
      refusal(() => new AskReader({ s: { ...good, ...changes } }).series('s'));
    assert.is(series({}), 'nothing');
    assert.match(series({ aggregationMethod: 'median' }), 'read "median", expected one of average');
    assert.match(series({ xFilesFactor: 2 }), 'read 2, expected 0 to 1');
    assert.match(series({ archives: [] }), 'no archive');
    assert.match(series({ archives: [{ step: 0, points: 1 }] }), 'expected step and points');
    assert.match(series({ archives: 5 }), 'expected a list of step and points');
    const twice = [good.archives[0], good.archives[0]];
    assert.match(series({ archives: twice }), 'have the same step');
    const archives = (value: unknown): string =>
      refusal(() => new AskReader({ a: [value] }).archives('a'));
    const column = encodeColumn(Float64Array.of(1, 2));
    assert.is(archives({ step: 1, times: column, values: column }), 'nothing');
    assert.match(archives({ step: 1, times: column, values: '' }), 'as many as times, 2');
    assert.match(archives({ step: 0, times: '', values: '' }), 'step: read 0, expected seconds');
    assert.match(archives({ step: 1, times: 'AAAA', values: 'AAAA' }), 'expected whole doubles');
    assert.match(archives({ step: 1, times: 5, values: '' }), 'expected base64 of doubles');
    assert.match(archives(null), 'expected step, times and values');
    const long = encodeColumn(new Float64Array(ADMIN_POINTS + 1));
    assert.match(archives({ step: 1, times: long, values: long }), '413 200001 points in one call');
  });
});
