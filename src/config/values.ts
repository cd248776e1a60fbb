/**
 * One value of one option: checks what a file, a variable or a flag says against the option's kind
 * and returns it typed, or the sentence that says what was read and what was expected.
 *
 * Files hold typed values, though StatsD takes `"500"` for a number, so digits in quotes are one.
 * Flags and variables hold text: `true`/`false`, `90,99.9`, `off`.
 */
import type { Option } from './options.ts';

/** A value as it was given, before it is checked. */
export interface Given {
  value: unknown;
  /** `file:line:column`, `--flag` or `TALLYD_NAME`. */
  place: string;
  /** From a flag or a variable. */
  spelled: boolean;
}

/** A value that was read; `odd` is what a warning says of it, `wrong` what an error says. */
export type Read<T = unknown> = { value: T; odd?: string } | { wrong: string };

/** Port number, 0 for any free one, or 'off'. */
export type PortValue = number | 'off';

export interface Threshold {
  percent: number;
  label: string;
}

/** Reads a value by the kind of its option; `structure` kinds are read by `structures.ts`. */
export function readValue(option: Option, given: Given): Read {
  switch (option.kind) {
    case 'integer':
      return option.key === 'gaugesMaxTTL' ? readTTL(given) : readInteger(option, given);
    case 'duration':
      return readDuration(given);
    case 'boolean':
      return readBoolean(given);
    case 'text':
      return readText(given);
    case 'port':
      return readPort(given);
    case 'mode':
      return readMode(given);
    case 'choice':
      return readChoice(option, given);
    case 'words':
      return readWords(option, given);
    case 'thresholds':
      return readThresholds(given);
    case 'namespace':
      return readNamespace(given);
    case 'structure':
      return { value: given.value };
  }
}

/** A value for a sentence, cut when it is long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A number, or digits in quotes; undefined for everything else, also for blank text. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export function readInteger(
  limits: Pick<Option, 'min' | 'max' | 'unit'>,
  given: Pick<Given, 'value'>,
): Read<number> {
  const number = toNumber(given.value);
  const min = limits.min ?? Number.MIN_SAFE_INTEGER;
  const max = limits.max ?? Number.MAX_SAFE_INTEGER;
  if (number !== undefined && Number.isInteger(number) && number >= min && number <= max) {
    return { value: number };
  }
  const of = limits.unit === undefined ? '' : ` of ${limits.unit}`;
  const range =
    limits.min === undefined || limits.max === undefined ? '' : ` from ${min} to ${max}`;
  return { wrong: `read ${show(given.value)}, expected a whole number${of}${range}` };
}

const DURATION_UNITS: readonly [name: string, seconds: number][] = [
  ['seconds', 1],
  ['minutes', 60],
  ['hours', 3600],
  ['days', 86_400],
  ['weeks', 604_800],
  ['years', 31_536_000],
];
/** `lastSeen` is known to within ten minutes. */
const DURATION_SECONDS_MIN = 3600;

/** `30d` in seconds, units as in storage-schemas.conf; 0 for `off`. */
function readDuration({ value }: Given): Read<number> {
  if (value === 'off' || value === false) return { value: 0 };
  const match = typeof value === 'string' ? /^(\d{1,9})([a-z]+)$/.exec(value.trim()) : null;
  const unit = DURATION_UNITS.find(([name]) => match !== null && name.startsWith(match[2]!));
  const seconds = match === null || unit === undefined ? NaN : Number(match[1]) * unit[1];
  if (seconds >= DURATION_SECONDS_MIN) return { value: seconds };
  return {
    wrong: `read ${show(value)}, expected such as "30d" or "12h", one hour at least, or "off"`,
  };
}

/** StatsD's rule: a whole number above 1, and everything else, texts too, is 1. */
function readTTL(given: Given): Read<number> {
  const value = given.spelled ? toNumber(given.value) : given.value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { value };
  return {
    value: 1,
    odd: `read ${show(given.value)}, expected a whole number above 0: taken as 1`,
  };
}

const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

function readBoolean(given: Given): Read<boolean> {
  const { value, spelled } = given;
  if (typeof value === 'boolean') return { value };
  if (value === 1 || value === 0) return { value: value === 1 };
  if (spelled && typeof value === 'string') {
    if (TRUE_WORDS.includes(value.toLowerCase())) return { value: true };
    if (FALSE_WORDS.includes(value.toLowerCase())) return { value: false };
  }
  return { wrong: `read ${show(value)}, expected true or false` };
}

export function readText(given: Pick<Given, 'value'>): Read<string> {
  if (typeof given.value === 'string') return { value: given.value };
  return { wrong: `read ${show(given.value)}, expected a text` };
}

export function readPort(given: Pick<Given, 'value'>): Read<PortValue> {
  const { value } = given;
  if (value === 'off' || value === false) return { value: 'off' };
  const read = readInteger({ min: 0, max: 65535, unit: undefined }, given);
  if ('value' in read) return read;
  return { wrong: `read ${show(value)}, expected a port from 0 (any free one) to 65535, or "off"` };
}

/** Octal digits in quotes, as a shell takes them; a number is meant as Node's chmod takes it. */
export function readMode(given: Pick<Given, 'value'>): Read<number> {
  const { value } = given;
  if (typeof value === 'string' && /^(?:0o)?[0-7]{3,4}$/.test(value)) {
    return { value: Number.parseInt(value.replace('0o', ''), 8) };
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o7777) {
    return { value };
  }
  return { wrong: `read ${show(value)}, expected octal permissions in quotes such as "0770"` };
}

function readChoice(option: Option, given: Given): Read<string> {
  const choices = option.choices ?? [];
  const { value } = given;
  if (typeof value === 'string' && choices.includes(value)) return { value };
  if (option.key === 'server' && typeof value === 'string') {
    const server = serverOf(value);
    if (server !== undefined) return { value: server };
  }
  return { wrong: `read ${show(value)}, expected ${oneOf(choices)}` };
}

/** StatsD's module path, with or without its folder and ending. */
export function serverOf(text: string): './servers/udp' | './servers/tcp' | undefined {
  const name = /^(?:\.\/servers\/)?(udp|tcp)(?:\.js)?$/.exec(text)?.[1];
  return name === undefined ? undefined : name === 'udp' ? './servers/udp' : './servers/tcp';
}

export function oneOf(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')} or ${quoted[quoted.length - 1]!}`; // two at least
}

function readWords(option: Option, given: Given): Read<string[]> {
  const { value, spelled } = given;
  if (spelled && typeof value === 'string') {
    const words = value.split(',').map((word) => word.trim());
    return { value: words.filter((word) => word !== '') };
  }
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return { value };
  const sentence = `read ${show(value)}, expected a list of texts`;
  // StatsD passes over whatever is no list here, and computes every statistic.
  if (option.key === 'calculatedTimerMetrics' && !Array.isArray(value)) {
    return { value: [], odd: `${sentence}: ignored` };
  }
  return { wrong: sentence };
}

/**
 * StatsD's `percentThreshold`: a number or a list of them, digits in quotes too. Zero, empty text
 * and false count as not given (StatsD: `config.percentThreshold || 90`), inside a list they stay.
 */
function readThresholds(given: Given): Read<Threshold[] | undefined> {
  const { value, spelled } = given;
  if (value === 0 || value === '' || value === false) return { value: undefined };
  let items: unknown[] = Array.isArray(value) ? value : [value];
  if (spelled && typeof value === 'string') items = value.split(',').map((item) => item.trim());
  const thresholds: Threshold[] = [];
  let odd: string | undefined;
  for (const item of items) {
    const percent = toNumber(item);
    if (percent === undefined || !Number.isFinite(percent)) {
      return { wrong: `read ${show(item)}, expected a percentage such as 90, 99.9 or -10` };
    }
    if (percent > 100 || percent <= -100) {
      odd = `read ${show(item)}: beyond 100 percent StatsD's statistics are NaN`;
    }
    thresholds.push({ percent, label: thresholdLabel(String(item)) });
  }
  return odd === undefined ? { value: thresholds } : { value: thresholds, odd };
}

/** StatsD's suffix: 99.9 is `99_9`, -10 is `top10`; only the first dot and dash change. */
export function thresholdLabel(text: string): string {
  return text.replace('.', '_').replace('-', 'top');
}

/** StatsD compares with `=== true` and `=== false`: any other value is a third state. */
function readNamespace(given: Given): Read<boolean | 'mixed'> {
  const { value, spelled } = given;
  if (value === 'mixed' || typeof value === 'boolean') return { value };
  if (spelled) {
    const read = readBoolean(given);
    return 'value' in read
      ? read
      : {
          wrong: `read ${show(value)}, expected true, false or mixed (old prefixes, new suffixes)`,
        };
  }
  return {
    value: 'mixed',
    odd: `read ${show(value)}, expected true or false: taken as "mixed", StatsD's third layout`,
  };
}
