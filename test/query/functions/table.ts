/**
 * Tests of render functions as tables: series are written `given('a', [1, null, 3])`, answers as
 * one line a series: the name, then start and step where they are not 0 and 60, then the values.
 *
 *     a: 1 _ 3        b @30/10: 2.5 _
 */
import { assert } from '../../support/suite.ts';
import { functionNamed } from '../../../src/query/functions/registry.ts';
import type { CallContext, Param, Value } from '../../../src/query/functions/spec.ts';
import { makeSeries, type Series } from '../../../src/query/series/series.ts';

/** A series of step 60 from 0 unless told otherwise; its path is its name. */
export function given(
  name: string,
  values: (number | null)[],
  changes: Partial<Series> = {},
): Series {
  return makeSeries({
    name,
    start: 0,
    step: 60,
    values: Float64Array.from(values, (value) => value ?? NaN),
    ...changes,
  });
}

/** A context over the window 0 to 600; other targets evaluate to `found`. */
export function contextOf(changes: Partial<CallContext> = {}, found: Series[] = []): CallContext {
  const context: CallContext = {
    from: 0,
    until: 600,
    now: 600,
    tz: 'UTC',
    maxDataPoints: undefined,
    xFilesFactor: 0,
    stacks: new Map(),
    refetch: async () => found,
    evaluate: async () => found,
    apply: (name, ...args) => call(name, args, context),
    seriesByTag: async () => found,
    sketchesBehind: async (series) => series.map(() => undefined),
    seriesNamed: async () => undefined,
    events: async () => [],
    parseTime: Number,
    reserve() {},
    spend() {},
    admitNames() {},
    pause: async () => {},
    ...changes,
  };
  return context;
}

/** Calls a function with arguments as the evaluator hands them over: absent ones by default. */
export async function call(
  name: string,
  args: readonly Value[],
  context: CallContext = contextOf(),
): Promise<Series[]> {
  const spec = functionNamed(name);
  if (spec === undefined) throw new Error(`there is no function ${name}`);
  const last = spec.params.at(-1);
  const fixed = last?.multiple === true ? spec.params.slice(0, -1) : spec.params;
  const coerced = fixed.map((param, i) => args[i] ?? absent(param));
  const spread = last?.multiple === true ? args.slice(fixed.length) : [];
  return (await spec.call(context, ...([...coerced, ...spread] as never[]))) as Series[];
}

/** Calls a function and compares its answer with lines. */
export async function evaluates(
  name: string,
  args: readonly Value[],
  expected: readonly string[],
  context?: CallContext,
): Promise<void> {
  const answer = await call(name, args, context);
  assert.equal(answer.map(line), expected, `${name}: ${answer.map(line).join(' | ')}`);
}

/** Calls a function and expects a sentence. */
export async function refuses(
  name: string,
  args: readonly Value[],
  sentence: RegExp,
  context?: CallContext,
): Promise<void> {
  let message = 'nothing was thrown';
  try {
    await call(name, args, context);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.match(message, sentence);
}

export function line({ name, start, step, values }: Series): string {
  const place = start === 0 && step === 60 ? '' : ` @${start}/${step}`;
  const spelled = Array.from(values, (value) => (Number.isNaN(value) ? '_' : String(value)));
  return `${name}${place}: ${spelled.join(' ')}`;
}

function absent(param: Param): Value {
  return param.defaultInBody === true ? undefined : param.default;
}
