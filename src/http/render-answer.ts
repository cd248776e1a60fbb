/**
 * The answer of `/render`: series in the format asked for, in one text or, when it is long and plain
 * JSON, in a stream of one piece a series. With `meta=true` JSON carries Metrictank's notes.
 */
import { Readable } from 'node:stream';
import type { FormatOptions } from '../query/formats/format.ts';
import { formatNamed } from '../query/formats/formats.ts';
import { jsonChunks, jsonp } from '../query/formats/json.ts';
import type { Series } from '../query/series/series.ts';
import type { Store } from '../storage/store.ts';
import type { RenderRequest } from './render-request.ts';
import { withRollupMeta } from './rollup-meta.ts';

/** Datapoints from which on JSON is streamed. */
const STREAM_FROM = 50_000;
/** Formats that `jsonp` wraps: those that are JavaScript. */
const SCRIPTS: readonly string[] = ['json', 'dygraph', 'rickshaw'];

export interface RenderAnswer {
  type: string;
  body: string | Buffer | Readable;
}

/** `tookMs`: what reading and computing took, for `meta=true`. */
export function renderAnswer(
  store: Store,
  series: readonly Series[],
  asked: RenderRequest,
  tookMs: number,
): RenderAnswer {
  const { format, maxDataPoints, noNullPoints, tz, pretty } = asked;
  const options: FormatOptions = {
    noNullPoints,
    tz,
    pretty,
    ...(maxDataPoints === undefined ? {} : { maxDataPoints }),
  };
  const callback = SCRIPTS.includes(format) ? asked.jsonp : undefined;
  if (format === 'json' && callback === undefined && asked.meta) {
    return { type: 'application/json', body: withRollupMeta(store, series, options, tookMs) };
  }
  const points = series.reduce((sum, one) => sum + one.values.length, 0);
  if (format === 'json' && callback === undefined && !pretty && points >= STREAM_FROM) {
    return { type: 'application/json', body: Readable.from(jsonChunks(series, options)) };
  }
  const { contentType, write } = formatNamed(format)!; // readRenderRequest knows the same names
  const body = write(series, options);
  if (typeof body !== 'string') return { type: contentType, body: Buffer.from(body) };
  return callback === undefined
    ? { type: contentType, body }
    : { type: 'text/javascript', body: jsonp(callback, body) };
}
