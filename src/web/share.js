/**
 * What is seen, to take elsewhere: the address of this view, Graphite's URLs of the picture and of the
 * data, curl, a panel for Grafana.
 */
import { query } from './ask.js';
import { make, say } from './dom.js';
import { expandReferences, letterOf } from './grammar.js';
import { ZONE } from './series.js';
import { DEFAULTS, DRAWING, view } from './view.js';

/** Parameters of the view that `/render` has too, beside targets. */
const DRAWN = /** @type {const} */ (['from', 'until', ...DRAWING]);
const SIZE = { width: 1200, height: 500 };

/** Targets that are on, without references by letter. */
function targets() {
  const { target, off } = view();
  return target
    .map((_, i) => ({ letter: letterOf(i), text: safely(target, i) }))
    .filter(({ letter }) => !off.includes(letter));
}

/**
 * @param {string[]} all
 * @param {number} index
 */
function safely(all, index) {
  try {
    return expandReferences(all, index);
  } catch {
    return all[index] ?? '';
  }
}

/**
 * The whole URL of `/render` for what is seen.
 *
 * @param {string} format
 */
function renderUrl(format) {
  const isPicture = format === 'png' || format === 'svg';
  /** @type {Record<string, import('./ask.js').Value>} */
  const values = { target: targets().map(({ text }) => text) };
  for (const name of DRAWN) {
    const isRange = name === 'from' || name === 'until';
    if (isRange || (isPicture && view()[name] !== DEFAULTS[name])) values[name] = view()[name];
  }
  Object.assign(values, { tz: ZONE, ...(isPicture ? SIZE : {}), format });
  const base = location.href.replace(/[#?].*$/, '').replace(/[^/]*$/, '');
  return `${base}render?${query(values)}`;
}

/** A panel as Grafana takes it by paste. */
function grafanaPanel() {
  const { lineMode, areaMode, logBase, drawNullAsZero } = view();
  const custom = {
    lineInterpolation: lineMode === 'staircase' ? 'stepAfter' : 'linear',
    spanNulls: lineMode === 'connected',
    fillOpacity: areaMode === 'none' ? 0 : 30,
    stacking: { mode: areaMode === 'stacked' ? 'normal' : 'none', group: 'A' },
    scaleDistribution: logBase === '' ? { type: 'linear' } : { type: 'log', log: Number(logBase) },
  };
  const panel = {
    type: 'timeseries',
    title: targets()[0]?.text ?? '',
    datasource: { type: 'graphite' },
    gridPos: { h: 9, w: 12, x: 0, y: 0 },
    targets: targets().map(({ letter, text }) => ({ refId: letter, target: text })),
    fieldConfig: {
      defaults: { custom, ...(drawNullAsZero === '' ? {} : { noValue: '0' }) },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', calcs: ['min', 'max', 'mean', 'last'] },
    },
  };
  return JSON.stringify(panel, null, 2);
}

export function shareMenu() {
  const sheet = make('div', { class: 'sheet share' });
  const menu = make(
    'details',
    {
      class: 'menu end',
      ontoggle: () => {
        if (menu.open) sheet.replaceChildren(...items());
      },
    },
    make('summary', {}, 'Share'),
    sheet,
  );
  /**
   * @param {string} text
   * @param {() => string} content
   */
  const copy = (text, content) =>
    make(
      'button',
      {
        type: 'button',
        class: 'item',
        onclick: async () => {
          menu.open = false;
          await copyText(content());
          say(`${text}: copied`);
        },
      },
      text,
    );
  /** @param {string} format */
  const link = (format) =>
    make('a', { href: renderUrl(format), target: '_blank', rel: 'noopener' }, format.toUpperCase());
  const items = () => [
    make('h3', {}, 'Copy'),
    copy('Link to this view', () => location.href),
    copy('Graphite URL', () => renderUrl('png')),
    copy('curl', () => `curl ${shellQuoted(renderUrl('json'))}`),
    copy('Grafana panel', grafanaPanel),
    make('h3', {}, 'Open as'),
    make('p', { class: 'links' }, ...['json', 'csv', 'png', 'svg'].map(link)),
  ];
  return menu;
}

/** @param {string} text */
function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The clipboard is there on https and on this machine alone; elsewhere by the older way.
 *
 * @param {string} text
 */
async function copyText(text) {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = make('textarea', { readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
