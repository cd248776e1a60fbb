/** `aggregateLine`: one number made of a series, as a flat line. */
import { reducerOf } from '../series/aggregate.ts';
import { formatG, pythonInteger } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { flatLine } from './constant-line.ts';
import { aggFunc, boolean, type FunctionSpec, seriesList } from './spec.ts';

export const aggregateLine: FunctionSpec = {
  name: 'aggregateLine',
  origin: 'graphite',
  group: 'Calculate',
  isPerSeries: true,
  description:
    'A flat line at an aggregate of all datapoints: of three datapoints, or with keepStep of as ' +
    'many as the series has.',
  params: [
    seriesList(),
    aggFunc('func', { default: 'average' }),
    boolean('keepStep', { default: false }),
  ],
  call(context, seriesList: Series[], func: string, keepStep: boolean) {
    const aggregate = reducerOf(func);
    return seriesList.map((series) => {
      const value = aggregate(series.values);
      const spelled = Number.isNaN(value) ? 'None' : formatG(value);
      const name = `aggregateLine(${series.name}, ${spelled})`;
      if (keepStep)
        return derive(series, {
          name,
          values: series.values.map(() => value),
          integers: func === 'count',
        });
      const line = derive(flatLine(context, value), { name, pathExpression: name });
      if (Number.isNaN(value)) return { ...line, tags: { name: 'None' } };
      if (func !== 'count') return line;
      return { ...line, integers: true, tags: { name: pythonInteger(value) } };
    });
  },
};
