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
import { derive } from '../series/series.ts';
import { mapped, perPoint, perPointBy, perSeries } from './per-series.ts';
import { float, integer } from './spec.ts';

export const absolute = perPoint('absolute', '1', 'Drops the sign of every datapoint.', Math.abs);

export const add = perPointBy(
  'add',
  'constant',
  formatD,
  'Adds a constant to every datapoint. The new name shows the constant without its fraction.',
  (constant) => (value) => value + constant,
);

export const invert = perPoint(
  'invert',
  '1',
  'Replaces every datapoint x by 1/x; zeros become null.',
  (value) => (value === 0 ? NaN : 1 / value),
);

export const minMax = perSeries({
  name: 'minMax',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Stretches each series to the range 0 to 1: its lowest datapoint becomes 0, its highest 1.',
  each(series) {
    const lowest = minimum(series.values);
    const range = maximum(series.values) - lowest;
    return mapped(series, `minMax(${series.name})`, {}, (value) =>
      Number.isNaN(value) ? NaN : range === 0 ? 0 : (value - lowest) / range,
    );
  },
});

export const offset = perPointBy(
  'offset',
  'factor',
  formatG,
  'Moves every datapoint up by a constant, or down by a negative one.',
  (factor) => (value) => value + factor,
);

export const offsetToZero = perSeries({
  name: 'offsetToZero',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Moves each series down by its lowest datapoint, so that series of different levels compare.',
  each(series) {
    const lowest = minimum(series.values);
    const trace = Number.isNaN(lowest) ? 'None' : pythonFloat(lowest);
    const name = `offsetToZero(${series.name})`;
    return mapped(series, name, { offsetToZero: trace }, (value) => value - lowest);
  },
});

export const round = perSeries({
  name: 'round',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Rounds every datapoint to a number of decimals, halves to the even digit. A negative ' +
    'precision rounds to tens, hundreds and so on.',
  params: [integer('precision', { default: 0, signatureDefault: 'None', defaultInBody: true })],
  each(series, precision: number | undefined) {
    const digits = precision ?? 0;
    const suffix = precision === undefined ? '' : `,${formatG(digits)}`;
    const tags = { round: pythonInteger(digits) };
    return mapped(series, `round(${series.name}${suffix})`, tags, (value) =>
      pythonRound(value, digits),
    );
  },
});

export const scale = perPointBy(
  'scale',
  'factor',
  formatG,
  'Multiplies every datapoint by a constant.',
  (factor) => (value) => value * factor,
);

/** carbonapi's: only from a time on. */
export const scaleAfterTimestamp = perSeries({
  name: 'scaleAfterTimestamp',
  origin: 'carbonapi',
  group: 'Transform',
  description: 'Multiplies the datapoints at and after a time by a constant; earlier ones stay.',
  params: [float('factor', { required: true }), integer('timestamp', { default: 0 })],
  each(series, factor: number, timestamp: number) {
    const since = timestamp === 0 ? '' : `,${pythonInteger(timestamp)}`;
    return derive(series, {
      name: `scale(${series.name},${formatG(factor)}${since})`,
      tags: { scale: pythonFloat(factor) },
      values: series.values.map((value, i) =>
        series.start + i * series.step >= timestamp ? value * factor : value,
      ),
      integers: false,
    });
  },
});

export const scaleToSeconds = perPointBy(
  'scaleToSeconds',
  'seconds',
  formatD,
  'Turns a count per step into a count per so many seconds, whatever the step of the archive.',
  (seconds, { step }) => {
    const factor = seconds / step;
    return (value) => pythonRound(value * factor, 6);
  },
);
