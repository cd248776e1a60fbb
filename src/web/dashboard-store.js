/**
 * Dashboards as the server keeps them, a document an id, with the label that keeps one writer from
 * overwriting what another has changed meanwhile. Those that come with tallyd can be read only; what
 * is changed of them is kept under another id.
 */
import { ask, send } from './ask.js';
import { DEFAULTS, DRAWING, parseView } from './view.js';

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string[]} targets
 * @property {Record<string, unknown>} [options] parameters of drawing by their names in the view
 * @property {{ x: number, y: number, width: number, height: number }} [position] in cells, 24 across
 *
 * @typedef {object} Variable `$name` in targets
 * @property {string} name
 * @property {string} [query] pattern of find whose last nodes are its values
 * @property {string[]} [values]
 * @property {string} [value] that is taken first
 *
 * @typedef {object} Dashboard
 * @property {string} title
 * @property {Variable[]} variables
 * @property {Panel[]} panels
 * @property {{ from: string, until: string }} [range]
 *
 * @typedef {object} Listed
 * @property {string} id
 * @property {string} title
 * @property {number} panels
 * @property {boolean} isShipped
 */

export const GRID_WIDTH = 24;
/** Of a panel that does not say. */
const USUAL = { width: 12, height: 8 };
/** What a panel keeps of a view beside its targets. */
const KEPT = /** @type {const} */ ([...DRAWING, 'heat']);

/** @returns {Promise<Listed[]>} */
export async function listDashboards() {
  return (await ask('dashboards')).dashboards;
}

/**
 * @param {string} id
 * @returns {Promise<{ dashboard: Dashboard, label: string }>}
 */
export async function readDashboard(id) {
  const { value, label } = await send('GET', pathOf(id));
  return { dashboard: value, label };
}

/**
 * Answers the label of what is kept now. Throws a Failure of status 412 where somebody else has
 * changed it since `label`.
 *
 * @param {string} id
 * @param {Dashboard} dashboard
 * @param {string} label '' for a new one, `*` to overwrite whatever is there
 */
export async function writeDashboard(id, dashboard, label) {
  /** @type {Record<string, string>} */
  const condition = label === '' ? { 'if-none-match': '*' } : { 'if-match': label };
  const { value } = await send('PUT', pathOf(id), dashboard, condition);
  return /** @type {string} */ (value.etag);
}

/**
 * @param {string} id
 * @param {string} label
 */
export async function removeDashboard(id, label) {
  await send('DELETE', pathOf(id), undefined, { 'if-match': label });
}

/**
 * A dashboard of what somebody has: JSON of Grafana's, graphite-web's or tallyd's, or URLs of /render.
 *
 * @param {string} text
 * @returns {Promise<{ dashboard: Dashboard, leftOut: { title: string, why: string }[] }>}
 */
export async function convertDashboard(text) {
  return (await send('POST', 'dashboards/convert', text)).value;
}

/** @param {string} id */
function pathOf(id) {
  return `dashboards/${encodeURIComponent(id)}`;
}

/**
 * An id for a title that no other dashboard has: what an address shows as it is.
 *
 * @param {string} title
 */
export async function freeId(title) {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  const taken = new Set(['', 'convert', ...(await listDashboards()).map(({ id }) => id)]);
  let id = words;
  for (let i = 2; taken.has(id); i++) id = `${words || 'dashboard'}-${i}`;
  return id;
}

/**
 * What is seen as a panel.
 *
 * @param {import('./view.js').View} view
 * @param {string} title
 * @returns {Panel}
 */
export function panelOf(view, title) {
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of KEPT) if (view[name] !== DEFAULTS[name]) options[name] = view[name];
  for (const name of /** @type {const} */ (['off', 'hide'])) {
    if (view[name].length > 0) options[name] = view[name];
  }
  return { title, targets: view.target, options };
}

/**
 * A panel as it is seen in the explorer.
 *
 * @param {Panel} panel
 */
export function viewOf({ targets, options = {} }) {
  const params = new URLSearchParams(targets.map((target) => ['target', target]));
  for (const [name, value] of Object.entries(options)) {
    const isUsed = name in DEFAULTS || name === 'off' || name === 'hide';
    if (!isUsed || value === false || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  return parseView(params.toString());
}

/**
 * Panels in the order and with the places that a reader sees them in: rows from left to right.
 *
 * @param {readonly Panel[]} panels
 * @returns {Panel[]}
 */
export function inOrder(panels) {
  /** @param {Panel} panel */
  const place = ({ position }) => (position === undefined ? 1e9 : position.y * 1000 + position.x);
  return [...panels].sort((a, b) => place(a) - place(b));
}

/**
 * Panels as they follow each other, with the places that follow from it.
 *
 * @param {readonly Panel[]} panels
 * @returns {Panel[]}
 */
export function placed(panels) {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel) => {
    const { width, height } = sizeOf(panel);
    if (x + width > GRID_WIDTH) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const position = { x, y, width, height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { ...panel, position };
  });
}

/** @param {Panel} panel */
export function sizeOf({ position = { x: 0, y: 0, ...USUAL } }) {
  const { width, height } = position;
  return { width: Math.min(Math.max(width, 1), GRID_WIDTH), height: Math.max(height, 3) };
}
