/**
 * What an entry of the option table (`options.ts`) says, and what follows from it: flag, variable
 * and the TypeScript type of the settings. A new kind of value is a reader in `values.ts`.
 */
import type { KINDS, Limits, Reader } from './values.ts';

type Kind = keyof typeof KINDS;
type KindValue<K extends Kind> = (typeof KINDS)[K] extends Reader<infer T> ? T : never;

/** The value of another option, checked and with its default, by its key in the table. */
export type Lookup = (key: string) => unknown;

interface Details extends Limits {
  /** As it would stand in the file; without one the option is not set. */
  default?: string | number | boolean | readonly (string | number)[];
  /** A default that depends on other options; goes before `default` unless it is undefined. */
  otherwise?: (value: Lookup) => unknown;
  /** A variable of the system's own that has the value where nothing of tallyd's gives it. */
  inherits?: string;
  /** What raising, turning on or turning off costs; left out when it costs nothing. */
  cost?: string;
  /** Reads the value, where its kind alone does not say how. */
  read?: Reader<unknown>;
  /** Where the settings have it: `aggregation.flushAlign`. Left out: under its key. */
  to?: string;
  /** null is a value of its own, not a way to say that the option is not given. */
  takesNull?: true;
  /** It keeps somebody out: a key that looks like it misspelt is an error at the start as well. */
  guards?: true;
  /** Why a known key has no effect here: a sentence for the warning. */
  ignored?: string;
}

export interface Option extends Details {
  kind: Kind;
  describe: string;
  /** Whether StatsD has the key: its console's `config` shows it. */
  statsd: boolean;
  /** Heading in the help, set by `section`. */
  group?: string;
}

/** Options by their keys in the file; `a.b` is key `b` of the object `a`. */
export type Table = Record<string, Option>;

/** An option that StatsD does not have. */
export function option<const K extends Kind, const D extends Details = object>(
  kind: K,
  describe: string,
  details?: D,
): D & { kind: K; describe: string; statsd: boolean } {
  return { kind, describe, statsd: false, ...(details as D) };
}

/** An option of StatsD's, spelled as StatsD spells it and with its meaning. */
export function statsd<const K extends Kind, const D extends Details = object>(
  kind: K,
  describe: string,
  details?: D,
): D & { kind: K; describe: string; statsd: boolean } {
  return { ...option(kind, describe, details), statsd: true };
}

/** Options under one heading. */
export function section<T extends Table>(group: string, options: T): T {
  for (const one of Object.values(options)) one.group = group;
  return options;
}

/** Of one option: undefined only where it has no default. */
type Value<O> =
  | (O extends { read: Reader<infer T> }
      ? Exclude<T, undefined>
      : O extends { choices: readonly (infer Choice)[] }
        ? Choice
        : O extends { kind: infer K extends Kind }
          ? Exclude<KindValue<K>, undefined>
          : never)
  | (O extends { default: unknown } | { otherwise: unknown } ? never : undefined);

/** `{ 'a.b': number }` is `{ a: { b: number } }`. */
type Nested<Flat> = {
  [
    Path in keyof Flat as Path extends `${infer Head}.${string}` ? Head : Path
  ]: Path extends `${infer Head}.${string}`
    ? Nested<{ [P in keyof Flat as P extends `${Head}.${infer Rest}` ? Rest : never]: Flat[P] }>
    : Flat[Path];
};

/** The value of every option by its key: what the rules between options work with. */
export type ValuesOf<T extends Table> = { [Key in keyof T]: Value<T[Key]> };

/** The settings that a table makes, each where its option's `to` says. */
export type SettingsOf<T extends Table> = Nested<{
  [Key in keyof T as T[Key] extends { to: infer Path extends string } ? Path : Key]: Value<T[Key]>;
}>;

/** Kebab case: `mgmt_port` gives `mgmt-port`, `graphite.prefixSet` gives `graphite-prefix-set`. */
export function flagOf(key: string, { kind }: Option): string | undefined {
  if (kind === 'structure') return undefined;
  return key
    .replace(/[._]/g, '-')
    .replace(/[A-Z]+/g, (capitals) => `-${capitals.toLowerCase()}`)
    .replace(/--+/g, '-');
}

/** `TALLYD_MGMT_PORT`. */
export function variableOf(flag: string): string {
  return `TALLYD_${flag.replaceAll('-', '_').toUpperCase()}`;
}

/** The name under which commander hands a flag over: `mgmt-port` is `mgmtPort`. */
export function camelCase(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
