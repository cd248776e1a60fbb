/** Who reads a line of each dialect; a dialect's traits are in `config/dialects.ts`. */
import { type Dialect, DIALECT_NAMES } from '../../../config/dialects.ts';
import type { Cursor, SampleSink } from '../cursor.ts';
import { readExtendedLine, readExtendedValues } from './extended-line.ts';
import { readStatsdLine, readStatsdValue } from './statsd-line.ts';

/**
 * Reads the line [from, to), which holds no newline. Returns BY_VALUES where the reader of values alone
 * would do for a line that differs in its values only, the REASON_ for which all such lines are
 * rejected, or NOT_REMEMBERED.
 */
type LineReader = (cursor: Cursor, from: number, to: number, sink: SampleSink) => number;

/** Reads the values of a line of which the cursor holds the rest already. */
type ValueReader = (cursor: Cursor, sink: SampleSink) => void;

interface Readers {
  line: LineReader;
  values: ValueReader;
}

const EXTENDED: Readers = { line: readExtendedLine, values: readExtendedValues };
const READERS: Record<Dialect, Readers> = {
  statsd: { line: readStatsdLine, values: readStatsdValue },
  extended: EXTENDED,
  dogstatsd: EXTENDED,
};

/** By the dialect's code. */
export const LINE_READERS: readonly LineReader[] = DIALECT_NAMES.map((name) => READERS[name].line);
export const VALUE_READERS: readonly ValueReader[] = DIALECT_NAMES.map(
  (name) => READERS[name].values,
);
