/**
 * What every part of tallyd is told, after flags, environment, file and defaults are joined. Its
 * shape follows from the table of options and from the rules that join several of them.
 */
import type { OPTIONS } from './options.ts';
import type { SettingsOf } from './option.ts';
import type { applyRules } from './rules.ts';

type Plain = SettingsOf<typeof OPTIONS>;
type Joined = ReturnType<typeof applyRules>;

/** Each option where its entry says, or what a rule made of it. */
export interface Config extends Omit<Plain, keyof Joined>, Joined {
  /** The file that was read, if any. */
  file: string | undefined;
}

export type AggregationConfig = Config['aggregation'];
export type NamespaceConfig = AggregationConfig['namespace'];
export type HttpLimits = Config['httpLimits'];
/** How long events (annotations) are kept, and how many. */
export type EventKeeping = Config['events'];
/** Answers of /render that are kept for the next who asks the same. */
export type RenderCacheConfig = Config['renderCache'];
export type GraphiteBackendConfig = NonNullable<Config['graphiteBackend']>;
export type RepeaterConfig = NonNullable<Config['repeater']>;
