/**
 * How a chart draws a series: colour, width, axis. Answers in numbers are the same with and without
 * them; a few show in the name. Options are read by query/chart.
 */
import { formatG, pythonFloat, pythonInteger } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { float, type FunctionSpec, integer, seriesList, string } from './spec.ts';

export const alpha: FunctionSpec = {
  name: 'alpha',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws the series with an opacity between 0 and 1.',
  params: [seriesList(), float('alpha', { required: true })],
  call: (_context, seriesList: Series[], opacity: number) =>
    seriesList.map((series) => derive(series, { options: { alpha: opacity } })),
};

export const color: FunctionSpec = {
  name: 'color',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws the series in a colour: a name such as green, or hex digits such as ff0000.',
  params: [seriesList(), string('theColor', { required: true })],
  call: (_context, seriesList: Series[], theColor: string) =>
    seriesList.map((series) => derive(series, { options: { color: theColor } })),
};

export const dashed: FunctionSpec = {
  name: 'dashed',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws the series as a dashed line, with dashes of so many pixels.',
  params: [seriesList(), integer('dashLength', { default: 5, fractions: true })],
  call: (_context, seriesList: Series[], dashLength: number) => {
    const text = Number.isInteger(dashLength) ? pythonInteger(dashLength) : pythonFloat(dashLength);
    return seriesList.map((series) =>
      derive(series, {
        name: `dashed(${series.name}, ${formatG(dashLength)})`,
        pathExpression: series.pathExpression,
        tags: { dashed: text },
        options: { dashed: dashLength },
      }),
    );
  },
};

export const drawAsInfinite: FunctionSpec = {
  name: 'drawAsInfinite',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws a line over the whole height wherever the series is above zero.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => flagged(series, 'drawAsInfinite')),
};

export const lineWidth: FunctionSpec = {
  name: 'lineWidth',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws the series with a line of so many pixels.',
  params: [seriesList(), float('width', { required: true })],
  call: (_context, seriesList: Series[], width: number) =>
    seriesList.map((series) => derive(series, { options: { lineWidth: width } })),
};

export const secondYAxis: FunctionSpec = {
  name: 'secondYAxis',
  origin: 'graphite',
  group: 'Graph',
  description: 'Draws the series against a second scale, on the right.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => flagged(series, 'secondYAxis')),
};

/** Sets an option that shows in the name, and is no new path. */
function flagged(series: Series, option: string): Series {
  return derive(series, {
    name: `${option}(${series.name})`,
    pathExpression: series.pathExpression,
    tags: { [option]: '1' },
    options: { [option]: true },
  });
}
