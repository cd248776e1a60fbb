/**
 * Graphite's .wsp file, after the header comment of whisper.py. Everything is big-endian.
 *
 *     header    aggregation u32 | max retention u32 (s) | xFilesFactor f32 | archive count u32
 *     archive   offset u32 | step u32 (s) | points u32                    once each, finest first
 *     slots     timestamp u32 | value f64                       points times, archive by archive
 *
 * The timestamp in slot 0 is the ring's origin, 0 when nothing was ever written. A slot counts only
 * if its own timestamp belongs there: slot = (timestamp - origin) / step mod points. Read by
 * read.ts and written by write.ts.
 */
import {
  AGGREGATION_METHODS,
  type AggregationMethod,
  type Archive,
} from '../retention/archives.ts';
import type { ImportedArchive } from '../roles.ts';

export const HEADER_BYTES = 16;
export const ARCHIVE_BYTES = 12;
export const SLOT_BYTES = 12;

/** A method's number in the file is its position in this list, from 1. */
export const METHOD_NUMBERS: readonly AggregationMethod[] = AGGREGATION_METHODS;

/** What a file says about its series, but for the name, and its points archive by archive. */
export interface WhisperSeries {
  archives: Archive[];
  aggregationMethod: AggregationMethod;
  /** A float32, as in the file: 0.1 reads as 0.10000000149011612. */
  xFilesFactor: number;
  /** Same order as `archives`. */
  data: ImportedArchive[];
}
