/**
 * Variables of a dashboard: `$host` in targets stands for the value that is chosen, or for several as
 * `{a,b}`. Values are the last nodes that a pattern of find leads to, or those that it lists.
 */
import { ask } from './ask.js';
import { make } from './dom.js';
import { quoteName } from './grammar.js';
import { changeView, view } from './view.js';

const VALUES_MAX = 500;

/** @typedef {import('./dashboard-store.js').Variable} Variable */

/**
 * @param {Variable} variable
 * @param {Record<string, string>} chosen values of other variables, which its query may name
 * @returns {Promise<string[]>}
 */
async function valuesOf({ query = '', values = [] }, chosen) {
  if (query === '') return values;
  /** @type {{ text: string }[]} */
  const nodes = await ask('metrics/find', { query: withValues(query, chosen) });
  return [...new Set(nodes.map(({ text }) => text))].slice(0, VALUES_MAX);
}

/**
 * The chosen values by name; where none is chosen, all of them.
 *
 * @param {readonly Variable[]} variables
 * @returns {Record<string, string>} as they are written into targets
 */
export function chosenValues(variables) {
  return Object.fromEntries(
    variables.map(({ name, value = '*' }) => {
      const chosen = view().variables[name] ?? [value];
      const written = chosen.map((one) => (one === '*' ? '*' : quoteName(one)));
      return [name, written.length === 1 ? (written[0] ?? '*') : `{${written.join(',')}}`];
    }),
  );
}

/**
 * A text with variables in it.
 *
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function withValues(text, values) {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (written, braced, bare) => {
    const name = braced ?? bare;
    return values[name] ?? written;
  });
}

/**
 * A list to choose from.
 *
 * @param {Variable} variable
 * @param {readonly Variable[]} all
 */
export function chooser(variable, all) {
  const { name, value = '*' } = variable;
  const chosen = view().variables[name] ?? [value];
  const select = make('select', {
    'aria-label': name,
    onchange: () => {
      const { variables } = view();
      changeView({ variables: { ...variables, [name]: [select.value] } });
    },
  });
  /** @param {string[]} values */
  const show = (values) => {
    const texts = [...new Set(['*', ...chosen, ...values])];
    select.replaceChildren(
      ...texts.map((text) =>
        make('option', { value: text, selected: text === chosen[0] }, text === '*' ? 'all' : text),
      ),
    );
  };
  show([]);
  void valuesOf(variable, chosenValues(all)).then(show, () => {
    select.title = 'its values could not be read';
  });
  return make('label', { class: 'variable' }, name, select);
}
