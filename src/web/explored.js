/** Questions by tags in the find box: `service=shop stat=upper_99 by host` is a line each, or all at once. */
import { ask } from './ask.js';

/** More lines than these at once are no chart to read. */
const TOGETHER_MAX = 40;

/**
 * As `/explore` answers.
 *
 * @typedef {object} Explored
 * @property {{ by: Record<string, string>, series: number, targets: { target: string, alias: string }[] }[]} groups
 * @property {number} total
 */

/**
 * Whether a text asks by tags; a single `tag=value` is found as well as any part of a name.
 *
 * @param {string} text
 */
export function asksByTags(text) {
  return /(?:^|\s)[\w.-]+!?=\S/.test(text) && /\s/.test(text);
}

/**
 * @param {string} text
 * @param {number} limit
 * @param {AbortSignal} signal
 * @returns {Promise<{ hits: { path: string, leaf: boolean, series: number, target: string }[], total: number, isExact: boolean }>}
 */
export async function explored(text, limit, signal) {
  /** @type {Explored} */
  const { groups, total } = await ask('explore', { query: text, limit }, signal);
  const hits = groups.flatMap(({ by, series, targets }) =>
    targets.map(({ target, alias }) => ({
      path: [...new Set([...Object.values(by), alias])].filter((part) => part !== '').join(' · '),
      leaf: false,
      series: targets.length === 1 && series > 1 ? series : 0,
      target,
    })),
  );
  if (hits.length < 2 || hits.length < total || hits.length > TOGETHER_MAX) {
    return { hits, total, isExact: true };
  }
  const all = {
    path: `all ${hits.length} lines`,
    leaf: false,
    series: 0,
    target: `group(${hits.map(({ target }) => target).join(',')})`,
  };
  return { hits: [all, ...hits], total: total + 1, isExact: true };
}
