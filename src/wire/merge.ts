/** How values of one series are joined that fall into one slot, as it crosses threads and is stored. */

/** How two values of one series are joined when both fall into one slot (associative). */
export const MERGE_SUM = 0; // counts
export const MERGE_RATE = 1; // per-second values: mean weighted by the flush interval
export const MERGE_LAST = 2; // gauges
export const MERGE_MAX = 3; // a timer's upper, a set's count
export const MERGE_MIN = 4; // a timer's lower
export const MERGE_SKETCH = 5; // a timer's statistic, recomputed from the merged sketch
export const MERGE_POINT = 6; // ready-made points (carbon): last write wins
export type MergeCode = 0 | 1 | 2 | 3 | 4 | 5 | 6;
