/** Who reads a line of each dialect; a dialect's traits are in `config/dialects.ts`. */
import { type Dialect, DIALECT_NAMES } from '../../../config/dialects.ts';
import type { Cursor, SampleSink } from '../cursor.ts';
import { readExtendedLine } from './extended-line.ts';
import { readStatsdLine } from './statsd-line.ts';

/** Reads the line [from, to), which holds no newline. */
type LineReader = (cursor: Cursor, from: number, to: number, sink: SampleSink) => void;

const READERS: Record<Dialect, LineReader> = {
  statsd: readStatsdLine,
  extended: readExtendedLine,
  dogstatsd: readExtendedLine,
};

/** By the dialect's code. */
export const LINE_READERS: readonly LineReader[] = DIALECT_NAMES.map((name) => READERS[name]);
