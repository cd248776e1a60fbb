/**
 * Series from nothing but the clock: `timeFunction`, `sinFunction`, `identity`, `randomWalk`.
 * Aggregates are called after their names, as in graphite-web: `sumSeries(sin("x"))` is
 * `sumSeries(x)`, but `identity` goes by its whole call.
 */
import { badTarget, overLimit } from '../../lib/errors.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { columnInParts } from './in-turn.ts';
import { type CallContext, type FunctionSpec, integer, string } from './spec.ts';

const name = string('name', { required: true });
const step = integer('step', { default: 60 });
const IDENTITY_STEP = 60;
/** Datapoints of one series that is made up: more are for nobody to see. */
const MADE_POINTS_MAX = 1_000_000;

export const timeFunction: FunctionSpec = {
  name: 'timeFunction',
  aliases: ['time'],
  origin: 'graphite',
  group: 'Transform',
  description: 'A series whose values are its own timestamps.',
  params: [name, step],
  call: async (context, title: string, seconds: number) => [
    await generated(context, title, seconds, (time) => time),
  ],
};

export const identity: FunctionSpec = {
  name: 'identity',
  origin: 'graphite',
  group: 'Calculate',
  description: 'A series whose values are its own timestamps, one a minute.',
  params: [name],
  call: async (context, title: string) => [
    {
      ...(await generated(context, title, IDENTITY_STEP, (time) => time)),
      pathExpression: `identity("${title}")`,
    },
  ],
};

export const sinFunction: FunctionSpec = {
  name: 'sinFunction',
  aliases: ['sin'],
  origin: 'graphite',
  group: 'Transform',
  description: 'The sine of the timestamp, times the amplitude.',
  params: [name, integer('amplitude', { default: 1, fractions: true }), step],
  async call(context, title: string, amplitude: number, seconds: number) {
    const wave = (time: number): number => Math.sin(time) * amplitude;
    return [await generated(context, title, seconds, wave, false)];
  },
};

export const randomWalkFunction: FunctionSpec = {
  name: 'randomWalkFunction',
  aliases: ['randomWalk'],
  origin: 'graphite',
  group: 'Special',
  description:
    'A walk that starts at 0 and goes up or down by up to a half at each step: something to look ' +
    'at before there is data. The same name and window give the same walk.',
  params: [name, step],
  async call(context, title: string, seconds: number) {
    const random = randomOf(`${title} ${context.from}`);
    let height = 0;
    const walk = (): number => {
      const now = height;
      height += random() - 0.5;
      return now;
    };
    return [await generated(context, title, seconds, walk, false)];
  },
};

async function generated(
  context: CallContext,
  title: string,
  seconds: number,
  valueAt: (time: number) => number,
  integers = true,
): Promise<Series> {
  if (seconds <= 0) throw badTarget(`step ${seconds} read, expected seconds above zero`);
  const { from, until } = context;
  const length = Math.ceil((until - from) / seconds);
  context.reserve(length);
  if (length > MADE_POINTS_MAX) {
    throw overLimit(
      `${length} datapoints in one series that is made up, at most ${MADE_POINTS_MAX}: ` +
        'expected a longer step',
    );
  }
  const values = await columnInParts(context, length, (i) => valueAt(from + i * seconds));
  return makeSeries({
    name: title,
    start: from,
    end: until,
    step: seconds,
    values,
    integers,
    xFilesFactor: context.xFilesFactor,
  });
}

/** Numbers in [0, 1) that a seed decides (mulberry32). */
function randomOf(seed: string): () => number {
  let state = 0;
  for (let i = 0; i < seed.length; i++) state = (Math.imul(state, 31) + seed.charCodeAt(i)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
