/**
 * JSON text with line breaks and indentation, for `pretty`. Works on the text so that numbers keep
 * their spelling (1.0, 1e9999), which JSON.parse would lose.
 */
export function indentJson(text: string): string {
  let out = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!; // i < length
    if (char === '"') {
      const end = endOfString(text, i);
      out += text.slice(i, end);
      i = end - 1;
    } else if (char === '[' || char === '{') {
      const close = skipBlanks(text, i + 1);
      if (text[close] === ']' || text[close] === '}') {
        out += char + text[close];
        i = close;
      } else {
        depth += 1;
        out += char + newLine(depth);
        i = close - 1;
      }
    } else if (char === ']' || char === '}') {
      depth -= 1;
      out += newLine(depth) + char;
    } else if (char === ',') {
      out += char + newLine(depth);
      i = skipBlanks(text, i + 1) - 1;
    } else out += char;
  }
  return out;
}

function newLine(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n') at += 1;
  return at;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
