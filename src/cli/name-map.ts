/**
 * New names for the series that a glob matches: `a.*.b` and `x.*.y` make `x.1.y` of `a.1.b`. What
 * the stars of the first pattern stand for goes to the stars of the second, one after the other.
 */
import { badUsage } from '../lib/errors.ts';

/** Characters with a meaning in globs that cannot be carried over. */
const OTHER_WILDCARDS = /[?[\]{}]|\*\*/;

export class NameMap {
  /** Whether the source means more than one name. */
  readonly isGlob: boolean;
  private readonly from: string[];
  private readonly to: string[];

  /** Throws `badUsage` when the patterns do not fit each other. */
  constructor(from: string, to: string) {
    this.isGlob = from.includes('*');
    const other = this.isGlob ? (OTHER_WILDCARDS.exec(from) ?? OTHER_WILDCARDS.exec(to)) : null;
    if (other !== null) {
      throw badUsage(
        `"${from}" and "${to}": read ${other[0]}, only * can be carried over to a new name`,
      );
    }
    this.from = this.isGlob ? from.split('.') : [from];
    this.to = this.isGlob ? to.split('*') : [to];
    const [stars, targets] = [from.split('*').length - 1, to.split('*').length - 1];
    if (stars !== targets) {
      throw badUsage(`"${from}" has ${stars} stars and "${to}" has ${targets}, expected as many`);
    }
  }

  /** The new name; undefined when the pattern does not match the name part by part. */
  apply(name: string): string | undefined {
    if (!this.isGlob) return this.to[0];
    const parts = name.split('.');
    if (parts.length !== this.from.length) return undefined;
    const texts: string[] = [];
    for (const [i, pattern] of this.from.entries()) {
      const found = starTexts(pattern, parts[i]!); // as many parts
      if (found === undefined) return undefined;
      texts.push(...found);
    }
    return this.to.map((literal, i) => literal + (texts[i] ?? '')).join('');
  }
}

/**
 * Texts that the stars of a pattern match, each as short as possible; undefined without a match.
 */
function starTexts(pattern: string, text: string): string[] | undefined {
  const [head = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text ? [] : undefined;
  if (!text.startsWith(head) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const texts: string[] = [];
  let at = head.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, at);
    if (found < 0) return undefined;
    texts.push(text.slice(at, found));
    at = found + literal.length;
  }
  if (at > end) return undefined;
  texts.push(text.slice(at, end));
  return texts;
}
