/** An archive: one ring of fixed length at one step (whisper's "retention"). */
export interface Archive {
  /** Seconds between datapoints. */
  step: number;
  /** Slots in the ring; step * points is the retention in seconds. */
  points: number;
}

/** How finer points become one coarser point: whisper's eight methods in whisper's order. */
export const AGGREGATION_METHODS = [
  'average',
  'sum',
  'last',
  'max',
  'min',
  'avg_zero',
  'absmax',
  'absmin',
] as const;
export type AggregationMethod = (typeof AGGREGATION_METHODS)[number];
