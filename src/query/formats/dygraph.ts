/**
 * `format=dygraph`: rows of a time in milliseconds and one value a series, the times those of the
 * first series. Where graphite-web fails on series with other times, what they do not have is null.
 */
import type { Series } from '../series/series.ts';
import { type Format, jsonNumber } from './format.ts';
import { indentJson } from './indent-json.ts';

export const dygraph: Format = {
  contentType: 'application/json',
  write(seriesList, options) {
    const text = [...pieces(seriesList)].join('');
    return options.pretty === true ? indentJson(text) : text;
  },
  pieces,
};

function* pieces(seriesList: readonly Series[]): Generator<string, void, undefined> {
  const [first] = seriesList;
  if (first === undefined) return yield '{}';
  yield '{"labels" : ["Time"';
  for (const { name } of seriesList) yield `, ${JSON.stringify(name)}`;
  yield '], "data" : [';
  for (let i = 0; i < first.values.length; i++) {
    const time = first.start + i * first.step;
    let row = `${i === 0 ? '' : ', '}[${Math.trunc(time)}000`;
    for (const series of seriesList) {
      row += `, ${bareInfinity(jsonNumber(valueAt(series, time), series.integers))}`;
    }
    yield `${row}]`;
  }
  yield ']}';
}

function valueAt({ values, start, step }: Series, time: number): number {
  return values[(time - start) / step] ?? NaN;
}

/** Dygraph's reader is JavaScript: graphite-web writes the word. */
function bareInfinity(text: string): string {
  return text.endsWith('1e9999') ? text.replace('1e9999', 'Infinity') : text;
}
