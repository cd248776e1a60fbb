/** What holds for every function that works on series, whatever it computes. */
import fc from 'fast-check';
import { assert, describe, rounds } from '../../support/suite.ts';
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import type { FunctionSpec, Param, Value } from '../../../src/query/functions/spec.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { call, given } from './table.ts';

/** Arguments that make sense for a parameter of that name; the rest goes by type. */
const ARGUMENTS: Record<string, Value> = {
  func: 'average',
  callback: 'sum',
  operator: '>',
  search: 'a',
  replace: 'b',
  newName: 'n %d',
  pattern: 'a',
  consolidationFunc: 'max',
  n: 50,
  fallback: [],
  direction: 'abs',
  mode: 'both',
  intervalUnit: '5min',
  valuesTypes: 'last',
  type: 'or',
};
const BY_TYPE: Record<string, Value> = {
  string: 'text',
  integer: 2,
  float: 2,
  node: 0,
  nodeOrTag: 0,
  tag: 'name',
  boolean: true,
  interval: '5min',
  intOrInterval: 2,
  intOrInf: 2,
  aggFunc: 'max',
  aggOrSeriesFunc: 'max',
};

/** Functions that read other data than what they are given, or draw over the window. */
const READS_ELSEWHERE = [
  'moving',
  'exponentialMovingAverage',
  'holtWinters',
  'timeShift',
  'timeStack',
  'linearRegression',
  'aliasQuery',
  'useSeriesAbove',
  'applyByNode',
  'aggregateLine',
  'areaBetween',
  'map',
];

/** Functions of which one argument is a single series, or which want all alike. */
const ONE_SERIES = /^(divideSeries|pearson|kolmogorov|ksTest2|integralWithReset|heatMap)/;

const all = [...FUNCTIONS.values()];
const subjects = all.filter(
  ({ name, params }) =>
    params[0]?.type === 'seriesList' &&
    !params.some((param) => param.type === 'date' || param.type === 'interval') &&
    !READS_ELSEWHERE.some((prefix) => name.startsWith(prefix)),
);

function argumentsOf(spec: FunctionSpec, series: Series[]): Value[] {
  const valueOf = (param: Param): Value =>
    param.type === 'seriesList' ? series : (ARGUMENTS[param.name] ?? BY_TYPE[param.type]);
  return spec.params
    .filter((param, i) => i === 0 || param.required === true || param.name === 'valuesTypes')
    .map(valueOf);
}

describe('every function over series', (it) => {
  it('has prose and parameters', () => {
    for (const { name, description, params } of all) {
      assert.ok(description.length > 20, `${name} has no prose`);
      assert.ok(params.length > 0 || name === 'countSeries', `${name} has no parameters`);
    }
    assert.ok(subjects.length > 100, `${subjects.length} functions are tested here`);
  });

  for (const spec of subjects) {
    it(`${spec.name} of no series is no series`, async () => {
      assert.equal(await call(spec.name, argumentsOf(spec, [])), []);
    });

    it(`${spec.name} leaves its series as they were`, async () => {
      const series = [
        given('a.b', [1, null, 3, 2.5]),
        given('a.c', [null, null, null, null]),
        given('a.d', [-1, 0, 1, 2, 3, 4, 5, 6], { step: 30 }),
      ].slice(0, ONE_SERIES.test(spec.name) ? 1 : 3);
      const before = snapshot(series);
      await call(spec.name, argumentsOf(spec, series));
      assert.is(snapshot(series), before);
    });

    it(`${spec.name} of all-null series invents no infinity`, async () => {
      const answer = await call(spec.name, argumentsOf(spec, [given('a.b', [null, null])]));
      for (const one of answer) {
        assert.ok(!one.values.some((value) => Math.abs(value) === Infinity), String(one.values));
        assert.is(one.values.length, 2);
      }
    });
  }
});

/** Everything about series as text; NaN reads null. */
function snapshot(series: Series[]): string {
  return JSON.stringify(series.map((one) => ({ ...one, values: Array.from(one.values) })));
}

const CELL = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { freq: 3 });
const LIST = fc
  .array(
    fc.record({
      cells: fc.array(CELL, { minLength: 1, maxLength: 12 }),
      step: fc.constantFrom(10, 20, 30, 60),
      start: fc.constantFrom(0, 10, 60),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((rows) => rows.map(({ cells, step, start }, i) => given(`m.n${i}`, cells, { step, start })));

describe('every function over random series', (it) => {
  it('answers with columns on the step grid, or with one sentence', async () => {
    await fc.assert(
      fc.asyncProperty(LIST, fc.constantFrom(...subjects), async (series, spec) => {
        const answer = await call(spec.name, argumentsOf(spec, series)).catch((error: Error) => {
          assert.is(error.name, 'UserError', error.stack);
          return [];
        });
        for (const one of answer) {
          assert.ok(one.values instanceof Float64Array);
          assert.ok(Number.isInteger(one.step) && one.step > 0, `${spec.name}: step ${one.step}`);
          assert.ok(one.end >= one.start, `${spec.name}: ${one.start} to ${one.end}`);
          assert.type(one.name, 'string');
        }
      }),
      { numRuns: rounds(100, 1500), seed: 11 },
    );
  });
});
