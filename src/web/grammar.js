/**
 * The grammar of targets as far as a page needs it: names written so that they stand for themselves,
 * calls around a target, references to other targets.
 */
import { scan } from './cursor.js';

/**
 * A name as a target. What the grammar would take for the end of a path has a backslash before it;
 * what a pattern would take for itself is in brackets, which match just that character. Braces are
 * read before brackets, and a backslash cannot be written in a path: `?` stands for those.
 *
 * @param {string} name
 */
export function quoteName(name) {
  return name
    .replace(/[*?[\]#]/g, (char) => `[${char}]`)
    .replace(/[{}\\]/g, '?')
    .replace(/[(),'"|\s]/g, (char) => `\\${char}`)
    .replace(/^(?=(?:-?\d+(?:\.\d+)?(?:e-?\d+)?|true|false|none|inf)$)./i, (char) => `[${char}]`);
}

/**
 * A text as an argument.
 *
 * @param {string} text
 */
export function quoteText(text) {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/**
 * The letter of a target by its place: A … Z, AA …
 *
 * @param {number} index
 * @returns {string}
 */
export function letterOf(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/**
 * A target with `#A` replaced by the target A, as Grafana writes it. Throws where one leads to itself.
 *
 * @param {readonly string[]} targets
 * @param {number} index
 * @param {readonly number[]} [inside] targets that lead here
 * @returns {string}
 */
export function expandReferences(targets, index, inside = []) {
  if (inside.includes(index)) throw new Error(`#${letterOf(index)}: leads to itself`);
  return (targets[index] ?? '').replace(/#([A-Z]{1,2})\b/g, (written, letters) => {
    const other = targets.findIndex((_, i) => letterOf(i) === letters);
    return other === -1 ? written : expandReferences(targets, other, [...inside, index]);
  });
}

/**
 * `sumSeries` around a target; with `#` the place of the target is told: `asPercent(#,100)`.
 *
 * @param {string} target
 * @param {string} call `name` or `name(#,…)`
 */
export function wrap(target, call) {
  return call.includes('#') ? call.replaceAll('#', () => target) : `${call}(${target})`;
}

/**
 * The name of the outermost call, its first argument and the rest; undefined where there is none.
 *
 * @param {string} target
 * @returns {{ name: string, first: string, rest: string } | undefined}
 */
export function outermost(target) {
  const match = /^\s*([A-Za-z_]\w*)\s*\(([\s\S]*)\)\s*$/.exec(target);
  if (match === null) return undefined;
  const inside = /** @type {string} */ (match[2]);
  let depth = 0;
  let end = inside.length;
  for (const { char, at, quoted } of scan(inside)) {
    if (quoted) continue;
    if ('({['.includes(char)) depth += 1;
    else if (')}]'.includes(char)) depth -= 1;
    // `f(a)|g(b)` and `f(a),g(b)` are not one call.
    if (depth < 0) return undefined;
    if (char === ',' && depth === 0) end = Math.min(end, at);
  }
  return { name: match[1] ?? '', first: inside.slice(0, end).trim(), rest: inside.slice(end) };
}
