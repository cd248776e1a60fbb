/**
 * Python's regular expressions in RE2's spelling. What RE2 only spells otherwise is rewritten:
 *
 *     \Z  \u00e9  a{,3}  (?#…)  (?u)     \z  \x{e9}  a{0,3}  and nothing
 *     ^app\.(?!a|b)(.*)                  ^app\.(.*), unless ^app\.(?:a|b) matches
 *
 * A negative lookahead can be told as "and not" where it is known at which character it stands:
 * behind `^` and characters that do not repeat. What a linear-time engine has not (lookaround
 * elsewhere, back-references, possessive quantifiers, conditions) is refused with a sentence that
 * says what to write instead. What is wrong in Python too is left to RE2. Used by pattern.ts.
 */
import { UserError } from './errors.ts';

interface TranslatedPattern {
  /** What must match. */
  pattern: string;
  /** What must not match at the start of the text. */
  unless: string[];
}

/** RE2's class of nothing: a group behind it never takes part. */
const NOTHING = '[^\\x00-\\x{10FFFF}]';
const QUANTIFIER = /(?:[*+?]|\{\d*,?\d*\})/y;

/** `isAnchored`: the pattern is asked at the start of texts only, as by Python's `re.match`. */
export function translatePattern(source: string, isAnchored: boolean): TranslatedPattern {
  const translation = new Translation(source, isAnchored);
  translation.run();
  return { pattern: translation.out, unless: translation.unless };
}

class Translation {
  out = '';
  readonly unless: string[] = [];
  private readonly source: string;
  private at = 0;
  /** Places in `out` where the open groups begin. */
  private readonly open: number[] = [];
  /** Whether all so far is `^` and characters that do not repeat, at the top level. */
  private isFixed = true;
  private isAnchored: boolean;
  /** Where the first lookahead stands, -1 for none. */
  private lookaheadAt = -1;

  constructor(source: string, isAnchored: boolean) {
    this.source = source;
    this.isAnchored = isAnchored;
  }

  run(): void {
    const { source } = this;
    while (this.at < source.length) {
      const char = source[this.at]!; // at < length
      if (char === '\\') this.escape();
      else if (char === '[') this.characterClass();
      else if (char === '(') this.group();
      else if (char === ')') this.close();
      else if (this.quantifierEnd() !== -1) this.quantifier();
      else this.plain(char);
    }
  }

  private plain(char: string): void {
    if (char === '|' && this.open.length === 0) {
      if (this.lookaheadAt !== -1) throw this.lookaround(this.lookaheadAt, '(?!');
      this.isFixed = false;
    }
    if (char === '^' && this.out.replace(/^\(\?[a-z]+\)/, '') === '') this.isAnchored = true;
    this.take(char.length);
  }

  private escape(): void {
    const { source, at } = this;
    const escaped = String.fromCodePoint(source.codePointAt(at + 1) ?? 0x5c);
    const octal = /\\(?:0[0-7]{0,2}|[1-3][0-7]{2})/y;
    const hex = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/y;
    octal.lastIndex = hex.lastIndex = at;
    const code = hex.exec(source);
    if (code !== null) this.replace(code[0].length, `\\x{${code[1] ?? code[2]}}`);
    else if (escaped === 'Z') this.replace(2, '\\z');
    else if (escaped > '\x7f') this.replace(1 + escaped.length, escaped);
    else if (octal.test(source)) this.take(octal.lastIndex - at);
    else if (/[1-9]/.test(escaped)) {
      throw this.unsupported(at, 2, 'back-references are not supported', WRITE_TWICE);
    } else {
      if (escaped === 'A' && this.out === '') this.isAnchored = true;
      this.take(2);
    }
  }

  /** `[…]`: as it is, but for its escapes. */
  private characterClass(): void {
    const { source } = this;
    const from = this.at;
    this.take(1);
    if (source[this.at] === '^') this.take(1);
    if (source[this.at] === ']') this.take(1);
    while (this.at < source.length && source[this.at] !== ']') {
      if (source[this.at] === '\\') this.escape();
      else this.take(1);
    }
    if (this.at < source.length) this.take(1);
    else this.at = Math.max(this.at, from + 1); // no end: RE2 says so
  }

  private group(): void {
    const { source, at } = this;
    const opening =
      /\((?:\?(?:P?<[=!]|P=|P<[^>]*>|<[^>=!]*>|[=!:>(#]|[a-zA-Z]*(?:-[a-z]+)?[:)]))?/y;
    opening.lastIndex = at;
    const read = opening.exec(source)![0]; // a bracket is here
    if (read === '(?#') this.replace(endOf(source, at) - at, '');
    else if (read === '(?!') this.lookahead();
    else if (read === '(?=' || read.startsWith('(?<=') || read.startsWith('(?<!'))
      throw this.lookaround(at, read);
    else if (read === '(?P=')
      throw this.unsupported(at, 4, 'back-references are not supported', WRITE_TWICE);
    else if (read === '(?>')
      throw this.unsupported(at, 3, 'atomic groups are not supported', WRITE_GROUP);
    else if (read === '(?(')
      throw this.unsupported(at, 3, 'conditions are not supported', WRITE_BOTH);
    else if (/^\(\?[a-zA-Z]+[:)]$/.test(read)) this.flags(read);
    else {
      this.isFixed = false;
      this.open.push(this.out.length);
      this.take(read.length);
    }
  }

  /** `(?i)`, `(?u:`: the alphabet is always Unicode's here, so `a`, `L` and `u` change nothing. */
  private flags(read: string): void {
    const letters = read.slice(2, -1);
    if (letters.includes('x')) {
      throw this.unsupported(
        this.at,
        read.length,
        'verbose patterns are not supported',
        WRITE_PLAIN,
      );
    }
    const kept = letters.replace(/[aLu]/g, '');
    const isGroup = read.endsWith(':');
    if (isGroup) {
      this.isFixed = false;
      this.open.push(this.out.length);
      this.replace(read.length, `(?${kept}:`);
    } else this.replace(read.length, kept === '' ? '' : `(?${kept})`);
  }

  private close(): void {
    this.open.pop();
    this.take(1);
  }

  private lookahead(): void {
    const { source, at } = this;
    const end = closeOf(source, at);
    if (end === -1) throw this.wrong(`"(?!" read at column ${at + 1}, its ")" is missing`);
    const isPlain = this.isFixed && this.isAnchored && this.open.length === 0;
    this.at = end + 1;
    if (!isPlain || this.quantifierEnd() !== -1) throw this.lookaround(at, '(?!');
    this.at = at;
    const inside = new Translation(source.slice(at + 3, end), false);
    inside.isFixed = false;
    try {
      inside.run();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw this.lookaround(at, '(?!');
    }
    if (this.lookaheadAt === -1) this.lookaheadAt = at;
    this.unless.push(`${this.out}(?:${inside.out})`);
    // Its groups are counted, though they never hold anything.
    const groups = groupsOf(inside.out);
    this.replace(end + 1 - at, groups === '' ? '' : `(?:|${NOTHING}${groups})`);
  }

  private quantifier(): void {
    const { source, at } = this;
    const end = this.quantifierEnd();
    const text = source.slice(at, end);
    if (source[end] === '+') {
      throw this.unsupported(
        at,
        end + 1 - at,
        'possessive quantifiers are not supported',
        DROP_PLUS,
      );
    }
    if (!/^\{\d+\}$/.test(text)) this.isFixed = false;
    this.replace(text.length, text.startsWith('{,') ? `{0${text.slice(1)}` : text);
    if (source[end] === '?') {
      this.isFixed = false;
      this.take(1);
    }
  }

  /** Behind the quantifier that is written here, -1 where there is none. */
  private quantifierEnd(): number {
    QUANTIFIER.lastIndex = this.at;
    const text = QUANTIFIER.exec(this.source)?.[0];
    // Python takes `{}` for two characters.
    return text === undefined || text === '{}' ? -1 : this.at + text.length;
  }

  private take(length: number): void {
    this.replace(length, this.source.slice(this.at, this.at + length));
  }

  private replace(length: number, text: string): void {
    this.out += text;
    this.at += length;
  }

  private lookaround(at: number, read: string): UserError {
    const instead =
      read === '(?!'
        ? 'but for (?!…) behind ^ and characters that do not repeat, as in ^app\\.(?!a|b); ' +
          'elsewhere exclude() or a rule before this one says what not to take'
        : read === '(?='
          ? 'write what follows into the pattern itself, in a group where it is to be replaced'
          : 'write what stands before into the pattern itself, in a group where it is to be kept';
    return this.unsupported(at, read.length, 'lookahead and lookbehind are not supported', instead);
  }

  private unsupported(at: number, length: number, what: string, instead: string): UserError {
    const read = this.source.slice(at, at + length);
    return this.wrong(
      `${what}, patterns run in linear time (RE2 syntax): ` +
        `"${read}" read at column ${at + 1}; ${instead}`,
    );
  }

  private wrong(sentence: string): UserError {
    return new UserError('badPattern', `pattern "${this.source}": ${sentence}`);
  }
}

const WRITE_TWICE = 'write out what the group may hold once more, or each case as an alternative';
const WRITE_GROUP = 'write (?:…), nothing is tried twice anyway';
const WRITE_BOTH = 'write both cases as alternatives, (?:…|…)';
const WRITE_PLAIN = 'write it in one line, without blanks and comments';
const DROP_PLUS = 'leave its second + out, nothing is tried twice anyway';

/** Index of the bracket that closes the group at `from`, -1 for none. */
function closeOf(source: string, from: number): number {
  let depth = 0;
  for (let i = from; i < source.length; i++) {
    const char = source[i]!; // i < length
    if (char === '\\') i += 1;
    else if (char === '[') i = closeOfClass(source, i);
    else if (char === '(') depth += 1;
    else if (char === ')' && --depth === 0) return i;
  }
  return -1;
}

/** Behind a comment, which ends with the first bracket. */
function endOf(source: string, from: number): number {
  const close = source.indexOf(')', from);
  return close === -1 ? source.length : close + 1;
}

/** As many empty groups, of the same names, as a pattern has. */
function groupsOf(pattern: string): string {
  let groups = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!; // i < length
    if (char === '\\') i += 1;
    else if (char === '[') i = closeOfClass(pattern, i);
    else if (char === '(') {
      const read = /^\((?:\?P?<[^>]*>)?/.exec(pattern.slice(i))![0]; // a bracket is here
      if (read !== '(' || pattern[i + 1] !== '?') groups += `${read})`;
    }
  }
  return groups;
}

function closeOfClass(source: string, from: number): number {
  let i = from + 1;
  if (source[i] === '^') i += 1;
  if (source[i] === ']') i += 1;
  while (i < source.length && source[i] !== ']') i += source[i] === '\\' ? 2 : 1;
  return i;
}
