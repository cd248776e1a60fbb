/**
 * Dashboards of others as ours: graphite-web's dashboard JSON, its render URLs, Grafana's dashboard
 * JSON. What has no place here is named with the reason, so that nobody believes it was taken.
 */
import { badRequest } from '../lib/errors.ts';
import type { Converted } from './converted.ts';
import { completeDashboard, type Dashboard } from './dashboard.ts';
import { fromGrafana, isGrafana } from './from-grafana.ts';
import { fromGraphite, fromUrls, isGraphite } from './from-graphite.ts';
import { asList, asObject, asText } from '../lib/given.ts';

/** What a text was read as. */
type Source = 'tallyd' | 'graphite' | 'grafana' | 'urls';

/** Throws `badRequest` where it is none of these; `parse` reads JSON. */
export function convertDashboard(
  text: string,
  parse: (text: string) => unknown,
): Converted & { source: Source } {
  if (!/^\s*[{[]/.test(text)) return { source: 'urls', ...fromUrls(text) };
  const given = asObject(parse(text));
  if (given === undefined) throw badRequest('dashboard: expected a JSON object');
  if (isGraphite(given)) return { source: 'graphite', ...fromGraphite(given, parse) };
  const inner = asObject(given['dashboard']) ?? given;
  if (isGrafana(inner)) return { source: 'grafana', ...fromGrafana(inner) };
  const title = asText(inner['title']);
  if (title !== undefined && asList(inner['panels']).every(isOurs)) {
    const dashboard = completeDashboard(inner as unknown as Dashboard);
    return { source: 'tallyd', dashboard, leftOut: [] };
  }
  throw badRequest(
    'dashboard: neither "graphs" of graphite-web nor "panels" or "rows" of Grafana read',
  );
}

function isOurs(panel: unknown): boolean {
  return asList(asObject(panel)?.['targets']).every((target) => typeof target === 'string');
}
