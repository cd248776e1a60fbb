/**
 * Functions by menu, so that nobody must know the grammar to begin: what is usually wanted first, each
 * with what it writes; then every function there is, by any part of its name or help.
 */
import { fill, make } from './dom.js';
import { firstWords, functions, paramAt, takesSeries } from './functions.js';
import { outermost, wrap } from './grammar.js';
import { percentilesOf, timerOf } from './heatmap.js';
import { changeView } from './view.js';

/**
 * @typedef {object} Row of the list of targets, as the menu acts on it
 * @property {() => string} read
 * @property {(target: string) => void} write
 * @property {(target: string) => void} add one more
 */

/** What is written around a target (`#`), by what it is good for. */
const USUAL = /** @type {const} */ ([
  ['Sum of all', 'sumSeries(#)'],
  ['Average of all', 'averageSeries(#)'],
  ['Ten highest', 'highestMax(#,10)'],
  ['Per second, of a count that grows', 'perSecond(#)'],
  ['Smoothed over 5 minutes', "movingAverage(#,'5min')"],
  ['Sum of each hour', "summarize(#,'1h','sum')"],
  ['Share in percent', 'asPercent(#)'],
  ['Measured at the right axis', 'secondYAxis(#)'],
]);
const FOUND_MAX = 40;

/** @param {Row} row */
export function functionMenu(row) {
  const sheet = make('div', { class: 'sheet functions' });
  const menu = make(
    'details',
    {
      class: 'menu end',
      ontoggle: () => {
        if (menu.open) show();
        else fill(sheet);
      },
    },
    make('summary', { title: 'Functions', 'aria-label': 'Functions', class: 'quiet' }, 'ƒ'),
    sheet,
  );
  const close = () => {
    menu.open = false;
  };
  const show = () => {
    const found = make('div');
    const input = make('input', {
      type: 'search',
      placeholder: 'any of all functions',
      'aria-label': 'Find a function',
      oninput: () => void list(found, input.value.trim(), row, close),
    });
    fill(sheet, input, found);
    void list(found, '', row, close);
    input.focus();
  };
  return menu;
}

/**
 * @param {HTMLElement} host
 * @param {string} text
 * @param {Row} row
 * @param {() => void} close
 */
async function list(host, text, row, close) {
  if (text === '') {
    fill(host, ...usual(row, close));
    return;
  }
  const small = text.toLowerCase();
  const found = [...(await functions()).values()]
    .filter((one) => takesSeries(paramAt(one, 0)))
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(small))
    .sort((a, b) => place(a.name, small) - place(b.name, small));
  const items = found.slice(0, FOUND_MAX).map((one) =>
    item(one.name, firstWords(one), () => {
      close();
      row.write(wrap(row.read(), callOf(one)));
    }),
  );
  const left = found.length - items.length;
  fill(
    host,
    ...items,
    found.length === 0 ? make('p', { class: 'note' }, 'no function of this name') : undefined,
    left > 0 ? make('p', { class: 'note' }, `${items.length} of ${found.length} shown`) : undefined,
  );
}

/**
 * @param {string} name
 * @param {string} text
 */
function place(name, text) {
  const at = name.toLowerCase().indexOf(text);
  return at === -1 ? 1000 : at;
}

/**
 * A call with all that must be given: the first of what is suggested.
 *
 * @param {import('./functions.js').Described} described
 */
function callOf({ name, params }) {
  const rest = params.slice(1).filter(({ required }) => required);
  const given = rest.map((param) => {
    const value =
      param.options?.[0] ?? param.suggestions?.[0] ?? param.default ?? usualValue(param.type);
    return typeof value === 'number' ? value : `'${value}'`;
  });
  return `${name}(${['#', ...given].join(',')})`;
}

/** @param {string} type */
function usualValue(type) {
  if (/^(integer|float|node|nodeOrTag|intOrInf)$/.test(type)) return 1;
  return /nterval|date/.test(type) ? '1h' : '';
}

/**
 * @param {Row} row
 * @param {() => void} close
 */
function usual(row, close) {
  const target = row.read();
  /** @param {string} changed */
  const write = (changed) => {
    close();
    row.write(changed);
  };
  const timer = timerOf(target);
  const around = outermost(target);
  return [
    ...USUAL.map(([title, call]) => item(title, call, () => write(wrap(target, call)))),
    item('Beside it a week ago', "timeShift(#,'7d')", () => {
      close();
      row.add(wrap(target, "timeShift(#,'7d')"));
    }),
    ...byNode(target, write),
    make('h3', {}, 'Of a timer'),
    item('99th percentile of each', 'timerPercentile(…,99)', () =>
      write(`timerPercentile(${timer},99)`),
    ),
    item('Percentiles of all together', 'timerPercentiles(timerMerge(…),50,90,99)', () =>
      write(percentilesOf(timer)),
    ),
    item('Distribution as a heatmap', 'timerHistogram(…)', () => {
      close();
      changeView({ heat: timer });
    }),
    ...(around === undefined
      ? []
      : [
          make('h3', {}, 'Undo'),
          item(`Without ${around.name}`, around.first, () => write(around.first)),
        ]),
  ];
}

/**
 * Sums and names by one node of the path.
 *
 * @param {string} target
 * @param {(target: string) => void} write
 */
function byNode(target, write) {
  const nodes = (/[^\s(),'"|]+\.[^\s(),'"|]+/.exec(target)?.[0] ?? '').split('.');
  if (nodes.length < 2) return [];
  /** @param {(node: number) => string} call */
  const row = (call) =>
    make(
      'div',
      { class: 'nodes' },
      ...nodes.map((text, i) =>
        make(
          'button',
          { type: 'button', title: call(i), onclick: () => write(wrap(target, call(i))) },
          text,
        ),
      ),
    );
  return [
    make('h3', {}, 'Sum by node'),
    row((i) => `groupByNode(#,${i},'sum')`),
    make('h3', {}, 'Name by node'),
    row((i) => `aliasByNode(#,${i})`),
  ];
}

/**
 * @param {string} title
 * @param {string} note
 * @param {() => void} onclick
 */
function item(title, note, onclick) {
  return make('button', { type: 'button', class: 'item', onclick }, title, make('small', {}, note));
}
