import { assert, describe } from '../../support/suite.ts';
import type { Value } from '../../../src/query/functions/spec.ts';
import { call, contextOf, evaluates, given } from './table.ts';

const a = given('a', [1, null, 3]);
const b = given('b', [null, 5, 7, 9]);

describe('options for the chart', (it) => {
  const sets = async (
    name: string,
    args: Value[],
    shown: string,
    options: object,
  ): Promise<void> => {
    const [answer] = await call(name, [[a], ...args]);
    assert.is(answer?.name, shown);
    assert.is(answer?.pathExpression, 'a');
    assert.equal(answer?.options, options);
    assert.is(answer?.values, a.values);
    await evaluates(name, [[], ...args], []);
  };

  it('leaves names alone, or shows itself in them', async () => {
    await sets('alpha', [0.5], 'a', { alpha: 0.5 });
    await sets('color', ['ff0000'], 'a', { color: 'ff0000' });
    await sets('lineWidth', [2.5], 'a', { lineWidth: 2.5 });
    await sets('dashed', [], 'dashed(a, 5)', { dashed: 5 });
    await sets('dashed', [0.5], 'dashed(a, 0.5)', { dashed: 0.5 });
    await sets('drawAsInfinite', [], 'drawAsInfinite(a)', { drawAsInfinite: true });
    await sets('secondYAxis', [], 'secondYAxis(a)', { secondYAxis: true });
  });

  it('keeps options that were set before', async () => {
    const [once] = await call('color', [[a], 'red']);
    const [twice] = await call('secondYAxis', [[once!]]);
    assert.equal(twice?.options, { color: 'red', secondYAxis: true });
  });
});

describe('stacks', (it) => {
  it('piles up within a call, over calls of a request, and by name', async () => {
    const context = contextOf();
    await evaluates('stacked', [[a, b]], ['stacked(a): 1 _ 3', 'stacked(b): _ 5 10 9'], context);
    await evaluates('stacked', [[a]], ['stacked(a): 2 _ 13'], context);
    await evaluates('stacked', [[a], 'other'], ['a: 1 _ 3'], context);
    await evaluates('stacked', [[b], 'other'], ['b: _ 5 10 9'], context);
    await evaluates('stacked', [[a]], ['stacked(a): 1 _ 3'], contextOf());
  });
});
