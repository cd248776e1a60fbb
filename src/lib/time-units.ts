/**
 * Units of durations as in carbon's storage-schemas.conf: any beginning of a name stands for it, and
 * a year is 365 days.
 */
export const TIME_UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['seconds', 1],
  ['minutes', 60],
  ['hours', 3600],
  ['days', 86_400],
  ['weeks', 604_800],
  ['years', 31_536_000],
];
