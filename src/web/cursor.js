/** Where the cursor is in a target: what completion needs of the grammar. */

/**
 * Where the cursor is: what is being written, and the call that it is an argument of.
 *
 * @typedef {object} Cursor
 * @property {'path' | 'text' | 'number'} kind
 * @property {string} word written so far, without its quote
 * @property {number} from where it starts
 * @property {{ name: string, index: number, texts: string[] } | undefined} call around it; texts of
 *   the arguments before
 */

/**
 * @param {string} target
 * @param {number} caret
 * @returns {Cursor}
 */
export function cursorIn(target, caret) {
  const before = target.slice(0, caret);
  /** @type {{ name: string, index: number, texts: string[] }[]} */
  const calls = [];
  let from = 0;
  let inQuote = false;
  let braces = 0;
  for (const { char, at, quoted, opens } of scan(before)) {
    if (quoted) {
      if (opens) from = at + 1;
      inQuote = true;
      continue;
    }
    inQuote = false;
    if (char === '{' || char === '[') braces += 1;
    else if (char === '}' || char === ']') braces -= 1;
    else if (char === '(') {
      calls.push({ name: before.slice(from, at).trim(), index: 0, texts: [] });
      from = at + 1;
    } else if (char === ')') {
      calls.pop();
      from = at + 1;
    } else if (char === ',' && braces <= 0) {
      const call = calls.at(-1);
      if (call !== undefined) {
        call.index += 1;
        call.texts.push(before.slice(from, at).trim());
      }
      from = at + 1;
    } else if (char === '|') from = at + 1;
    else if (/\s/.test(char) && from === at) from = at + 1;
  }
  const isClosed = inQuote && closes(before);
  const word = before.slice(from);
  const kind = inQuote && !isClosed ? 'text' : /^-?[\d.]+$/.test(word) ? 'number' : 'path';
  return { kind, word, from, call: calls.at(-1) };
}

/**
 * Whether a text ends with the quote that ends a string.
 *
 * @param {string} text
 */
function closes(text) {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\') at += 1;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
  }
  return quote === '';
}

/**
 * The characters of a target, with whether they are inside quotes (the quotes too) or after a
 * backslash.
 *
 * @param {string} text
 */
export function* scan(text) {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\') {
      yield { char, at, quoted: quote !== '', opens: false };
      at += 1;
    } else if (quote !== '') {
      yield { char, at, quoted: true, opens: false };
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") {
      quote = char;
      yield { char, at, quoted: true, opens: true };
    } else yield { char, at, quoted: false, opens: false };
  }
}
