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
    const [first] = seriesList;
    if (first === undefined) return '{}';
    const labels = ['Time', ...seriesList.map((series) => series.name)].map((name) =>
      JSON.stringify(name),
    );
    const rows: string[] = [];
    for (let i = 0; i < first.values.length; i++) {
      let row = `[${Math.trunc(first.start + i * first.step)}000`;
      for (const series of seriesList) {
        row += `, ${bareInfinity(jsonNumber(valueAt(series, first.start + i * first.step), series.integers))}`;
      }
      rows.push(`${row}]`);
    }
    const text = `{"labels" : [${labels.join(', ')}], "data" : [${rows.join(', ')}]}`;
    return options.pretty === true ? indentJson(text) : text;
  },
};

function valueAt({ values, start, step }: Series, time: number): number {
  return values[(time - start) / step] ?? NaN;
}

/** Dygraph's reader is JavaScript: graphite-web writes the word. */
function bareInfinity(text: string): string {
  return text.endsWith('1e9999') ? text.replace('1e9999', 'Infinity') : text;
}
