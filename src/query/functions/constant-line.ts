/** Flat lines from a number: `constantLine` and, with a label and a colour, `threshold`. */
import { pythonFloat } from '../series/python-format.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { type CallContext, float, type FunctionSpec, string } from './spec.ts';

export const constantLine: FunctionSpec = {
  name: 'constantLine',
  origin: 'graphite',
  group: 'Special',
  description:
    'A flat line at the value: three datapoints from the start to the end of the window.',
  params: [float('value', { required: true })],
  call: (context, value: number) => [flatLine(context, value)],
};

export const threshold: FunctionSpec = {
  name: 'threshold',
  origin: 'graphite',
  group: 'Graph',
  description: 'A flat line at the value, with a label and a colour of your choice.',
  params: [float('value', { required: true }), string('label'), string('color')],
  call: (context, value: number, label?: string, color?: string) => {
    const line = flatLine(context, value);
    return [
      {
        ...line,
        name: label ?? line.name,
        options: color === undefined ? {} : { color },
      },
    ];
  },
};

/** As graphite-web draws it: the step is half the window, the last stamp is `until` itself. */
export function flatLine(context: CallContext, value: number): Series {
  const step = Math.max(Math.trunc((context.until - context.from) / 2), 1);
  return makeSeries({
    name: pythonFloat(value),
    pathExpression: `constantLine(${pythonFloat(value)})`,
    start: context.from,
    end: context.until,
    step,
    values: Float64Array.of(value, value, value),
    xFilesFactor: context.xFilesFactor,
  });
}
