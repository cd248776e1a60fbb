/**
 * One datapoint in, one datapoint out, with plain arithmetic: `scale`, `offset`, `absolute`,
 * `round` and their kin. A null stays null. Names, tags and rounding follow graphite-web's
 * render/functions.py.
 */
import {
  formatD,
  formatG,
  pythonFloat,
  pythonInteger,
  pythonRound,
} from '../series/python-format.ts';
import { maximum, minimum } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { mapped } from './mapped.ts';
import { float, type FunctionSpec, integer, seriesList } from './spec.ts';

export const absolute: FunctionSpec = {
  name: 'absolute',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'Drops the sign of every datapoint.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) =>
      mapped(series, `absolute(${series.name})`, { absolute: '1' }, Math.abs),
    ),
};

export const add: FunctionSpec = {
  name: 'add',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'Adds a constant to every datapoint. The new name shows the constant without its fraction.',
  params: [seriesList(), float('constant', { required: true })],
  call: (_context, seriesList: Series[], constant: number) =>
    seriesList.map((series) =>
      mapped(
        series,
        `add(${series.name},${formatD(constant)})`,
        { add: pythonFloat(constant) },
        (value) => value + constant,
      ),
    ),
};

export const invert: FunctionSpec = {
  name: 'invert',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'Replaces every datapoint x by 1/x; zeros become null.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) =>
      mapped(series, `invert(${series.name})`, { invert: '1' }, (value) =>
        value === 0 ? NaN : 1 / value,
      ),
    ),
};

export const minMax: FunctionSpec = {
  name: 'minMax',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'Stretches each series to the range 0 to 1: its lowest datapoint becomes 0, its highest 1.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => {
      const lowest = minimum(series.values);
      const range = maximum(series.values) - lowest;
      return mapped(series, `minMax(${series.name})`, {}, (value) =>
        Number.isNaN(value) ? NaN : range === 0 ? 0 : (value - lowest) / range,
      );
    }),
};

export const offset: FunctionSpec = {
  name: 'offset',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'Moves every datapoint up by a constant, or down by a negative one.',
  params: [seriesList(), float('factor', { required: true })],
  call: (_context, seriesList: Series[], factor: number) =>
    seriesList.map((series) =>
      mapped(
        series,
        `offset(${series.name},${formatG(factor)})`,
        { offset: pythonFloat(factor) },
        (value) => value + factor,
      ),
    ),
};

export const offsetToZero: FunctionSpec = {
  name: 'offsetToZero',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'Moves each series down by its lowest datapoint, so that series of different levels compare.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => {
      const lowest = minimum(series.values);
      const trace = Number.isNaN(lowest) ? 'None' : pythonFloat(lowest);
      const name = `offsetToZero(${series.name})`;
      return mapped(series, name, { offsetToZero: trace }, (value) => value - lowest);
    }),
};

export const round: FunctionSpec = {
  name: 'round',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'Rounds every datapoint to a number of decimals, halves to the even digit. A negative ' +
    'precision rounds to tens, hundreds and so on.',
  params: [
    seriesList(),
    integer('precision', { default: 0, signatureDefault: 'None', defaultInBody: true }),
  ],
  call: (_context, seriesList: Series[], precision: number | undefined) =>
    seriesList.map((series) => {
      const digits = precision ?? 0;
      const suffix = precision === undefined ? '' : `,${formatG(digits)}`;
      return mapped(
        series,
        `round(${series.name}${suffix})`,
        { round: pythonInteger(digits) },
        (value) => pythonRound(value, digits),
      );
    }),
};

export const scale: FunctionSpec = {
  name: 'scale',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'Multiplies every datapoint by a constant.',
  params: [seriesList(), float('factor', { required: true })],
  call: (_context, seriesList: Series[], factor: number) =>
    seriesList.map((series) =>
      mapped(
        series,
        `scale(${series.name},${formatG(factor)})`,
        { scale: pythonFloat(factor) },
        (value) => value * factor,
      ),
    ),
};

export const scaleToSeconds: FunctionSpec = {
  name: 'scaleToSeconds',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'Turns a count per step into a count per so many seconds, whatever the step of the archive.',
  params: [seriesList(), float('seconds', { required: true })],
  call: (_context, seriesList: Series[], seconds: number) =>
    seriesList.map((series) => {
      const factor = seconds / series.step;
      return mapped(
        series,
        `scaleToSeconds(${series.name},${formatD(seconds)})`,
        { scaleToSeconds: pythonFloat(seconds) },
        (value) => pythonRound(value * factor, 6),
      );
    }),
};
