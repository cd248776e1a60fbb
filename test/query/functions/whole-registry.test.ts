/**
 * Every function of the registry, called as a target with arguments that are made from what it
 * declares: on no series, on series that are null all over, and on series of several steps. A new
 * function is in it by being declared.
 */
import { UserError } from '../../../src/lib/errors.ts';
import { evaluateTargets } from '../../../src/query/evaluate/evaluate.ts';
import { formatNamed } from '../../../src/query/formats/formats.ts';
import type { FunctionSpec } from '../../../src/query/functions/spec.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { ALL, callOf, FROM, SECONDS, STORE, UNTIL } from '../support/registry-calls.ts';

/** Series of a target. */
async function evaluated(target: string): Promise<Series[]> {
  const window = { from: FROM, until: UNTIL, now: SECONDS };
  const events = () => [{ when: FROM + 100 }];
  return evaluateTargets(STORE, { targets: [target], ...window, events });
}

const FORMATS = ['json', 'csv', 'raw', 'pickle', 'msgpack', 'dygraph', 'rickshaw'];
/** Quickly each answer is written in two or three of them, in turn, and every third call is templated. */
const EVERY = rounds(3, 1);
let turn = 0;

/** The same, looked at from all sides; throws with the target in front of what is wrong. */
async function answerOf(target: string): Promise<Series[]> {
  const series = await evaluated(target);
  for (const one of series) check(one, target);
  turn += 1;
  for (const [i, format] of FORMATS.entries()) {
    if (i % EVERY !== turn % EVERY) continue;
    const text = formatNamed(format)!.write(series, { maxDataPoints: 30 });
    if (format === 'json') assert.is((JSON.parse(String(text)) as unknown[]).length, series.length);
  }
  return series;
}

/** What holds of every series, wherever it came from. */
function check(one: Series, target: string): void {
  const { name, pathExpression, start, end, step, values, tags, xFilesFactor } = one;
  const where = `${target}: ${name} from ${start} to ${end} by ${step}, ${values.length} values`;
  assert.ok(typeof name === 'string' && typeof pathExpression === 'string', where);
  assert.instance(values, Float64Array, where);
  for (const whole of [start, end, step]) assert.ok(Number.isInteger(whole), where);
  assert.ok(step > 0 && end >= start, where);
  // The last value lies in the step that ends at `end`, or in the next: Graphite counts both ways.
  const missing = (end - start) / step - values.length;
  if (!ENDS_ELSEWHERE.test(target)) assert.ok(Math.abs(missing) <= 1, where);
  assert.ok(!values.some((value) => Math.abs(value) === Infinity), `${where}: infinite`);
  assert.ok(xFilesFactor >= 0, where);
  for (const value of Object.values(tags)) {
    assert.ok(typeof value === 'string' || typeof value === 'number', where);
  }
}

/**
 * With several steps these keep the times of each series beside values of the common step (percent)
 * or of the longest window (moving), and a vertical line has no length: recorded so from Graphite,
 * and held by the goldens.
 */
const ENDS_ELSEWHERE = /^(template\()?(asPercent|pct|moving|exponentialMoving|verticalLine)/;

/** Functions that make numbers of nulls: that is what they are for, or 0 is what they count. */
const KNOWS_NULL = (
  'changed count countSeries exponentialMovingAverage fft holtWintersAberration ifft ' +
  'integralByInterval isNonNull isNotNull transformNull'
).split(' ');

/** Functions that refuse what they cannot say anything of. */
const REFUSES_NONE = /areaBetween: 0 series read, expected exactly two/;
const REFUSES_NULL = /aliasQuery: "null.one" has no last value|0 version marks read/;

const takesSeries = ({ params }: FunctionSpec): boolean =>
  params.some(({ type }) => type.startsWith('series') || type === 'timers');

const isRandom = ({ name }: FunctionSpec): boolean => name.startsWith('randomWalk');

/** The series, or none where the sentence is one that is expected. */
async function answerOr(target: string, refusal: RegExp): Promise<Series[]> {
  try {
    return await answerOf(target);
  } catch (error) {
    if (error instanceof UserError && refusal.test(error.message)) return [];
    throw error;
  }
}

/** A body for every function, with the parameters that must be given, and with all of them. */
async function each(
  specs: readonly FunctionSpec[],
  folder: string,
  body: (target: string, spec: FunctionSpec) => Promise<void>,
): Promise<void> {
  for (const spec of specs) {
    for (const isFull of [false, true]) await body(callOf(spec, folder, isFull), spec);
  }
}

describe('every function of the registry', (it) => {
  it('is all of them, and each has its prose', () => {
    assert.ok(ALL.length >= 196, `${ALL.length} functions`);
    for (const { name, description, params, group } of ALL) {
      assert.ok(/^.{20,}[.…:)]$/s.test(description), `${name} has no prose`);
      assert.ok(group.length > 0 && params.length > 0, name);
    }
  });

  it('answers no series with no series', async () => {
    await each(ALL.filter(takesSeries), 'none', async (target) => {
      const answer = await answerOr(target, REFUSES_NONE);
      assert.equal(
        answer.map(({ name }) => name),
        [],
        target,
      );
    });
  });

  it('answers nulls with nulls, unless it is about them', async () => {
    const knowing = new Set<string>();
    await each(ALL.filter(takesSeries), 'null', async (target, { name }) => {
      const answer = await answerOr(target, REFUSES_NULL);
      if (answer.some(({ values }) => values.some((value) => !Number.isNaN(value)))) {
        knowing.add(name);
      }
    });
    assert.equal([...knowing].sort(), KNOWS_NULL);
  });

  it('answers series of several steps, each on a grid of its own', async () => {
    const silent = new Set(ALL.map(({ name }) => name));
    const blank = new Set(silent);
    await each(ALL, 'mixed', async (target, { name }) => {
      const answer = await answerOr(target, /^$/);
      if (answer.length > 0) silent.delete(name);
      if (answer.some(({ values }) => !values.every(Number.isNaN))) blank.delete(name);
    });
    assert.equal([...silent], [], 'these answered no series');
    assert.equal([...blank], [], 'these answered nulls alone');
  });

  it('keeps the variables of template(), also over other windows than the own', async () => {
    const shown = (series: Series[]): unknown[] =>
      series.map(({ name, start, step, values }) => [name, start, step, Array.from(values)]);
    const all = ALL.filter((spec) => takesSeries(spec) && !isRandom(spec));
    const asked = all.filter((_, i) => i % EVERY === 0);
    await each(asked, 'mixed', async (target) => {
      const templated = `template(${target.replaceAll('mixed', '$folder')}, folder="mixed")`;
      assert.equal(shown(await evaluated(templated)), shown(await evaluated(target)), templated);
    });
  });
});
