import { perPoint, perPointBy, perSeries } from '../../../src/query/functions/per-series.ts';
import { float, type CallContext, type FunctionSpec } from '../../../src/query/functions/spec.ts';
import { derive, makeSeries, type Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';

const SERIES = makeSeries({ name: 'a', start: 0, step: 10, values: Float64Array.of(1, NaN, 3) });

async function call(spec: FunctionSpec, ...args: unknown[]): Promise<Series[]> {
  const called = spec.call({} as CallContext, ...([[SERIES, SERIES], ...args] as never[]));
  return (await called) as Series[];
}

describe('functions per series', (it) => {
  it('begin with the list and hand the other arguments on to each', async () => {
    const spec = perSeries({
      name: 'named',
      origin: 'tallyd',
      group: 'Special',
      description: '',
      params: [float('n')],
      each: (series, n: number) => derive(series, { name: `${series.name}${n}` }),
    });
    assert.equal(
      spec.params.map(({ name }) => name),
      ['seriesList', 'n'],
    );
    assert.is(spec.isPerSeries, true);
    assert.equal(
      (await call(spec, 7)).map(({ name }) => name),
      ['a7', 'a7'],
    );
  });

  it('per datapoint leave the given series alone, and nulls null', async () => {
    const [twice] = await call(perPoint('twice', '2', '', (value) => value * 2));
    assert.equal([twice!.name, twice!.tags['twice']], ['twice(a)', '2']);
    assert.equal([...twice!.values], [2, NaN, 6]);
    assert.equal([...SERIES.values], [1, NaN, 3]);
  });

  it('per datapoint and constant see the series, and show the constant twice', async () => {
    const byStep = (constant: number, { step }: Series) => {
      return (value: number) => value * constant * step;
    };
    const [answer] = await call(perPointBy('byStep', 'n', String, '', byStep), 2);
    assert.equal([answer!.name, answer!.tags['byStep']], ['byStep(a,2)', '2.0']);
    assert.equal([...answer!.values], [20, NaN, 60]);
  });
});
