/**
 * What a database of the data file is, one file each beside this one (the list: databases.ts): its
 * name, the codec of its keys and records, and the check that `verify` makes of every record.
 */
import type { AllClasses } from './known-classes.ts';

export interface DatabaseSpec {
  /** As in the data file. */
  name: string;
  /** `classes` are filled while database `meta`, the first, is checked. */
  check(classes: AllClasses): Check;
}

/** Called for each record in key order; keys and values are copies of their own. */
export interface Check {
  /** The record as an operator would look for it: `class 0, archive 1 (1m:7d), slot 17, …`. */
  where(key: Uint8Array): string;
  /** What is wrong, the end of a sentence; undefined when nothing is. */
  fault(key: Uint8Array, value: Uint8Array): string | undefined;
  /** What is lost with a damaged record when it is dropped or mended. */
  loss(key: Uint8Array, value: Uint8Array): string;
  /** The record with what is whole in it; undefined where it has to be dropped. */
  mend?(key: Uint8Array, value: Uint8Array): Uint8Array | undefined;
  /** Faults that are no single record's, after the last one. */
  rest?(): { where: string; what: string }[];
}
