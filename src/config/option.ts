/**
 * What one option of tallyd is: its key in the file, its flag, its variable, what it may hold, its
 * default and what raising it costs. The options themselves: `options.ts`.
 */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** How a value is read; see `values.ts`. `structure` has no flag: lists of objects. */
export type OptionKind =
  | 'integer'
  | 'duration'
  | 'boolean'
  | 'text'
  | 'port'
  | 'mode'
  | 'choice'
  | 'words'
  | 'thresholds'
  | 'namespace'
  | 'structure';

export interface Option {
  /** Key in the file; `graphite.globalPrefix` for a key inside an object. */
  key: string;
  /** Kebab case without dashes, undefined for structures. */
  flag: string | undefined;
  /** `TALLYD_…`, undefined for structures. */
  env: string | undefined;
  kind: OptionKind;
  group: OptionGroup;
  /** What a number counts; undefined for the rest. */
  unit: string | undefined;
  /** As it would stand in the file; undefined: not set. */
  default: string | number | boolean | readonly (string | number)[] | undefined;
  describe: string;
  /** What raising, turning on or turning off costs; undefined when it costs nothing. */
  cost: string | undefined;
  min: number | undefined;
  max: number | undefined;
  choices: readonly string[] | undefined;
  /** Why a known key has no effect here: a sentence for the warning. */
  ignored: string | undefined;
}

export const OPTION_GROUPS = [
  'StatsD listener',
  'Graphite listeners and HTTP',
  'Aggregation',
  'Idle metrics',
  'Names',
  'Limits',
  'Storage',
  'Backends',
  'Management and logging',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

type Details = Partial<
  Pick<Option, 'unit' | 'default' | 'cost' | 'min' | 'max' | 'choices' | 'ignored'>
>;

export function option(
  group: OptionGroup,
  key: string,
  kind: OptionKind,
  describe: string,
  details: Details = {},
): Option {
  const flag = kind === 'structure' ? undefined : flagOf(key);
  return {
    key,
    flag,
    env: flag === undefined ? undefined : `TALLYD_${flag.replaceAll('-', '_').toUpperCase()}`,
    kind,
    group,
    unit: details.unit,
    default: details.default,
    describe,
    cost: details.cost,
    min: details.min,
    max: details.max,
    choices: details.choices,
    ignored: details.ignored,
  };
}

/** `mgmt_port` and `mgmtPort` give `mgmt-port`; `graphite.prefixSet` gives `graphite-prefix-set`. */
function flagOf(key: string): string {
  return key
    .replace(/[._]/g, '-')
    .replace(/[A-Z]+/g, (capitals) => `-${capitals.toLowerCase()}`)
    .replace(/--+/g, '-');
}

/** The name under which commander hands a flag over: `mgmt-port` is `mgmtPort`. */
export function camelCase(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
