/**
 * The answer of `/render`: series in the format asked for, in one text or, when it is long and
 * JSON, csv or raw, in a stream of pieces. With `meta=true` JSON carries Metrictank's notes.
 */
import { Readable } from 'node:stream';
import { SLICE_MS, yieldInOrder } from '../lib/yield-in-order.ts';
import type { FormatOptions } from '../query/formats/format.ts';
import { formatNamed } from '../query/formats/formats.ts';
import { jsonBytes, jsonPieces, jsonp } from '../query/formats/json.ts';
import type { Series } from '../query/series/series.ts';
import type { SeriesReader } from '../storage/roles.ts';
import type { RenderRequest } from './render-request.ts';
import type { AnswerSize } from './answer-size.ts';
import { rollupPieces } from './rollup-meta.ts';

/** Datapoints from which on an answer is streamed. */
const STREAM_FROM = 50_000;
/** Characters of names and tags. */
const STREAM_TEXT_FROM = 1_000_000;
/** Formats that `jsonp` wraps: those that are JavaScript. */
const SCRIPTS: readonly string[] = ['json', 'dygraph', 'rickshaw'];

export interface RenderAnswer {
  type: string;
  /** A promise of what is drawn meanwhile. */
  body: string | Buffer | Readable | Promise<string | Buffer>;
}

/** `tookMs`: what reading and computing took, for `meta=true`; `size` decides on streaming. */
export function renderAnswer(
  store: SeriesReader,
  seriesList: readonly Series[],
  asked: RenderRequest,
  { size: { points, text }, tookMs }: { size: AnswerSize; tookMs: number },
): RenderAnswer {
  const { format, maxDataPoints, noNullPoints, partialFirstBucket, tz, pretty } = asked;
  const options: FormatOptions = {
    noNullPoints,
    partialFirstBucket,
    tz,
    pretty,
    ...(maxDataPoints === undefined ? {} : { maxDataPoints }),
  };
  const callback = SCRIPTS.includes(format) ? asked.jsonp : undefined;
  const isLong = points >= STREAM_FROM || text >= STREAM_TEXT_FROM;
  if (format === 'json' && callback === undefined && asked.meta) {
    const pieces = rollupPieces(store, seriesList, options, tookMs);
    return { type: 'application/json', body: isLong ? streamOf(pieces) : [...pieces].join('') };
  }
  if (format === 'json' && isLong) {
    // So many datapoints are not for people: indenting them would only cost.
    const body = streamOf(calling(callback, jsonPieces(seriesList, options)));
    return { type: callback === undefined ? 'application/json' : 'text/javascript', body };
  }
  if (format === 'json' && callback === undefined && !pretty) {
    return { type: 'application/json', body: jsonBytes(seriesList, options) };
  }
  const { contentType, write, pieces } = formatNamed(format)!; // pictures aside, readRenderRequest knows the same
  const type = callback === undefined ? contentType : 'text/javascript';
  if (pieces !== undefined && isLong) {
    return { type, body: streamOf(calling(callback, pieces(seriesList, options))) };
  }
  const body = write(seriesList, options);
  if (typeof body !== 'string') {
    const { buffer, byteOffset, byteLength } = body;
    return { type: contentType, body: Buffer.from(buffer, byteOffset, byteLength) };
  }
  return { type, body: callback === undefined ? body : jsonp(callback, body) };
}

type Piece = string | Uint8Array;

/** Pieces of an answer inside a `jsonp` callback. */
function* calling(
  callback: string | undefined,
  pieces: Iterable<Piece>,
): Generator<Piece, void, undefined> {
  if (callback !== undefined) yield `${callback}(`;
  yield* pieces;
  if (callback !== undefined) yield ')';
}

/** Pieces as the client takes them; other requests run in between. */
function streamOf(pieces: Iterable<Piece>): Readable {
  return Readable.from(inTurns(pieces));
}

async function* inTurns(pieces: Iterable<Piece>): AsyncGenerator<Piece, void, undefined> {
  let sliceStart = performance.now();
  for (const piece of pieces) {
    yield piece;
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await yieldInOrder();
    sliceStart = performance.now();
  }
}
