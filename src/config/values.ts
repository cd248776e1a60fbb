/**
 * One value of one option: a reader for each kind checks what a file, a variable or a flag says and
 * returns it typed, or the sentence that says what was read and what was expected.
 *
 * Files hold typed values, though StatsD takes `"500"` for a number, so digits in quotes are one.
 * Flags and variables hold text: `true`/`false`, `90,99.9`, `off`.
 */
import { TIME_UNITS } from '../lib/time-units.ts';
import type { FileValues, Findings } from './findings.ts';

/** A value as it was given, before it is checked. */
export interface RawValue {
  value: unknown;
  /** `file:line:column`, `--flag` or `TALLYD_NAME`. */
  place: string;
  /** From a flag or a variable. */
  spelled: boolean;
}

/** What an option's entry says of its values. */
export interface Limits {
  /** What a number counts. */
  unit?: string;
  /** The least and the most that a number may be. */
  range?: readonly [min: number, max: number];
  /** The words that a choice may be. */
  choices?: readonly string[];
}

/** For readers of lists and objects: the places of members, and the list of findings. */
export interface Context {
  file: FileValues;
  findings: Findings;
}

/** A value that was read, undefined for the default; or the sentence of an error. */
export type Read<T = unknown> = { value: T; warning?: string } | { error: string };

export type Reader<T> = (given: RawValue, limits: Limits, context: Context) => Read<T>;

/** Port number, 0 for any free one, or 'off'. */
export type PortValue = number | 'off';

/** A reader for each kind of option. A `structure` has no flag. */
export const KINDS = {
  integer: readInteger,
  duration: readDuration,
  boolean: readBoolean,
  text: readText,
  path: readPath,
  port: readPort,
  mode: readMode,
  choice: readChoice,
  words: readWords,
  thresholds: readThresholds,
  namespace: readNamespace,
  structure: (given: RawValue): Read => ({ value: given.value }),
};

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

type Value = Pick<RawValue, 'value'>;

export function readInteger({ value }: Value, { range, unit }: Limits): Read<number> {
  const number = toNumber(value);
  const [min, max] = range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (number !== undefined && Number.isInteger(number) && number >= min && number <= max) {
    return { value: number };
  }
  const of = unit === undefined ? '' : ` of ${unit}`;
  const within = range === undefined ? '' : ` from ${min} to ${max}`;
  return { error: `read ${show(value)}, expected a whole number${of}${within}` };
}

/** The last write of a series is known to within ten minutes. */
const DURATION_SECONDS_MIN = 3600;

/** `30d` in seconds, units as in storage-schemas.conf; 0 for `off`. */
function readDuration({ value }: Value): Read<number> {
  if (value === 'off' || value === false) return { value: 0 };
  const match = typeof value === 'string' ? /^(\d{1,9})([a-z]+)$/.exec(value.trim()) : null;
  const unit = TIME_UNITS.find(([name]) => match !== null && name.startsWith(match[2]!));
  const seconds = match === null || unit === undefined ? NaN : Number(match[1]) * unit[1];
  if (seconds >= DURATION_SECONDS_MIN) return { value: seconds };
  return {
    error: `read ${show(value)}, expected such as "30d" or "12h", one hour at least, or "off"`,
  };
}

const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

function readBoolean({ value, spelled }: RawValue): Read<boolean> {
  if (typeof value === 'boolean') return { value };
  if (value === 1 || value === 0) return { value: value === 1 };
  if (spelled && typeof value === 'string') {
    if (TRUE_WORDS.includes(value.toLowerCase())) return { value: true };
    if (FALSE_WORDS.includes(value.toLowerCase())) return { value: false };
  }
  return { error: `read ${show(value)}, expected true or false` };
}

export function readText({ value }: Value): Read<string> {
  if (typeof value === 'string') return { value };
  return { error: `read ${show(value)}, expected a text` };
}

/** What a file names counts from its folder; flags, variables and defaults from the current one. */
function readPath(given: RawValue, _: Limits, { file }: Context): Read<string> {
  const read = readText(given);
  return 'error' in read || given.spelled ? read : { value: file.beside(read.value) };
}

export function readPort({ value }: Value): Read<PortValue> {
  if (value === 'off' || value === false) return { value: 'off' };
  const read = readInteger({ value }, { range: [0, 65535] });
  if ('value' in read) return read;
  return { error: `read ${show(value)}, expected a port from 0 (any free one) to 65535, or "off"` };
}

/** Octal digits in quotes, as a shell takes them; a number is meant as Node's chmod takes it. */
export function readMode({ value }: Value): Read<number> {
  if (typeof value === 'string' && /^(?:0o)?[0-7]{3,4}$/.test(value)) {
    return { value: Number.parseInt(value.replace('0o', ''), 8) };
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o7777) {
    return { value };
  }
  return { error: `read ${show(value)}, expected octal permissions in quotes such as "0770"` };
}

export function readChoice({ value }: Value, { choices = [] }: Limits): Read<string> {
  if (typeof value === 'string' && choices.includes(value)) return { value };
  return { error: `read ${show(value)}, expected ${oneOf(choices)}` };
}

function oneOf(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')} or ${quoted[quoted.length - 1]!}`; // two at least
}

export function readWords({ value, spelled }: RawValue): Read<string[]> {
  if (spelled && typeof value === 'string') {
    const words = value.split(',').map((word) => word.trim());
    return { value: words.filter((word) => word !== '') };
  }
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return { value };
  return { error: `read ${show(value)}, expected a list of texts` };
}

interface Threshold {
  percent: number;
  label: string;
}

/**
 * StatsD's `percentThreshold`: a number or a list of them, digits in quotes too. Zero, empty text
 * and false count as not given (StatsD: `config.percentThreshold || 90`), inside a list they stay.
 */
function readThresholds({ value, spelled }: RawValue): Read<Threshold[] | undefined> {
  if (value === 0 || value === '' || value === false) return { value: undefined };
  let items: unknown[] = Array.isArray(value) ? value : [value];
  if (spelled && typeof value === 'string') items = value.split(',').map((item) => item.trim());
  const thresholds: Threshold[] = [];
  for (const item of items) {
    const percent = toNumber(item);
    if (percent === undefined || !Number.isFinite(percent)) {
      return { error: `read ${show(item)}, expected a percentage such as 90, 99.9 or -10` };
    }
    // StatsD's suffix: 99.9 is `99_9`, -10 is `top10`; only the first dot and dash change.
    const label = String(item).replace('.', '_').replace('-', 'top');
    // Of two that are called alike StatsD sends one.
    if (!thresholds.some((one) => one.label === label)) thresholds.push({ percent, label });
  }
  return { value: thresholds };
}

/** StatsD compares with `=== true` and `=== false`: any other value is a third state. */
function readNamespace(given: RawValue): Read<boolean | 'mixed'> {
  const { value, spelled } = given;
  if (value === 'mixed' || typeof value === 'boolean') return { value };
  if (!spelled) {
    const taken = `taken as "mixed", StatsD's third layout`;
    return { value: 'mixed', warning: `read ${show(value)}, expected true or false: ${taken}` };
  }
  const read = readBoolean(given);
  if ('value' in read) return read;
  return {
    error: `read ${show(value)}, expected true, false or mixed (old prefixes, new suffixes)`,
  };
}
