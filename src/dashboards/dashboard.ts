/**
 * A dashboard as JSON: what is kept, what `/dashboards` takes and answers, and what is made of others'
 * dashboards.
 *
 *     { "title": "Shop",
 *       "range": { "from": "-6h", "until": "now" },
 *       "variables": [ { "name": "host", "query": "stats.timers.*", "values": ["web01"], "value": "web01" } ],
 *       "panels": [
 *         { "title": "Latency", "targets": ["stats.timers.$host.latency.upper_90"],
 *           "options": { "areaMode": "stacked", "yMin": 0 },
 *           "position": { "x": 0, "y": 0, "width": 12, "height": 8 } } ] }
 *
 * A variable stands as `$host` in targets, titles and other variables' queries; its values are the last
 * nodes that `query` finds, or `values`. Positions are cells of a grid 24 wide. `options` are Graphite's
 * own parameters of drawing by their names, and whatever a page keeps beside them. A panel may have a
 * `range` of its own. Members that are not known are kept as they are.
 */
import { isNestedTooDeeply } from '../lib/nesting.ts';

export interface Range {
  from: string;
  until: string;
}

export interface Variable {
  name: string;
  /** A find pattern; values are the last nodes of what it matches. */
  query?: string;
  /** To choose from where there is no query. */
  values?: string[];
  /** Chosen. */
  value?: string;
}

export interface Panel {
  title: string;
  targets: string[];
  options?: Record<string, unknown>;
  position?: { x: number; y: number; width: number; height: number };
  range?: Range;
}

export interface Dashboard {
  title: string;
  range?: Range;
  variables: Variable[];
  panels: Panel[];
}

export const GRID_WIDTH = 24;
/** Bytes of one dashboard. */
export const DASHBOARD_BYTES_MAX = 512 * 1024;
export const PANELS_MAX = 200;
export const TARGETS_MAX = 100;
export const VARIABLES_MAX = 50;
const DEPTH_MAX = 20;

const text = (most: number, description: string): object => ({
  type: 'string',
  maxLength: most,
  description: `${description} of up to ${most} characters`,
});
const RANGE = {
  type: 'object',
  properties: { from: text(100, 'a time'), until: text(100, 'a time') },
  required: ['from', 'until'],
  description: 'an object with "from" and "until"',
};
const CELLS = {
  type: 'integer',
  minimum: 0,
  maximum: 10_000,
  description: 'cells from 0 to 10000',
};

/** What fastify checks of one that comes in. */
export const DASHBOARD_SCHEMA = {
  type: 'object',
  description: 'a dashboard: an object with "title" and "panels"',
  properties: {
    title: { ...text(200, 'a text'), minLength: 1 },
    range: RANGE,
    variables: {
      type: 'array',
      maxItems: VARIABLES_MAX,
      description: 'a list of variables',
      items: {
        type: 'object',
        description: 'an object with "name"',
        properties: {
          name: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$', description: 'a word' },
          query: text(2000, 'a pattern of names'),
          values: {
            type: 'array',
            maxItems: 1000,
            items: text(1000, 'a text'),
            description: 'a list of texts',
          },
          value: text(1000, 'a text'),
        },
        required: ['name'],
      },
    },
    panels: {
      type: 'array',
      maxItems: PANELS_MAX,
      description: 'a list of panels',
      items: {
        type: 'object',
        description: 'an object with "title" and "targets"',
        properties: {
          title: text(200, 'a text'),
          targets: {
            type: 'array',
            maxItems: TARGETS_MAX,
            items: text(20_000, 'a target'),
            description: 'a list of targets',
          },
          options: { type: 'object', description: 'an object' },
          position: {
            type: 'object',
            properties: { x: CELLS, y: CELLS, width: CELLS, height: CELLS },
            required: ['x', 'y', 'width', 'height'],
            description: 'an object with "x", "y", "width" and "height"',
          },
          range: RANGE,
        },
        required: ['title', 'targets'],
      },
    },
  },
  required: ['title', 'panels'],
};

/** As it is kept: what the schema holds for valid, with lists for what was left out. */
export function completeDashboard(given: Partial<Dashboard> & Pick<Dashboard, 'title'>): Dashboard {
  return { ...given, variables: given.variables ?? [], panels: given.panels ?? [] };
}

/** Whether it nests so deeply that nobody draws it. */
export function isTooDeep(dashboard: unknown): boolean {
  return isNestedTooDeeply(dashboard, DEPTH_MAX);
}
