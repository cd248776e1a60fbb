/**
 * `/functions` and `/functions/<name>`: what a target may call, in graphite-web's shape. Grafana
 * makes its editor from it. `group=` keeps one group, `grouped=1` nests by group, `type=pie` lists
 * the three functions of pie charts instead. `jsonp` is not looked at, as in Graphite.
 *
 * tallyd's own functions, most of them over timers and sets, are listed once a timer or set is
 * stored: until then the list is graphite-web's to the letter, which tools compare. carbonapi's are
 * listed with `all=1`. By name and with `all=1` every function is found, with `group=Timers` those
 * over timers.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { UserError } from '../lib/errors.ts';
import {
  describeFunction,
  describeFunctions,
  type FunctionDescription,
} from '../query/functions/describe.ts';
import type { FunctionOrigin } from '../query/functions/spec.ts';
import type { SketchReader } from '../storage/roles.ts';
import { isOn, sendJsonText, toJson } from './answers.ts';
import { clip, parseForm, type Params } from './params.ts';
import { requestParams } from './http-deps.ts';
import { visitorOf } from './visitors.ts';

/** How the slices of a pie are measured: one value of each series. */
const PIE_FUNCTIONS: readonly FunctionDescription[] = [
  pieFunction('average', 'The mean of the known datapoints.'),
  pieFunction('maximum', 'The highest datapoint.'),
  pieFunction('minimum', 'The lowest datapoint.'),
];

const TIMER_GROUP = 'Timers';
const ALL_ORIGINS: readonly FunctionOrigin[] = ['graphite', 'tallyd', 'carbonapi'];

export function functionRoutes(app: FastifyInstance): void {
  const config = { jsonErrors: true, etag: true };
  app.get('/functions', { config }, async (request, reply) => {
    const params = requestParams(request);
    const group = params.last('group');
    const listed = functionsOf(params, originsOf(params, visitorOf(request).store)).filter(
      (described) => group === undefined || described.group === group,
    );
    return send(reply, params, isOn(params.last('grouped')) ? byGroup(listed) : byName(listed));
  });
  app.get('/functions/:name', { config }, async (request, reply) => {
    const params = requestParams(request);
    const { name } = request.params as { name: string };
    const found = isPie(params)
      ? PIE_FUNCTIONS.find((described) => described.name === name)
      : describeFunction(name);
    if (found === undefined) {
      throw new UserError('notFound', `function ${clip(name)}: there is none of this name`);
    }
    return send(reply, params, found);
  });
}

function originsOf(params: Params, store: SketchReader): readonly FunctionOrigin[] {
  if (isOn(params.last('all'))) return ALL_ORIGINS;
  const withOwn = params.last('group') === TIMER_GROUP || hasSketches(store);
  return withOwn ? ['graphite', 'tallyd'] : ['graphite'];
}

function functionsOf(
  params: Params,
  origins: readonly FunctionOrigin[],
): readonly FunctionDescription[] {
  return isPie(params) ? PIE_FUNCTIONS : describeFunctions(...origins);
}

function isPie(params: Params): boolean {
  return params.last('type') === 'pie';
}

/** Whether sketches of any timer or set are stored. */
function hasSketches(store: SketchReader): boolean {
  try {
    if (store.findSketched('**', { limit: 1 }).length > 0) return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'overLimit') return true;
    throw error;
  }
  return store.findSketchedByTags([{ tag: 'name', operator: '=~', value: '.' }]).length > 0;
}

function byName(listed: readonly FunctionDescription[]): Record<string, FunctionDescription> {
  return Object.fromEntries(listed.map((described) => [described.name, described]));
}

function byGroup(listed: readonly FunctionDescription[]): Record<string, unknown> {
  const groups = [...new Set(listed.map((described) => described.group))].sort();
  return Object.fromEntries(
    groups.map((group) => [group, byName(listed.filter((described) => described.group === group))]),
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
