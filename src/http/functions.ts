/**
 * `/functions` and `/functions/<name>`: what a target may call, in graphite-web's shape. Grafana
 * makes its editor from it. `group=` keeps one group, `grouped=1` nests by group, `type=pie` lists
 * the three functions of pie charts instead. `jsonp` is not looked at, as in Graphite.
 *
 * The functions over timers and sets are listed where there is a timer or set they can be asked of:
 * until then the list is graphite-web's to the letter, which tools compare. By name, as
 * `group=Timers` and with `all=1` they are always there, and so are carbonapi's but for the group.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { UserError } from '../lib/errors.ts';
import {
  describeCarbonapiFunctions,
  describeFunctions,
  describeTimerFunctions,
  type FunctionDescription,
} from '../query/functions/describe.ts';
import type { Store } from '../storage/roles.ts';
import { isOn, sendJsonText, toJson } from './answers.ts';
import { clip, parseForm, type Params } from './params.ts';
import { requestParams, type HttpContext } from './http-deps.ts';

/** How the slices of a pie are measured: one value of each series. */
const PIE_FUNCTIONS: readonly FunctionDescription[] = [
  pieFunction('average', 'The mean of the known datapoints.'),
  pieFunction('maximum', 'The highest datapoint.'),
  pieFunction('minimum', 'The lowest datapoint.'),
];

const TIMER_GROUP = 'Timers';

export function functionRoutes(app: FastifyInstance, { sources }: HttpContext): void {
  const config = { jsonErrors: true, etag: true };
  app.get('/functions', { config }, async (request, reply) => {
    const params = requestParams(request);
    const group = params.last('group');
    const all = isOn(params.last('all'))
      ? allFunctions(params)
      : functionsOf(params, group === TIMER_GROUP || hasSketches(sources.store));
    const listed = all.filter((one) => group === undefined || one.group === group);
    return send(reply, params, isOn(params.last('grouped')) ? byGroup(listed) : byName(listed));
  });
  app.get('/functions/:name', { config }, async (request, reply) => {
    const params = requestParams(request);
    const { name } = request.params as { name: string };
    const found = allFunctions(params).find((one) => one.name === name);
    if (found === undefined) {
      throw new UserError('notFound', `function ${clip(name)}: there is none of this name`);
    }
    return send(reply, params, found);
  });
}

function functionsOf(params: Params, withTimers: boolean): readonly FunctionDescription[] {
  if (params.last('type') === 'pie') return PIE_FUNCTIONS;
  return withTimers ? [...describeFunctions(), ...describeTimerFunctions()] : describeFunctions();
}

function allFunctions(params: Params): readonly FunctionDescription[] {
  const known = functionsOf(params, true);
  return known === PIE_FUNCTIONS ? known : [...known, ...describeCarbonapiFunctions()];
}

/** Whether any timer or set is kept as sketches. */
function hasSketches(store: Store): boolean {
  try {
    if (store.findSketched('**', { limit: 1 }).length > 0) return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'overLimit') return true;
    throw error;
  }
  return store.findSketchedByTags([{ tag: 'name', operator: '=~', value: '.' }]).length > 0;
}

function byName(listed: readonly FunctionDescription[]): Record<string, FunctionDescription> {
  return Object.fromEntries(listed.map((one) => [one.name, one]));
}

function byGroup(listed: readonly FunctionDescription[]): Record<string, unknown> {
  const groups = [...new Set(listed.map((one) => one.group))].sort();
  return Object.fromEntries(
    groups.map((group) => [group, byName(listed.filter((one) => one.group === group))]),
  );
}

function send(reply: FastifyReply, params: Params, value: unknown): FastifyReply {
  return sendJsonText(reply, parseForm(''), toJson(value, isOn(params.last('pretty'))));
}

function pieFunction(name: string, description: string): FunctionDescription {
  return {
    name,
    function: `${name}(series)`,
    description,
    module: 'tallyd.functions',
    group: 'Pie',
    params: [{ name: 'series', type: 'series', required: true }],
  };
}
