/**
 * Dashboards (dashboards/dashboard.ts has their JSON), kept in the store:
 *
 *     GET    /dashboards            { "dashboards": [ { "id": "shop", "title": "Shop", "panels": 6,
 *                                     "etag": "\"…\"", "isShipped": false } ] }   by title
 *     GET    /dashboards/shop       the dashboard; its ETag says which version it is
 *     PUT    /dashboards/shop       keeps one (200, or 201 when it is new): { "id", "etag" }
 *     DELETE /dashboards/shop       204
 *     POST   /dashboards/convert    { "source": "grafana", "dashboard": {…},
 *                                     "leftOut": [ { "title": "Disks", "why": "…" } ] }
 *
 * Whoever changes or deletes one says in `If-Match` which version they saw (its ETag, or `*` for any):
 * if it is another by now the answer is 412, and nothing is changed. Those that come with tallyd
 * (`isShipped`) can be read only. What `convert` takes is a text: the JSON of a dashboard of graphite-web,
 * Grafana or tallyd, or URLs of /render, one a line.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { convertDashboard } from '../dashboards/convert.ts';
import {
  completeDashboard,
  type Dashboard,
  DASHBOARD_BYTES_MAX,
  DASHBOARD_SCHEMA,
  isTooDeep,
} from '../dashboards/dashboard.ts';
import { type Expected, noDashboard } from '../dashboards/dashboard-records.ts';
import { readShippedDashboards, type ShippedDashboard } from '../dashboards/shipped.ts';
import { badRequest, UserError } from '../lib/errors.ts';
import { JSON_BODY } from './body-schema.ts';
import { labelMatches } from './etag.ts';
import { bodyText, type HttpContext } from './http-deps.ts';
import { clip, parseJsonBody } from './params.ts';
import { forbidden, visitorOf } from './visitors.ts';

const ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;
/** A dashboard of Grafana's or Graphite's is larger than what is made of it. */
const CONVERT_BYTES_MAX = 4 * 1024 * 1024;

export async function dashboardRoutes(app: FastifyInstance, context: HttpContext): Promise<void> {
  const { dashboards: kept } = context;
  const shipped = await readShippedDashboards();
  const config = { jsonErrors: true };
  const changes = { ...config, changes: true };
  app.get('/dashboards', { config: { ...config, etag: true } }, async (request, reply) => {
    const { rights } = visitorOf(request);
    const visible = (await kept.list()).filter(({ id }) => rights.hasDashboard(id));
    const own = visible.map((one) => ({ ...one, isShipped: false }));
    const all = [...own, ...[...shipped.values()].map((one) => ({ ...one, isShipped: true }))];
    const dashboards = all
      .sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.id < b.id ? -1 : 1))
      .map(({ id, title, panels, label, isShipped }) => {
        return { id, title, panels, etag: `"${label}"`, isShipped };
      });
    return reply.type('application/json').send(JSON.stringify({ dashboards }));
  });
  app.get('/dashboards/:id', { config }, async (request, reply) => {
    const id = idOf(request);
    const own = visitorOf(request).rights.hasDashboard(id) ? kept.get(id) : undefined;
    const found = shipped.get(id) ?? own;
    if (found === undefined) throw noDashboard(id);
    reply.header('etag', `"${found.label}"`).header('cache-control', 'no-cache');
    if (labelMatches(request.headers['if-none-match'], found.label)) return reply.code(304).send();
    return reply.type('application/json').send(found.text);
  });
  const put = {
    config: changes,
    bodyLimit: DASHBOARD_BYTES_MAX,
    schema: { body: DASHBOARD_SCHEMA },
  };
  app.put('/dashboards/:id', { ...put, ...JSON_BODY }, async (request, reply) => {
    const id = changedId(request, shipped);
    if (isTooDeep(request.body)) throw badRequest('dashboard: nested too deeply, expected less');
    const isNew = kept.get(id) === undefined;
    const dashboard = completeDashboard(request.body as Dashboard);
    const { label } = await kept.put(id, dashboard, expectedBy(request));
    const answer = { id, etag: `"${label}"` };
    return json(reply.code(isNew ? 201 : 200).header('etag', answer.etag), answer);
  });
  app.delete('/dashboards/:id', { config: changes }, async (request, reply) => {
    const id = changedId(request, shipped);
    await kept.remove(id, expectedBy(request));
    return reply.code(204).send();
  });
  const convert = { config, bodyLimit: CONVERT_BYTES_MAX };
  app.post('/dashboards/convert', convert, async (request, reply) => {
    const { source, dashboard, leftOut } = convertDashboard(bodyText(request), parseJsonBody);
    return json(reply, { source, dashboard, leftOut });
  });
}

function json(reply: FastifyReply, answer: unknown): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('application/json')
    .send(JSON.stringify(answer));
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (ID.test(id)) return id;
  throw badRequest(`dashboard "${clip(id)}": expected letters, digits, "-", "_" and "."`);
}

/** Of one that may be changed. */
function changedId(
  request: FastifyRequest,
  shipped: ReadonlyMap<string, ShippedDashboard>,
): string {
  const id = idOf(request);
  if (!shipped.has(id)) {
    if (visitorOf(request).rights.hasDashboard(id)) return id;
    throw forbidden(`dashboard ${id}: expected one of those in "dashboards"`);
  }
  throw new UserError(
    'forbidden',
    `dashboard ${id} comes with tallyd, expected another id for one of your own`,
  );
}

/** What `If-Match` says; without it, or with `If-None-Match: *`, a dashboard must be new. */
function expectedBy({ headers }: FastifyRequest): Expected {
  const said = headers['if-none-match'] === '*' ? undefined : headers['if-match'];
  return {
    said: said === undefined ? undefined : clip(said),
    fits: (label) =>
      label === undefined ? said === undefined : said !== undefined && labelMatches(said, label),
  };
}
