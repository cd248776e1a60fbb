/**
 * How a chart draws a series: colour, width, axis. Answers in numbers are the same with and without
 * them; a few show in the name. Options are read by query/chart.
 */
import { formatG, pythonFloat, pythonInteger } from '../series/python-format.ts';
import { rename, type Series } from '../series/series.ts';
import { float, type FunctionSpec, integer, seriesList, string } from './spec.ts';

export const alpha: FunctionSpec = {
  name: 'alpha',
  group: 'Graph',
  description: 'Draws the series with an opacity between 0 and 1.',
  params: [seriesList(), float('alpha', { required: true })],
  call: (_context, series: Series[], opacity: number) =>
    series.map((one) => ({ ...one, options: { ...one.options, alpha: opacity } })),
};

export const color: FunctionSpec = {
  name: 'color',
  group: 'Graph',
  description: 'Draws the series in a colour: a name such as green, or hex digits such as ff0000.',
  params: [seriesList(), string('theColor', { required: true })],
  call: (_context, series: Series[], theColor: string) =>
    series.map((one) => ({ ...one, options: { ...one.options, color: theColor } })),
};

export const dashed: FunctionSpec = {
  name: 'dashed',
  group: 'Graph',
  description: 'Draws the series as a dashed line, with dashes of so many pixels.',
  params: [seriesList(), integer('dashLength', { default: 5 })],
  call: (_context, series: Series[], dashLength: number) =>
    series.map((one) =>
      rename(
        { ...one, options: { ...one.options, dashed: dashLength } },
        `dashed(${one.name}, ${formatG(dashLength)})`,
        { dashed: Number.isInteger(dashLength) ? pythonInteger(dashLength) : pythonFloat(dashLength) },
      ),
    ),
};

export const drawAsInfinite: FunctionSpec = {
  name: 'drawAsInfinite',
  group: 'Graph',
  description: 'Draws a vertical line over the whole height wherever the series is above zero.',
  params: [seriesList()],
  call: (_context, series: Series[]) =>
    series.map((one) =>
      rename(
        { ...one, options: { ...one.options, drawAsInfinite: true } },
        `drawAsInfinite(${one.name})`,
        { drawAsInfinite: '1' },
      ),
    ),
};

export const lineWidth: FunctionSpec = {
  name: 'lineWidth',
  group: 'Graph',
  description: 'Draws the series with a line of so many pixels.',
  params: [seriesList(), float('width', { required: true })],
  call: (_context, series: Series[], width: number) =>
    series.map((one) => ({ ...one, options: { ...one.options, lineWidth: width } })),
};

export const secondYAxis: FunctionSpec = {
  name: 'secondYAxis',
  group: 'Graph',
  description: 'Draws the series against a second scale, on the right.',
  params: [seriesList()],
  call: (_context, series: Series[]) =>
    series.map((one) =>
      rename(
        { ...one, options: { ...one.options, secondYAxis: true } },
        `secondYAxis(${one.name})`,
        { secondYAxis: '1' },
      ),
    ),
};
