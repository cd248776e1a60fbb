/**
 * What is seen, as the address after `#` holds it, so that back, forward, reload and a link lead to
 * the same view. Parameters have the names that `/render` has for them, which makes the link of a
 * picture the same text:
 *
 *     #target=stats.a&target=scale(#A,2)&from=-6h&off=1&areaMode=stacked
 */

/** Of one value each, as they are when the address does not say. */
export const DEFAULTS = {
  page: 'explore',
  dashboard: '',
  from: '-1h',
  until: 'now',
  lineMode: 'slope',
  areaMode: 'none',
  logBase: '',
  drawNullAsZero: '',
  yUnitSystem: 'si',
  yMin: '',
  yMax: '',
  maxDataPoints: '',
  heat: '',
  see: '',
  sort: '',
  live: 'on',
  events: '',
};

/** Those of them that say how a chart is drawn. */
export const DRAWING = /** @type {const} */ ([
  'lineMode',
  'areaMode',
  'logBase',
  'drawNullAsZero',
  'yUnitSystem',
  'yMin',
  'yMax',
]);

/**
 * @typedef {typeof DEFAULTS & {
 *   target: string[],
 *   off: string[],
 *   hide: string[],
 *   variables: Record<string, string[]>,
 * }} View
 */

const LISTS = /** @type {const} */ (['target', 'off', 'hide']);
/** What names a value of a dashboard's variable. */
const VARIABLE = 'var-';

/**
 * @param {string} text of parameters
 * @returns {View}
 */
export function parseView(text) {
  const params = new URLSearchParams(text);
  /** @type {Record<string, string[]>} */
  const variables = {};
  for (const name of params.keys()) {
    if (name.startsWith(VARIABLE)) variables[name.slice(VARIABLE.length)] = params.getAll(name);
  }
  /** @type {Record<string, string>} */
  const single = {};
  for (const [name, usual] of Object.entries(DEFAULTS)) single[name] = params.get(name) ?? usual;
  return {
    .../** @type {typeof DEFAULTS} */ (single),
    target: params.getAll('target').filter((target) => target.trim() !== ''),
    off: params.getAll('off'),
    hide: params.getAll('hide'),
    variables,
  };
}

/**
 * What a saved URL of Graphite's shows; undefined where a text is none.
 *
 * @param {string} text
 * @returns {View | undefined}
 */
export function viewOfUrl(text) {
  const query = /^(?:https?:\/\/\S*|\/?render)\?(\S*)$/.exec(text.trim())?.[1];
  const pasted = query === undefined ? undefined : parseView(query);
  return pasted === undefined || pasted.target.length === 0 ? undefined : pasted;
}

/**
 * @param {View} view
 * @returns {string} its parameters
 */
export function viewText(view) {
  const params = new URLSearchParams();
  for (const name of LISTS) for (const value of view[name]) params.append(name, value);
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = view[/** @type {keyof typeof DEFAULTS} */ (name)];
    if (value !== usual) params.set(name, value);
  }
  for (const [name, values] of Object.entries(view.variables)) {
    for (const value of values) params.append(`${VARIABLE}${name}`, value);
  }
  // What need not be escaped after `#` is easier to read as it is.
  return params
    .toString()
    .replace(/%(28|29|2C|2A|7B|7D|3B)/g, (escaped) => decodeURIComponent(escaped));
}

/** @type {View} */
let current = parseView(location.hash.slice(1));

/** @type {Set<(view: View, before: View) => void>} */
const listeners = new Set();

export function view() {
  return current;
}

/**
 * Calls whenever the view changes, until what it answers is called.
 *
 * @param {(view: View, before: View) => void} listener
 */
export function onView(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Changes parts of the view. `quietly`: without a step that the back button takes, for what is tried
 * often, such as the order of a table.
 *
 * @param {Partial<View>} changes
 * @param {{ quietly?: boolean }} [how]
 */
export function changeView(changes, { quietly = false } = {}) {
  const before = current;
  current = { ...current, ...changes };
  const text = viewText(current);
  if (text === viewText(before)) return;
  const url = `#${text}`;
  if (quietly) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  tell(before);
}

/** @param {View} before */
function tell(before) {
  for (const listener of Array.from(listeners)) listener(current, before);
}

function readAddress() {
  const before = current;
  current = parseView(location.hash.slice(1));
  if (viewText(current) !== viewText(before)) tell(before);
}
addEventListener('popstate', readAddress);
addEventListener('hashchange', readAddress);
