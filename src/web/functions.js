/** The render functions as the server describes them, asked once. */
import { ask } from './ask.js';

/**
 * @typedef {object} Param
 * @property {string} name
 * @property {string} type
 * @property {boolean} [required]
 * @property {boolean} [multiple]
 * @property {(string | number | boolean | null)[]} [options]
 * @property {(string | number)[]} [suggestions]
 * @property {string | number | boolean | null} [default]
 *
 * @typedef {object} Described
 * @property {string} name
 * @property {string} function its signature
 * @property {string} description
 * @property {string} group
 * @property {Param[]} params
 */

/** @type {Promise<Map<string, Described>> | undefined} */
let asked;

/** By name. */
export function functions() {
  asked ??= ask('functions', { all: 1 }).then(
    (all) => new Map(Object.entries(all)),
    (error) => {
      asked = undefined;
      throw error;
    },
  );
  return asked;
}

/**
 * The parameter that an argument is for; the last one may take all that follow.
 *
 * @param {Described | undefined} described
 * @param {number} index
 * @returns {Param | undefined}
 */
export function paramAt(described, index) {
  const params = described?.params ?? [];
  const last = params.at(-1);
  return params[index] ?? (last?.multiple === true ? last : undefined);
}

/** @param {Param | undefined} param */
export function takesSeries(param) {
  return param !== undefined && /^(seriesLists?|timers|any)$/.test(param.type);
}

/**
 * The first paragraph of a description.
 *
 * @param {Described} described
 */
export function firstWords({ description }) {
  const text = (description.split(/\n\s*\n/)[0] ?? '').replace(/\s+/g, ' ').trim();
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
