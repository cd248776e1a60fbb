/**
 * Texts with places to fill in, in the part of Go's text/template that macros need:
 *
 *     {{.argString}}         all arguments as they were written
 *     {{index .args 0}}      one argument, counted from 0
 *     {{index .kwargs "k"}}  a keyword argument, empty when it was not given
 *
 * Read when the configuration is checked and filled in when a target is expanded.
 */
export type TemplatePart =
  | { kind: 'text'; text: string }
  | { kind: 'all' }
  | { kind: 'argument'; index: number }
  | { kind: 'keyword'; name: string };

interface TemplateArguments {
  all: string;
  positional: readonly string[];
  named: ReadonlyMap<string, string>;
}

const EXPECTED = '{{.argString}}, {{index .args 0}} or {{index .kwargs "name"}}';

/** The parts in order, or what is wrong with the text. */
export function readTemplate(text: string): TemplatePart[] | { wrong: string } {
  const parts: TemplatePart[] = [];
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('{{', at);
    if (open !== at)
      parts.push({ kind: 'text', text: text.slice(at, open < 0 ? undefined : open) });
    if (open < 0) break;
    const close = text.indexOf('}}', open);
    const end = close < 0 ? text.length : close + 2;
    const part = close < 0 ? undefined : readPlace(text.slice(open + 2, close).trim());
    if (part === undefined) {
      return { wrong: `${text.slice(open, Math.min(end, open + 40))} read, expected ${EXPECTED}` };
    }
    parts.push(part);
    at = end;
  }
  return parts;
}

function readPlace(inside: string): TemplatePart | undefined {
  if (inside === '.argString') return { kind: 'all' };
  const index = /^index\s+\.args\s+(\d{1,3})$/.exec(inside)?.[1];
  if (index !== undefined) return { kind: 'argument', index: Number(index) };
  const name = /^index\s+\.kwargs\s+(?:"(\w+)"|`(\w+)`)$/.exec(inside);
  return name === null ? undefined : { kind: 'keyword', name: name[1] ?? name[2]! }; // one of both
}

/** The text, or the index of an argument that is missing. */
export function fillTemplate(
  parts: readonly TemplatePart[],
  given: TemplateArguments,
): string | { missing: number } {
  let out = '';
  for (const part of parts) {
    if (part.kind === 'text') out += part.text;
    else if (part.kind === 'all') out += given.all;
    else if (part.kind === 'keyword') out += given.named.get(part.name) ?? '';
    else {
      const argument = given.positional[part.index];
      if (argument === undefined) return { missing: part.index };
      out += argument;
    }
  }
  return out;
}
