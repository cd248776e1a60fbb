/**
 * All databases of the data file, by what the code calls them; one file each. They stand in the
 * order in which their checks need each other: the classes come first, then their names.
 */
import { CHUNKS } from './chunks.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { AllClasses } from './known-classes.ts';
import { LAST_WRITES } from './last-write.ts';
import { META } from './meta.ts';
import { RECORDS } from './records.ts';
import { ROWS } from './rows.ts';
import { NAMES } from './series-names.ts';
import { SKETCH_CHUNKS } from './sketch-chunks.ts';
import { SKETCH_LINKS } from './sketch-links.ts';
import { SKETCH_NAMES } from './sketch-names.ts';
import { SKETCH_ROWS } from './sketch-rows.ts';

export const DATABASES = {
  meta: META,
  names: NAMES,
  rows: ROWS,
  chunks: CHUNKS,
  lastWrites: LAST_WRITES,
  records: RECORDS,
  sketchNames: SKETCH_NAMES,
  sketchLinks: SKETCH_LINKS,
  sketchRows: SKETCH_ROWS,
  sketchChunks: SKETCH_CHUNKS,
} satisfies Record<string, DatabaseSpec>;

/** By the names that the data file has. */
export function checksOf(classes: AllClasses): Map<string, Check> {
  return new Map(Object.values(DATABASES).map(({ name, check }) => [name, check(classes)]));
}
