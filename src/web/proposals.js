/**
 * What may stand at the cursor of a target: names from the tree, functions, tags and their values,
 * and what a parameter takes.
 */
import { ask } from './ask.js';
import { functions, paramAt, takesSeries } from './functions.js';
import { quoteName } from './grammar.js';

/**
 * @typedef {object} Proposal
 * @property {string} text as it is shown
 * @property {string} insert in the place of what is written
 * @property {string} kind
 * @property {string} note
 * @property {boolean} goesOn whether something is to be written behind it
 */

const NAMES_MAX = 60;
const FUNCTIONS_MAX = 30;

/**
 * @param {import('./cursor.js').Cursor} cursor
 * @param {AbortSignal} signal
 * @returns {Promise<Proposal[]>}
 */
export async function proposals({ kind, word, call }, signal) {
  const known = await functions();
  const param = call === undefined ? undefined : paramAt(known.get(call.name), call.index);
  if (call?.name === 'seriesByTag') return kind === 'text' ? tags(word, call.texts, signal) : [];
  const values = [...(param?.options ?? []), ...(param?.suggestions ?? [])];
  if (values.length > 0) return valuesOf(values, word, kind === 'text');
  if (param?.type === 'boolean') return valuesOf(['true', 'false'], word, true);
  if (kind !== 'path' || (call !== undefined && known.has(call.name) && !takesSeries(param)))
    return [];
  const small = word.toLowerCase();
  const called = [...known.values()]
    .filter(({ name }) => small !== '' && name.toLowerCase().includes(small))
    .sort((a, b) => rank(a.name, small) - rank(b.name, small) || (a.name < b.name ? -1 : 1))
    .slice(0, FUNCTIONS_MAX)
    .map((described) => ({
      text: described.name,
      insert: `${described.name}(`,
      kind: 'ƒ',
      note: described.group,
      goesOn: true,
    }));
  return [...(await names(word, signal)), ...called];
}

/**
 * @param {string} name
 * @param {string} word
 */
function rank(name, word) {
  return name.toLowerCase().startsWith(word) ? 0 : 1;
}

/**
 * @param {string} word
 * @param {AbortSignal} signal
 * @returns {Promise<Proposal[]>}
 */
async function names(word, signal) {
  // Braces that are not closed yet find nothing.
  if (word.lastIndexOf('{') > word.lastIndexOf('}')) return [];
  const plain = word.replace(/\\(.)/g, '$1');
  const base = word.slice(0, word.lastIndexOf('.') + 1);
  /** @type {{ text: string, leaf: number }[]} */
  const nodes = await ask('metrics/find', { query: `${plain}*` }, signal);
  const proposed = nodes.slice(0, NAMES_MAX).map(({ text, leaf }) => ({
    text,
    insert: `${base}${quoteName(text)}${leaf ? '' : '.'}`,
    kind: leaf ? '•' : '›',
    note: '',
    goesOn: leaf === 0,
  }));
  if (nodes.length < 2 || !word.endsWith('.')) return proposed;
  const isLeaf = nodes.every(({ leaf }) => leaf === 1);
  const all = { text: '*', insert: `${base}*${isLeaf ? '' : '.'}`, kind: '*', goesOn: !isLeaf };
  return [{ ...all, note: `all ${nodes.length}` }, ...proposed];
}

/**
 * Inside a text of seriesByTag: a tag, and after its operator a value.
 *
 * @param {string} word
 * @param {readonly string[]} before expressions that stand before it, with their quotes
 * @param {AbortSignal} signal
 * @returns {Promise<Proposal[]>}
 */
async function tags(word, before, signal) {
  const [, tag, operator, value] = /^([^!=]+)(!?=~?)(.*)$/.exec(word) ?? [];
  const expr = before.map((text) => text.slice(1, -1));
  if (tag === undefined) {
    const asked = { tagPrefix: word, expr, limit: NAMES_MAX };
    const found = await ask('tags/autoComplete/tags', asked, signal);
    return found.map((/** @type {string} */ name) => ({
      text: name,
      insert: `${name}=`,
      kind: 'tag',
      note: '',
      goesOn: true,
    }));
  }
  const asked = { tag, valuePrefix: value, expr, limit: NAMES_MAX };
  const found = await ask('tags/autoComplete/values', asked, signal);
  return found.map((/** @type {string} */ text) => ({
    text,
    insert: `${tag}${operator}${text}`,
    kind: 'value',
    note: tag,
    goesOn: false,
  }));
}

/**
 * @param {(string | number | boolean | null)[]} values
 * @param {string} word
 * @param {boolean} isBare whether no quotes are to be put around texts
 * @returns {Proposal[]}
 */
function valuesOf(values, word, isBare) {
  const small = word.replace(/^['"]/, '').toLowerCase();
  return [...new Set(values.map(String))]
    .filter((text) => text.toLowerCase().startsWith(small))
    .map((text) => ({
      text,
      insert: isBare || /^-?[\d.]+$/.test(text) ? text : `'${text}'`,
      kind: '',
      note: '',
      goesOn: false,
    }));
}
