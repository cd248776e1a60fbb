/**
 * What Graphite servers exchange in Python's pickle or in MessagePack: lists of maps, the same in
 * both. A PackWriter writes the values of one encoding (pickle.ts, msgpack.ts); `/render` and
 * `/metrics/find` say by its calls what they hold.
 */
import type { Series } from '../series/series.ts';
import type { Format } from './format.ts';

export interface PackWriter {
  /** Begins a list of as many values. */
  list(count: number): void;
  endList(): void;
  /** Begins a map of fewer than 16 keys; each is a text, its value follows. */
  map(keyCount: number): void;
  endMap(): void;
  text(text: string): void;
  flag(value: boolean): void;
  integer(value: number): void;
  double(value: number): void;
  /** Two doubles that belong together. */
  pair(first: number, second: number): void;
  none(): void;
  /** What was written since it was taken last, if it is as much. */
  take(bytesMin: number): Uint8Array | undefined;
  /** Ends the answer: all of it that was not taken. */
  finish(): Uint8Array;
}

export interface Packing {
  contentType: string;
  writer(): PackWriter;
}

/** A streamed answer goes out in pieces of so many bytes, or of one series that takes more. */
const PIECE_BYTES = 65_536;

/** The render format of an encoding. */
export function packedSeries({ contentType, writer }: Packing): Format {
  function* pieces(
    seriesList: readonly Series[],
    bytesMin: number,
  ): Generator<Uint8Array, void, undefined> {
    const out = writer();
    out.list(seriesList.length);
    for (const each of seriesList) {
      writeSeries(out, each);
      const piece = out.take(bytesMin);
      if (piece !== undefined) yield piece;
    }
    out.endList();
    yield out.finish();
  }
  return {
    contentType,
    // None is taken before the end.
    write: (seriesList) => [...pieces(seriesList, Infinity)][0]!,
    pieces: (seriesList) => pieces(seriesList, PIECE_BYTES),
  };
}

/** NaN is null; whole numbers are integers where a series holds counts. */
function writeValues(out: PackWriter, { values, integers = false }: Series): void {
  out.list(values.length);
  for (const value of values) {
    if (Number.isNaN(value)) out.none();
    else if (integers && Number.isSafeInteger(value)) out.integer(value);
    else out.double(value);
  }
  out.endList();
}

/** The keys and their order are graphite-web's. */
function writeSeries(out: PackWriter, series: Series): void {
  out.map(9);
  out.text('name');
  out.text(series.name);
  for (const key of ['start', 'end', 'step'] as const) {
    out.text(key);
    out.integer(Math.trunc(series[key]));
  }
  out.text('values');
  writeValues(out, series);
  out.text('pathExpression');
  out.text(series.pathExpression);
  out.text('valuesPerPoint');
  out.integer(series.valuesPerPoint ?? 1);
  out.text('consolidationFunc');
  out.text(series.consolidateBy);
  out.text('xFilesFactor');
  out.double(series.xFilesFactor);
  out.endMap();
}
