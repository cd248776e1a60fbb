/**
 * A call of every function of the registry, made from what it declares, and series to call it on:
 * `mixed.*` of several steps, `null.*` of nothing, `none.*` that are not there. A new function is in
 * it by being declared.
 */
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import type { FunctionSpec, Param } from '../../../src/query/functions/spec.ts';
import { sketchStore, type SketchStore } from './sketch-store.ts';

export const FROM = 6000;
export const UNTIL = 9600;
/** Of each series, so that functions find what lies before the window. */
export const SECONDS = 12_000;

export const ALL = [...FUNCTIONS.values()];

/** Values by step, with gaps, resets and a sign; `null` is a column of nothing. */
function column(step: number, seed: number | null): { step: number; values: (number | null)[] } {
  const value = (i: number): number | null =>
    seed === null || (i + seed) % 5 === 3 ? null : (((i * (7 + seed)) % 23) - seed) / 4;
  return { step, values: Array.from({ length: SECONDS / step }, (_, i) => value(i)) };
}

function store(): SketchStore {
  const slots = <T>(step: number, values: readonly T[]) => ({
    step,
    slots: Array.from({ length: SECONDS / step }, (_, i) => (i % 3 === 1 ? [] : values)),
  });
  const columns = {
    'mixed.one': column(10, 1),
    'mixed.two': column(60, 2),
    'mixed.three': column(300, 3),
    'mixed.1_1': column(60, 4),
    'mixed.2_1': column(60, 5),
    'null.one': column(10, null),
    'null.two': column(60, null),
    'null.three': column(300, null),
  };
  const sketched = {
    'mixed.one': slots(10, [1, 2, 3, 10]),
    'mixed.two': slots(60, [5, 6]),
    'null.one': slots<number>(10, []),
    'null.two': slots<number>(60, []),
    'mixedset.one': slots(60, ['x', 'y', 'z']),
    // Words long before the window.
    'nullset.one': { step: 60, slots: [['x']] },
  };
  const names = Object.keys(columns).sort();
  return sketchStore(
    sketched,
    columns,
    {},
    {
      *findingTagged(terms) {
        const start = `${terms[0]?.value}.`;
        yield names.length;
        return names.flatMap((name, id) => (name.startsWith(start) ? [{ id, name }] : []));
      },
    },
  );
}

/** Texts that make sense for a parameter of that name; the rest goes by type. */
const BY_NAME: Record<string, string> = {
  operator: '"!="',
  templateFunction: '"%.*"',
  reduceFunction: '"sumSeries"',
  theColor: '"red"',
  color: '"red"',
  consolidationFunc: '"max"',
  intervalUnit: '"5min"',
  method: '"above"',
  statistic: '"count"',
  system: '"si"',
  mode: '"abs"',
  direction: '"abs"',
  alignTo: '"minutes"',
  valuesTypes: '"last"',
  percentile: '50',
  objective: '0.9',
  degree: '1',
  alpha: '0.5',
  pattern: '"o"',
  search: '"o"',
  replace: '"o"',
  tags: '0',
  precision: '1',
  windowTolerance: '0.1',
  timeShiftStart: '0',
  timeShiftEnd: '2',
  cutPercent: '50',
};
const BY_TYPE: Record<Exclude<Param['type'], 'seriesList' | 'seriesLists' | 'timers'>, string> = {
  string: '"text"',
  integer: '2',
  float: '2',
  node: '1',
  nodeOrTag: '1',
  tag: '"name"',
  boolean: 'true',
  interval: '"10min"',
  intOrInterval: '3',
  intOrInf: '2',
  aggFunc: '"max"',
  aggOrSeriesFunc: '"max"',
  date: '"19700101"',
  any: '100',
};
/** Where the same word asks for something else. */
const BY_FUNCTION: Record<string, Record<string, string>> = {
  aliasQuery: { newName: '"%d"' },
  applyByNode: { nodeNum: '0' },
  asPercent: { total: 'None' },
  averageBelow: { n: '100' },
  baseline: { maxAbsentPercent: '100', minAvg: '-100' },
  baselineAberration: { maxAbsentPercent: '100', minAvg: '-100' },
  currentBelow: { n: '100' },
  events: { tags: '"*"' },
  exclude: { pattern: '"zzz"' },
  groupByTags: { tags: '"name"' },
  join: { type: '"OR"' },
  linearRegression: { startSourceAt: '"6600"', endSourceAt: '"9000"' },
  maximumBelow: { n: '100' },
  minimumAbove: { n: '-100' },
  nonNegativeDerivative: { maxValue: '100', minValue: '-50' },
  pct: { total: 'None' },
  perSecond: { maxValue: '100', minValue: '-50' },
  removeEmptySeries: { xFilesFactor: '0.1' },
  removeZeroSeries: { xFilesFactor: '0.1' },
  stdev: { points: '5' },
  timeShiftByMetric: { versionRankIndex: '1' },
  timeSlice: { startSliceAt: '"6600"', endSliceAt: '"9000"' },
  timerHistogram: { buckets: '4' },
  tukeyAbove: { basis: '0.01' },
  tukeyBelow: { basis: '0.01' },
  useSeriesAbove: { value: '-1000' },
  verticalLine: { ts: '"7200"' },
};
/** Series that a parameter wants, where it is not all of them: `*` is what stands for it. */
const PATHS: Record<string, readonly string[]> = {
  areaBetween: ['t*'],
  divideSeries: ['*', 'two'],
  heatMap: ['?_1'],
  integralWithReset: ['two', 'two'],
  kolmogorovSmirnovTest2: ['two', 'two'],
  ksTest2: ['two', 'two'],
  pearson: ['two', 'two'],
  pearsonClosest: ['two', '*'],
};

/** `name(paths, …)` with all parameters, or with those that must be given. */
export function callOf({ name, params }: FunctionSpec, folder: string, isFull: boolean): string {
  const args: string[] = [];
  for (const [i, param] of params.entries()) {
    if (!isFull && i > 0 && param.required !== true && param.multiple !== true) break;
    const own = name === 'setUnion' ? `${folder}set` : folder;
    const path = `${own}.${PATHS[name]?.[i] ?? '*'}`;
    if (param.type === 'seriesList' || param.type === 'timers') args.push(path);
    else if (param.type === 'seriesLists') args.push(`mapSeries(${path}, 0)`);
    else if (param.name === 'tagExpressions') args.push(`"name=${folder}"`);
    else if (param.name === 'reduceMatchers') args.push('"one"', '"two"');
    else args.push(BY_FUNCTION[name]?.[param.name] ?? BY_NAME[param.name] ?? BY_TYPE[param.type]);
  }
  const call = `${name}(${args.join(', ')})`;
  // Lists of series are for functions alone.
  return /^map(Series)?$/.test(name) ? `reduceSeries(${call}, "sumSeries", 1, "one", "two")` : call;
}

export const STORE = store();
