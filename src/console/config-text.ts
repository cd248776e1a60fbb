/**
 * The console's `config` answer, as StatsD's `lib/helpers.js` writes it: a blank line, then
 * `key: value`, and one level of objects and lists as `key > sub: value`. Deeper values are shown as
 * JavaScript turns them into text; null is an object without keys and shows nothing.
 */

export function configText(config: Record<string, unknown>): string {
  let out = '\n';
  for (const [key, value] of Object.entries(config)) {
    // Scalars and undefined, in JavaScript's own spelling.
    if (typeof value !== 'object') {
      out += `${key}: ${value as string}\n`;
      continue;
    }
    for (const [sub, inner] of Object.entries(value ?? {})) {
      out += `${key} > ${sub}: ${textOf(inner)}\n`;
    }
  }
  return out;
}

/** As `String` has it, which cannot turn objects without a prototype into text. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => (one === null ? '' : textOf(one))).join(',');
  return typeof value === 'object' && value !== null ? '[object Object]' : String(value);
}
