/** The recorded lines of ten dialects, and what two readings of a line have in common. */
import { readFileSync } from 'node:fs';
import { type Dialect, DIALECT_NAMES } from '../../../../src/config/dialects.ts';
import type { Explained } from '../../../../src/ingest/protocol/statsd/explain.ts';

export interface Recorded {
  id: string;
  dialect: string;
  line: string;
  options?: { namespace?: string };
  expect: Explained & { note?: string };
}

export const RECORDED: Recorded[] = readFileSync('test/conformance/statsd/dialects.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

export const OURS: readonly Dialect[] = DIALECT_NAMES;

export function isOfOurs({ dialect }: Recorded): boolean {
  return OURS.includes(dialect as Dialect);
}

/** What a line says, however its reader writes it down. */
export interface Meaning {
  error?: true;
  name?: string;
  tags?: string[];
  /** `type value` of each sample, counters scaled by the sample rate. */
  samples?: string[];
  relative?: true;
  timestamp?: number | undefined;
  /** Events and checks as they are. */
  notice?: Record<string, unknown>;
}

export function meaningOf(explained: Explained): Meaning {
  if ('error' in explained) return { error: true };
  if (explained.kind === 'event') {
    // What was not said is what it is by default.
    const said: Partial<typeof explained> = explained;
    return { notice: { priority: 'normal', alert_type: 'info', ...said } };
  }
  if (explained.kind === 'check') return { notice: { ...explained } };
  if (explained.kind === 'metrics') {
    const [first] = explained.events;
    const samples = explained.events.map(({ type, value }) => `${type} ${value}`);
    return { name: first!.name, tags: [], samples };
  }
  const { name, type, values, tags, relative, timestamp } = explained;
  // Some recordings leave it out.
  const { rate = 1 } = explained as { rate?: number };
  const scaled = (value: number | string): number | string =>
    type === 'c' ? Number(((value as number) / rate).toPrecision(12)) : value;
  // The rate of a gauge or set means nothing.
  const weight = type === 'c' || type === 'g' || type === 's' || rate === 1 ? '' : ` @${rate}`;
  return {
    name: name.split(';')[0]!,
    tags: tags.map(([key, value]) => `${key}=${value ?? 'true'}`).sort(),
    samples: values.map((value) => `${type} ${scaled(value)}${weight}`),
    ...(relative === true ? { relative } : {}),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** Our reading as statsd_exporter writes its own: seconds, one observation for each of `1/rate`. */
function asObserver(explained: Explained): Explained {
  if (!('kind' in explained) || explained.kind !== 'metric') return explained;
  const { type, values, rate } = explained;
  const times = (value: number | string): number | string =>
    type === 'ms' ? Number(((value as number) / 1000).toPrecision(12)) : value;
  const each = Array.from({ length: Math.trunc(1 / rate) });
  return {
    ...explained,
    type: 'observer',
    rate: 1,
    values: values.flatMap((value) => each.map(() => times(value))),
  };
}

/** Both readings of a recorded line, comparable. */
export function readings(recorded: Recorded, ours: Explained): { theirs: Meaning; ours: Meaning } {
  const { expect, options, dialect } = recorded;
  const theirs = meaningOf(expect);
  const isObserved =
    dialect === 'statsd_exporter' && 'type' in expect && expect.type === 'observer';
  const own = meaningOf(isObserved ? asObserver(ours) : ours);
  // Its namespace is what we have prefixes for.
  if (options?.namespace !== undefined) {
    theirs.name = theirs.name?.slice(options.namespace.length + 1) ?? '';
  }
  // Only Datadog's own recordings say what time a line has.
  if (dialect !== 'dogstatsd') delete own.timestamp;
  return { theirs, ours: own };
}
