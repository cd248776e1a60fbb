/** The variables of a dashboard while it is edited: a line each, and one more. */
import { make } from './dom.js';

/** @typedef {import('./dashboard-store.js').Variable} Variable */

/**
 * @param {readonly Variable[]} variables
 * @param {(changed: Variable[]) => void} become
 */
export function variableList(variables, become) {
  const rows = variables.map((variable, i) =>
    make(
      'li',
      { class: 'bar' },
      field('name', variable.name, (name) =>
        become(variables.map((one, j) => (i === j ? { ...one, name } : one))),
      ),
      field('pattern of names', variable.query ?? '', (query) =>
        become(variables.map((one, j) => (i === j ? { ...one, query } : one))),
      ),
      make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          title: 'Remove this variable',
          onclick: () => become(variables.filter((_, j) => i !== j)),
        },
        '✕',
      ),
    ),
  );
  const more = { name: `v${variables.length + 1}`, query: 'stats.*' };
  return make(
    'details',
    { class: 'variables', open: variables.length > 0 },
    make('summary', { class: 'quiet' }, 'Variables'),
    make('ul', {}, ...rows),
    make(
      'button',
      { type: 'button', class: 'quiet', onclick: () => become([...variables, more]) },
      '+ variable',
    ),
    make(
      'p',
      { class: 'note' },
      '$name in targets and titles stands for the value that is chosen.',
    ),
  );
}

/**
 * @param {string} title
 * @param {string} value
 * @param {(text: string) => void} become
 */
function field(title, value, become) {
  /** @type {HTMLInputElement} */
  const input = make('input', {
    value,
    placeholder: title,
    'aria-label': title,
    onchange: () => become(input.value.trim()),
  });
  return input;
}
