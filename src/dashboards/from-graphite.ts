/**
 * graphite-web's dashboards (as `/dashboard/load/<name>` answers them, or their `state` alone) and
 * render URLs, one a line, as a dashboard. Facts: graphite-web 1.1.10, `dashboard/views.py` and
 * `content/js/dashboard.js`: `graphs` is a list of `[key, parameters, url]`, where the parameters are
 * those of `/render`.
 */
import { badRequest } from '../lib/errors.ts';
import { type Converted, type LeftOut, limited } from './converted.ts';
import { type Dashboard, GRID_WIDTH, type Panel } from './dashboard.ts';
import { asList, asObject, asText, type Given } from '../lib/given.ts';

/** Three graphs beside each other, as Graphite's pages have them on a usual screen. */
const WIDTH = GRID_WIDTH / 3;
const HEIGHT = 7;
/** Lines of a list of URLs. */
const LINES_MAX = 10_000;
/** What says how large a picture is and what else is no part of how it looks. */
const NO_OPTIONS = /^(?:target(?:\[\])?|from|until|width|height|title|format|_uniq|_salt|_t|uniq)$/;

interface SavedGraph {
  name: string;
  url: string;
}

export function isGraphite(given: Given): boolean {
  return Array.isArray(given['graphs']) || given['state'] !== undefined;
}

export function fromGraphite(given: Given, parse: (text: string) => unknown): Converted {
  const { state } = given;
  const inner = typeof state === 'string' ? parse(state) : (state ?? given);
  const dashboard = asObject(inner);
  if (dashboard === undefined || !Array.isArray(dashboard['graphs'])) {
    throw badRequest('dashboard: expected "graphs", as /dashboard/load/<name> of Graphite has it');
  }
  const leftOut: LeftOut[] = [];
  const graphs = asList(dashboard['graphs']).map((graph) => asObject(asList(graph)[1]));
  const panels = graphs.flatMap((params, i) => {
    const panel = params === undefined ? undefined : panelOf(params, i);
    if (panel === undefined) leftOut.push({ title: `graph ${i + 1}`, why: 'it has no targets' });
    return panel ?? [];
  });
  const title = asText(dashboard['name']) ?? 'From Graphite';
  const range = rangeOf(
    asObject(dashboard['timeConfig']),
    asObject(dashboard['defaultGraphParams']),
  );
  return limited({ title, ...range, variables: [], panels }, leftOut);
}

/**
 * A template, which is a dashboard with a word left open in its targets: with a variable for that word,
 * whose values are what is found in its place.
 */
export function fromTemplate(state: string, parse: (text: string) => unknown): Converted {
  const given = fromGraphite({ state: state.replaceAll('__VALUE__', '$value') }, parse);
  const targets = given.dashboard.panels.flatMap((panel) => panel.targets);
  const [found] = targets.flatMap((target) => /((?:[\w*-]+\.)*)\$value\b/.exec(target) ?? []);
  const query = found === undefined ? {} : { query: found.replace('$value', '*') };
  const variables = [{ name: 'value', ...query }];
  return { ...given, dashboard: { ...given.dashboard, variables } };
}

/** Graphs that somebody saved by name, each with its URL of `/render`. */
export function fromSavedGraphs(title: string, graphs: readonly SavedGraph[]): Converted {
  const leftOut: LeftOut[] = [];
  const panels = graphs.flatMap(({ name, url }) => {
    const panel = panelOfUrl(url);
    if (panel === undefined) leftOut.push({ title: name, why: 'it has no target=' });
    return panel === undefined ? [] : { ...panel, title: name.slice(0, 200) };
  });
  return limited({ title, variables: [], panels: panels.map(placed) }, leftOut);
}

/** Saved URLs of `/render`, or what stands behind their `?`; blank lines apart. */
export function fromUrls(text: string): Converted {
  const lines = text.split('\n', LINES_MAX).map((line) => line.trim());
  const leftOut: LeftOut[] = [];
  const panels = lines.flatMap((line) => {
    if (line === '') return [];
    const panel = panelOfUrl(line);
    if (panel === undefined) leftOut.push({ title: line.slice(0, 200), why: 'it has no target=' });
    return panel ?? [];
  });
  if (panels.length === 0) {
    throw badRequest('urls: expected lines such as http://graphite/render?target=a.b');
  }
  const title = panels.length === 1 ? panels[0]!.title : 'From URLs';
  return limited({ title, variables: [], panels: panels.map(placed) }, leftOut);
}

function panelOfUrl(url: string): Panel | undefined {
  const params: Record<string, unknown> = {};
  const targets: string[] = [];
  for (const [name, value] of new URLSearchParams(url.slice(url.indexOf('?') + 1))) {
    if (name === 'target' || name === 'target[]') targets.push(value);
    else if (name !== '__proto__') params[name] = value;
  }
  return panelOf({ ...params, target: targets }, 0);
}

function panelOf(params: Given, i: number): Panel | undefined {
  const given = params['target'] ?? params['target[]'];
  const targets = (Array.isArray(given) ? asList(given) : [given]).flatMap(
    (target) => asText(target) ?? [],
  );
  if (targets.length === 0) return undefined;
  const options = Object.entries(params).filter(([name]) => !NO_OPTIONS.test(name));
  const from = asText(params['from']);
  const title = asText(params['title']) ?? targets[0]!; // there is one
  return placed(
    {
      title: title.slice(0, 200),
      targets,
      ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
      ...(from === undefined ? {} : { range: { from, until: asText(params['until']) ?? 'now' } }),
    },
    i,
  );
}

function placed(panel: Panel, i: number): Panel {
  const perRow = GRID_WIDTH / WIDTH;
  const [x, y] = [(i % perRow) * WIDTH, Math.floor(i / perRow) * HEIGHT];
  return { ...panel, position: { x, y, width: WIDTH, height: HEIGHT } };
}

/** The time of all graphs: relative as `{quantity, units}`, or absolute in the graphs' parameters. */
function rangeOf(time: Given | undefined, params: Given | undefined): Pick<Dashboard, 'range'> {
  const quantity = asText(time?.['relativeStartQuantity']);
  const units = asText(time?.['relativeStartUnits']);
  if (time?.['type'] !== 'absolute' && quantity !== undefined && units !== undefined) {
    return { range: { from: `-${quantity}${units}`.slice(0, 100), until: 'now' } };
  }
  const from = asText(params?.['from']);
  if (from === undefined) return {};
  return { range: { from, until: asText(params?.['until']) ?? 'now' } };
}
