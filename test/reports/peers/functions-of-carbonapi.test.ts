import { UserError } from '../../../src/lib/errors.ts';
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import { assert, describe } from '../../support/suite.ts';
import { evaluated } from './series-of-one-window.ts';

const COLUMNS = {
  'm.a': { step: 60, values: [null, 1, 2, 3, 4, 5] },
  'm.b': { step: 60, values: [null, 2, 2, 4, 5, 6.7] },
  'm.c': { step: 60, values: [null, null, 1, 1, 1, 1] },
  'bWV0cmljLm5hbWU=': { step: 60, values: [null, 1] },
  'YQ==': { step: 60, values: [null, 1] },
  'x.YQ==.y': { step: 60, values: [null, 1] },
};

async function lines(target: string): Promise<string[]> {
  const made = await evaluated(COLUMNS, target, { from: 0, until: 300 });
  return made.map(({ name, values }) => `${name}: ${values.join(' ')}`);
}

describe('functions of carbonapi', (it) => {
  it('count the values of each time', async () => {
    assert.equal(await lines('countValues(m.*)'), [
      '1: 1 1 1 1 1',
      '2: 1 2 0 0 0',
      '3: 0 0 1 0 0',
      '4: 0 0 1 1 0',
      '5: 0 0 0 1 1',
      '6: 0 0 0 0 1',
    ]);
    assert.is((await lines('countValues(m.*,valuesLimit=6)')).length, 6);
    assert.equal(await lines('countValues(m.*,5)'), [
      'error.too.many.values.limit.reached: 0 0 0 0 0',
    ]);
    assert.equal(await lines('countValues(nosuch.*)'), []);
  });

  it('join lists as sets of names', async () => {
    for (const [call, names] of [
      ['join(m.{a,b},m.{b,c})', 'b'],
      ["join(m.{a,b},m.{b,c},'AND')", 'b'],
      ["join(m.{a,b},m.{b,c},'or')", 'a b c'],
      ["join(m.{a,b},m.{b,c},'XOR')", 'a c'],
      ["join(m.{a,b},m.{b,c},type='SUB')", 'a'],
    ] as const) {
      const found = (await lines(call)).map((line) => line.slice(2, 3));
      assert.is(found.join(' '), names, call);
    }
    try {
      await lines("join(m.a,m.b,'NOR')");
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UserError);
      assert.match((error as UserError).message, /type "NOR" read, expected AND, OR, SUB, XOR/);
    }
  });

  it('take logarithms', async () => {
    assert.equal(await lines('logarithm(m.c)'), ['logarithm(m.c): NaN 0 0 0 0']);
    assert.equal(await lines('logarithm(m.a,2)'), [
      `logarithm(m.a,2): 0 1 ${Math.log(3) / Math.log(2)} 2 ${Math.log(5) / Math.log(2)}`,
    ]);
  });

  it('scale from a time on', async () => {
    assert.equal(await lines('scaleAfterTimestamp(m.a,-2.5,180)'), [
      'scale(m.a,-2.5,180): 1 2 -7.5 -10 -12.5',
    ]);
    assert.equal(await lines('scaleAfterTimestamp(m.a,2)'), ['scale(m.a,2): 2 4 6 8 10']);
  });

  it('read names that end in the padding of Base64', async () => {
    for (const [call, name] of [
      ['aliasByBase64(bWV0cmljLm5hbWU=)', 'metric.name'],
      ['aliasByBase64(YQ==)', 'a'],
      ['aliasByBase64(x.YQ==.y,2)', 'x.a.y'],
      ['sumSeries(aliasByBase64(YQ==), YQ==)', 'sumSeries(YQ==)'],
    ] as const) {
      assert.equal(
        await lines(call),
        [`${name}: ${call.startsWith('sum') ? '2' : '1'} NaN NaN NaN NaN`],
        call,
      );
    }
  });

  it('are listed as such', () => {
    for (const name of ['countValues', 'join', 'logarithm', 'scaleAfterTimestamp']) {
      assert.is(FUNCTIONS.get(name)?.origin, 'carbonapi', name);
    }
  });
});
