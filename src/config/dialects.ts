/** The dialects of StatsD's line by name; the option `dialect` and `servers` choose one. */
export const DIALECTS = ['statsd', 'extended', 'dogstatsd'] as const;
export type Dialect = (typeof DIALECTS)[number];
