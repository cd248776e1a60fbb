/** Which statistic of a timer or set a series is, and what a sketch is of: as they cross threads and are stored. */

/** Statistics of a timer (test/conformance/statsd/FACTS.md §2.1); `_P` ones take a threshold argument. */
export const STAT_NONE = 0;
export const STAT_COUNT = 1;
export const STAT_COUNT_PS = 2;
export const STAT_LOWER = 3;
export const STAT_UPPER = 4;
export const STAT_SUM = 5;
export const STAT_SUM_SQUARES = 6;
export const STAT_MEAN = 7;
export const STAT_MEDIAN = 8;
export const STAT_STD = 9;
export const STAT_COUNT_P = 10;
export const STAT_MEAN_P = 11;
export const STAT_EDGE_P = 12; // upper_P, or lower_topP when the threshold is negative
export const STAT_SUM_P = 13;
export const STAT_SUM_SQUARES_P = 14;
export const STAT_BIN = 15; // histogram bin; argument = index of the bin in its config entry
export const STAT_DISTINCT = 16; // a set's count of distinct members

/** What a sketch is of, and so how it is merged. */
export const SKETCH_TIMER = 0; // sketch/log-linear.ts
export const SKETCH_SET = 1; // sketch/distinct.ts
export type SketchKind = 0 | 1;

/** No timer: the series is not one of a timer's (or set's) statistics. */
export const NO_TIMER = 0xffffffff;
