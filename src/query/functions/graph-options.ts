/**
 * How a chart draws a series: colour, width, axis. Answers in numbers are the same with and without
 * them; a few show in the name. Options are read by query/chart.
 */
import { formatG, pythonFloat, pythonInteger } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { float, type FunctionSpec, integer, type Param, seriesList, string } from './spec.ts';

export const alpha = option(
  'alpha',
  float('alpha', { required: true }),
  'Draws the series with an opacity between 0 and 1.',
);

export const color = option(
  'color',
  string('theColor', { required: true }),
  'Draws the series in a colour: a name such as green, or hex digits such as ff0000.',
);

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

export const drawAsInfinite = flag(
  'drawAsInfinite',
  'Draws a line over the whole height wherever the series is above zero.',
);

export const lineWidth = option(
  'lineWidth',
  float('width', { required: true }),
  'Draws the series with a line of so many pixels.',
);

export const secondYAxis = flag(
  'secondYAxis',
  'Draws the series against a second scale, on the right.',
);

/** A function that sets the option of its name to its argument. */
function option(name: string, value: Param, description: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Graph',
    description,
    params: [seriesList(), value],
    call: (_context, seriesList: Series[], given: number | string) =>
      seriesList.map((series) => derive(series, { options: { [name]: given } })),
  };
}

/** A function that switches the option of its name on, which shows in the name and is no new path. */
function flag(name: string, description: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Graph',
    description,
    params: [seriesList()],
    call: (_context, seriesList: Series[]) =>
      seriesList.map((series) =>
        derive(series, {
          name: `${name}(${series.name})`,
          pathExpression: series.pathExpression,
          tags: { [name]: '1' },
          options: { [name]: true },
        }),
      ),
  };
}
