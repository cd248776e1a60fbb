/** How a drawing looks: lines, areas, nulls, scale, unit, events, points; by Graphite's names. */
import { make } from './dom.js';
import { changeView, view } from './view.js';

/** @typedef {keyof typeof import('./view.js').DEFAULTS} Name */

const CHOICES = /** @type {[Name, string, [string, string][]][]} */ ([
  [
    'lineMode',
    'Lines',
    [
      ['slope', 'with gaps'],
      ['connected', 'connected over gaps'],
      ['staircase', 'staircase'],
    ],
  ],
  [
    'areaMode',
    'Areas',
    [
      ['none', 'none'],
      ['first', 'under the first'],
      ['all', 'under all'],
      ['stacked', 'stacked'],
    ],
  ],
  [
    'drawNullAsZero',
    'Nulls',
    [
      ['', 'as nothing'],
      ['true', 'as zero'],
    ],
  ],
  [
    'logBase',
    'Scale',
    [
      ['', 'even'],
      ['10', 'logarithmic, base 10'],
      ['2', 'logarithmic, base 2'],
    ],
  ],
  [
    'yUnitSystem',
    'Unit',
    [
      ['si', 'k, M, G'],
      ['binary', 'Ki, Mi, Gi'],
      ['msec', 'milliseconds'],
      ['sec', 'seconds'],
      ['none', 'plain numbers'],
    ],
  ],
  [
    'maxDataPoints',
    'Points',
    [
      ['', 'one a pixel'],
      ['100', 'at most 100'],
      ['10000', 'at most 10 000'],
      ['1000000', 'all'],
    ],
  ],
  [
    'events',
    'Events',
    [
      ['', 'marked'],
      ['off', 'not shown'],
    ],
  ],
]);

export function lookMenu() {
  const sheet = make('div', { class: 'sheet look' });
  const menu = make(
    'details',
    {
      class: 'menu end',
      ontoggle: () => {
        if (menu.open)
          sheet.replaceChildren(...CHOICES.map(choice), limit('yMin', 'From'), limit('yMax', 'To'));
      },
    },
    make('summary', {}, 'Look'),
    sheet,
  );
  return menu;
}

/** @param {[Name, string, [string, string][]]} of */
function choice([name, title, values]) {
  const select = make(
    'select',
    {
      onchange: () => {
        changeView({ [name]: select.value });
      },
    },
    ...values.map(([value, text]) =>
      make('option', { value, selected: view()[name] === value }, text),
    ),
  );
  return make('label', {}, title, select);
}

/**
 * An end of the axis.
 *
 * @param {'yMin' | 'yMax'} name
 * @param {string} title
 */
function limit(name, title) {
  const input = make('input', {
    value: view()[name],
    placeholder: 'as the values are',
    inputmode: 'decimal',
  });
  input.addEventListener('change', () => changeView({ [name]: input.value.trim() }));
  return make('label', {}, title, input);
}
