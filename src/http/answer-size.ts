/**
 * How large an answer of /render becomes, told before it is written: its datapoints, and its
 * characters beside them. `maxDataPoints` makes it smaller than what was read; some formats repeat
 * a name for each datapoint, or a row for each series.
 */
import { overLimit } from '../lib/errors.ts';
import type { Series } from '../query/series/series.ts';
import type { HttpLimits } from './limits.ts';
import type { RenderRequest } from './render-request.ts';

export interface AnswerSize {
  points: number;
  text: number;
}

export function answerSize(
  seriesList: readonly Series[],
  { format, maxDataPoints }: Pick<RenderRequest, 'format' | 'maxDataPoints'>,
): AnswerSize {
  const most = format === 'json' ? (maxDataPoints ?? Infinity) : Infinity;
  // Dygraph's rows are those of the first series.
  const rows = format === 'dygraph' ? (seriesList[0]?.values.length ?? 0) : 0;
  const size = { points: 0, text: 0 };
  for (const { name, pathExpression, tags, values } of seriesList) {
    size.points += Math.max(rows, Math.min(values.length, most));
    if (format === 'csv') size.text += name.length * values.length;
    else size.text += name.length;
    if (format === 'json') for (const tag in tags) size.text += tag.length + lengthOf(tags[tag]!);
    if (format === 'pickle' || format === 'msgpack') size.text += pathExpression.length;
  }
  return size;
}

/** Throws `overLimit` for an answer that is too large. */
export function checkAnswerSize(
  { points, text }: AnswerSize,
  { format }: Pick<RenderRequest, 'format'>,
  { answerPoints, answerBytes, nameBytes }: HttpLimits,
): void {
  if (points > answerPoints) {
    throw overLimit(
      `${points} datapoints to answer, at most ${answerPoints} are allowed ` +
        '(httpLimits.answerPoints): ask for less time, fewer series, or json with maxDataPoints',
    );
  }
  const [most, option] = format === 'csv' ? [answerBytes, 'answerBytes'] : [nameBytes, 'nameBytes'];
  if (text <= most) return;
  throw overLimit(
    `${text} characters of names and tags to answer, at most ${most} are allowed ` +
      `(httpLimits.${option})`,
  );
}

function lengthOf(value: string | number): number {
  return typeof value === 'string' ? value.length : 24;
}
