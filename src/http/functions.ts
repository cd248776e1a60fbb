/**
 * `/functions` and `/functions/<name>`: what a target may call, in graphite-web's shape. Grafana
 * makes its editor from it. `group=` keeps one group, `grouped=1` nests by group, `type=pie` lists
 * the three functions of pie charts instead. `jsonp` is not looked at, as in Graphite.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { describeFunctions, type FunctionDescription } from '../query/functions/describe.ts';
import { isOn, sendJsonText, toJson } from './answers.ts';
import { clip, parseForm, type Params } from './params.ts';
import { requestParams, type HttpContext } from './sources.ts';

/** How the slices of a pie are measured: one value of each series. */
const PIE_FUNCTIONS: readonly FunctionDescription[] = [
  pieFunction('average', 'The mean of the known datapoints.'),
  pieFunction('maximum', 'The highest datapoint.'),
  pieFunction('minimum', 'The lowest datapoint.'),
];

export function functionRoutes(app: FastifyInstance, _context: HttpContext): void {
  const config = { jsonErrors: true, etag: true };
  app.get('/functions', { config }, async (request, reply) => {
    const params = requestParams(request);
    const group = params.last('group');
    const listed = functionsOf(params).filter((one) => group === undefined || one.group === group);
    return send(reply, params, isOn(params.last('grouped')) ? byGroup(listed) : byName(listed));
  });
  app.get('/functions/:name', { config }, async (request, reply) => {
    const params = requestParams(request);
    const { name } = request.params as { name: string };
    const found = functionsOf(params).find((one) => one.name === name);
    if (found === undefined) {
      throw new UserError('notFound', `function ${clip(name)}: there is none of this name`);
    }
    return send(reply, params, found);
  });
}

function functionsOf(params: Params): readonly FunctionDescription[] {
  return params.last('type') === 'pie' ? PIE_FUNCTIONS : describeFunctions();
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
