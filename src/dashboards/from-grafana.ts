/**
 * Grafana's dashboard JSON with Graphite's targets, as far as its panels are graphs: of rows and grids,
 * with variables, stacking, units and ranges. Facts: Grafana's documentation of the dashboard JSON
 * model; `#A` in a target stands for the one with the refId A, and `targetFull` is the target with
 * those put in.
 */
import { type Converted, type LeftOut, limited } from './converted.ts';
import {
  type Dashboard,
  GRID_WIDTH,
  type Panel,
  PANELS_MAX,
  type Range,
  TARGETS_MAX,
  type Variable,
  VARIABLES_MAX,
} from './dashboard.ts';
import { asList, asNumber, asObject, asText, type Given } from '../lib/given.ts';

const GRAPHS = ['timeseries', 'graph', 'heatmap', 'barchart', 'trend'];
const HEIGHT = 8;
/** Targets that stand in each other by their letters. */
const REFERENCES_MAX = 20;
/** Characters of a target with those that stand in it. */
const TARGET_LENGTH_MAX = 20_000;

/** Characters that may be gone through for all references of a dashboard. */
const WORK_MAX = 8 * 1024 * 1024;

interface Work {
  characters: number;
}

export function isGrafana(given: Given): boolean {
  if (Array.isArray(given['rows'])) return true;
  return asList(given['panels']).some((panel) => {
    const { type, targets } = asObject(panel) ?? {};
    return typeof type === 'string' || asList(targets).some((one) => asObject(one) !== undefined);
  });
}

export function fromGrafana(given: Given): Converted {
  const leftOut: LeftOut[] = [];
  const panels: Panel[] = [];
  const work = { characters: WORK_MAX };
  for (const [i, [panel, at]] of panelsOf(given).entries()) {
    const taken = i < PANELS_MAX ? panelOf(panel, at, work) : { why: 'there are too many panels' };
    if (taken.why !== undefined) leftOut.push({ title: titleOf(panel), why: taken.why });
    if ('panel' in taken && taken.panel !== undefined) panels.push(taken.panel);
  }
  const variables = variablesOf(asObject(given['templating']), leftOut);
  const range = rangeOf(asText(asObject(given['time'])?.['from']), asObject(given['time']));
  const title = (asText(given['title']) ?? 'From Grafana').slice(0, 200);
  const dashboard: Dashboard = {
    title,
    ...(range === undefined ? {} : { range }),
    variables,
    panels,
  };
  return limited(dashboard, leftOut);
}

type Position = NonNullable<Panel['position']>;

/** All panels with their places: those of the grid, of its rows, and of the rows of old. */
function panelsOf(given: Given): [Given, Position][] {
  const found: [Given, Position][] = [];
  for (const one of asList(given['panels'])) {
    const panel = asObject(one);
    if (panel === undefined) continue;
    const isRow = panel['type'] === 'row';
    const inner = isRow ? asList(panel['panels']) : [panel];
    for (const each of inner) {
      const object = asObject(each);
      if (object !== undefined) found.push([object, gridOf(object)]);
    }
  }
  let y = 0;
  for (const one of asList(given['rows'])) {
    let x = 0;
    for (const each of asList(asObject(one)?.['panels'])) {
      const panel = asObject(each);
      if (panel === undefined) continue;
      // A row of old is 12 wide.
      const width = Math.min(
        GRID_WIDTH,
        Math.max(1, Math.round((asNumber(panel['span']) ?? 12) * 2)),
      );
      if (x + width > GRID_WIDTH) [x, y] = [0, y + HEIGHT];
      found.push([panel, { x, y, width, height: HEIGHT }]);
      x += width;
    }
    y += HEIGHT;
  }
  return found;
}

function gridOf(panel: Given): Position {
  const grid = asObject(panel['gridPos']);
  const cells = (name: string, otherwise: number): number =>
    Math.min(10_000, Math.max(0, Math.round(asNumber(grid?.[name]) ?? otherwise)));
  return { x: cells('x', 0), y: cells('y', 0), width: cells('w', 12), height: cells('h', HEIGHT) };
}

function titleOf(panel: Given): string {
  return (asText(panel['title']) ?? `panel ${asText(panel['id']) ?? ''}`).trim().slice(0, 200);
}

function panelOf(given: Given, position: Position, work: Work): { panel?: Panel; why?: string } {
  const type = asText(given['type']) ?? 'graph';
  if (!GRAPHS.includes(type)) return { why: `a panel of type ${type.slice(0, 40)} is no graph` };
  const targets = targetsOf(asList(given['targets']).slice(0, TARGETS_MAX), work);
  if (targets.length === 0) return { why: 'it has no targets of Graphite' };
  const options = optionsOf(given);
  const from = asText(given['timeFrom']);
  const panel = {
    title: titleOf(given),
    targets,
    ...(Object.keys(options).length === 0 ? {} : { options }),
    position,
    ...(from === undefined ? {} : { range: { from: `-${from}`, until: 'now' } }),
  };
  const hidden = asList(given['targets']).length - targets.length;
  return hidden === 0
    ? { panel }
    : { panel, why: `${hidden} of its targets: hidden, or no Graphite's` };
}

/** Those that are shown, with the targets that they refer to. */
function targetsOf(given: readonly unknown[], work: Work): string[] {
  const all = given.flatMap((one): Given[] => {
    const object = asObject(one);
    return object === undefined ? [] : [object];
  });
  const byLetter = new Map(
    all.map((one) => [asText(one['refId']) ?? '', asText(one['target']) ?? '']),
  );
  return all.flatMap((one) => {
    const target = asText(one['targetFull']) ?? asText(one['target']);
    if (target === undefined || one['hide'] === true) return [];
    const whole = referred(target, byLetter, work);
    return whole === undefined ? [] : [inOurWords(whole)];
  });
}

/** A target with those that its `#A` stand for; undefined where that is too much. */
function referred(
  target: string,
  byLetter: ReadonlyMap<string, string>,
  work: Work,
): string | undefined {
  let whole = target;
  for (let turn = 0; turn < REFERENCES_MAX; turn++) {
    work.characters -= whole.length;
    if (whole.length > TARGET_LENGTH_MAX || work.characters < 0) return undefined;
    let length = whole.length;
    const next = whole.replaceAll(/#([A-Z]{1,2})\b/g, (mark, letter: string) => {
      const other = byLetter.get(letter) ?? mark;
      length += other.length;
      return length > 2 * TARGET_LENGTH_MAX ? '' : other;
    });
    if (length > 2 * TARGET_LENGTH_MAX) return undefined;
    if (next === whole) return whole;
    whole = next;
  }
  return undefined;
}

/** `${host:glob}` and `[[host]]` are `$host`; what Grafana makes of its own width is a minute. */
function inOurWords(text: string): string {
  return text
    .replaceAll(/\$\{(\w+)(?::\w+)?\}|\[\[(\w+)(?::\w+)?\]\]/g, (_, a?: string, b?: string) => {
      return `$${a ?? b}`;
    })
    .replaceAll(/\$__(?:rate_)?interval\b/g, '1min')
    .replaceAll(/\$__range\b/g, '1h');
}

/** As Graphite's own parameters of drawing. */
function optionsOf(given: Given): Record<string, unknown> {
  const defaults = asObject(asObject(given['fieldConfig'])?.['defaults']);
  const custom = asObject(defaults?.['custom']);
  const [axis] = asList(given['yaxes']).map(asObject);
  const stacking = asText(asObject(custom?.['stacking'])?.['mode']);
  const isStacked = given['stack'] === true || (stacking !== undefined && stacking !== 'none');
  const isFilled = (asNumber(custom?.['fillOpacity']) ?? asNumber(given['fill']) ?? 0) > 0;
  const least = asNumber(defaults?.['min']) ?? numberOf(axis?.['min']);
  const most = asNumber(defaults?.['max']) ?? numberOf(axis?.['max']);
  const base =
    asNumber(asObject(custom?.['scaleDistribution'])?.['log']) ?? numberOf(axis?.['logBase']);
  const unit = asText(defaults?.['unit']) ?? asText(axis?.['format']);
  const label = asText(custom?.['axisLabel']) ?? asText(axis?.['label']);
  const isZero = given['nullPointMode'] === 'null as zero';
  return {
    ...(given['type'] === 'heatmap' ? { heatmap: true } : {}),
    ...(isStacked ? { areaMode: 'stacked' } : isFilled ? { areaMode: 'all' } : {}),
    ...(least === undefined ? {} : { yMin: least }),
    ...(most === undefined ? {} : { yMax: most }),
    ...(base === undefined || base <= 1 ? {} : { logBase: base }),
    ...(unit === undefined ? {} : { unit }),
    ...(label === undefined ? {} : { vtitle: label }),
    ...(isZero ? { drawNullAsZero: true } : {}),
  };
}

function numberOf(value: unknown): number | undefined {
  const text = asText(value);
  return text === undefined || !Number.isFinite(Number(text)) ? undefined : Number(text);
}

function variablesOf(templating: Given | undefined, leftOut: LeftOut[]): Variable[] {
  const variables: Variable[] = [];
  for (const one of asList(templating?.['list'])) {
    const given = asObject(one);
    const name = asText(given?.['name']);
    if (given === undefined || name === undefined) continue;
    const variable = variableOf(name, given);
    if (variable === undefined || variables.length >= VARIABLES_MAX) {
      const type = (asText(given['type']) ?? 'unknown').slice(0, 40);
      leftOut.push({ title: `$${name.slice(0, 64)}`, why: `a variable of type ${type}` });
    } else variables.push(variable);
  }
  return variables;
}

function variableOf(name: string, given: Given): Variable | undefined {
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) return undefined;
  const { type } = given;
  const current = asObject(given['current'])?.['value'];
  const chosen = asText(Array.isArray(current) ? current[0] : current);
  const value = chosen === undefined || chosen === '$__all' ? undefined : chosen.slice(0, 1000);
  const picked = value === undefined ? {} : { value };
  const query = asText(given['query']) ?? asText(asObject(given['query'])?.['query']);
  if (type === 'query' && query !== undefined) {
    return { name, query: inOurWords(query).slice(0, 2000), ...picked };
  }
  if ((type === 'custom' || type === 'interval') && query !== undefined) {
    const values = query.split(',').map((text) => text.trim().slice(0, 1000));
    return { name, values: values.filter(Boolean).slice(0, 1000), ...picked };
  }
  if (type !== 'constant' && type !== 'textbox') return undefined;
  return { name, values: [query ?? ''], value: query ?? '' };
}

/** `now-6h` is `-6h` here. */
function rangeOf(from: string | undefined, time: Given | undefined): Range | undefined {
  if (from === undefined) return undefined;
  const until = asText(time?.['to']) ?? 'now';
  const ours = (text: string): string => text.replace(/^now(?=-)/, '').slice(0, 100);
  return { from: ours(from), until: ours(until) };
}
