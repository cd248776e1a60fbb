/**
 * A text that every match of a regular expression contains, found without understanding all of it:
 * a name without that text needs no matching, which is most names and most patterns. What it is not
 * sure of ends the text or gives up. Used by pattern.ts.
 */

/** The longest such text, '' when none is known. */
export function requiredLiteral(source: string): string {
  // Flags, named groups and quoted runs change what follows.
  if (source.includes('(?') || /\\[QEpPxcu0-9]/.test(source)) return '';
  let longest = '';
  let run = '';
  const endRun = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!; // i < length
    if (char === '|') return '';
    if (char === '*' || char === '?' || char === '{') {
      // The character before may be missing.
      run = run.slice(0, -1);
      endRun();
      if (char === '{') i = source.indexOf('}', i);
      if (i < 0) return '';
    } else if (char === '(' || char === '[') {
      endRun();
      i = char === '(' ? groupEnd(source, i) : classEnd(source, i);
      if (i < 0) return '';
    } else if (char === '\\') {
      const escaped = source[++i] ?? '';
      if (/[\w\s]/.test(escaped) || escaped === '') endRun();
      else run += escaped;
    } else if ('.^$+)]}'.includes(char)) endRun();
    else if (char >= '\ud800' && char <= '\udfff') return '';
    else run += char;
  }
  endRun();
  return longest;
}

/** Index of the bracket that closes a group, -1 when there is none. */
function groupEnd(source: string, from: number): number {
  let depth = 0;
  for (let i = from; i < source.length; i++) {
    if (source[i] === '\\') i += 1;
    else if (source[i] === '[') {
      i = classEnd(source, i);
      if (i < 0) return -1;
    } else if (source[i] === '(') depth += 1;
    else if (source[i] === ')') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

/** Index of the bracket that closes a class, -1 when there is none; `]` may stand first in it. */
function classEnd(source: string, from: number): number {
  let i = from + 1;
  if (source[i] === '^') i += 1;
  if (source[i] === ']') i += 1;
  for (; i < source.length; i++) {
    if (source[i] === '\\') i += 1;
    else if (source.startsWith('[:', i)) {
      const end = source.indexOf(':]', i);
      if (end < 0) return -1;
      i = end + 1;
    } else if (source[i] === ']') return i;
  }
  return -1;
}
