/** `format=rickshaw`: `[{"target": "a", "datapoints": [{"x": 1700000000, "y": 1.0}, …]}, …]`. */
import type { Series } from '../series/series.ts';
import { type Format, jsonNumber } from './format.ts';
import { indentJson } from './indent-json.ts';

export const rickshaw: Format = {
  contentType: 'application/json',
  write(seriesList, options) {
    const text = `[${seriesList.map(entry).join(', ')}]`;
    return options.pretty === true ? indentJson(text) : text;
  },
};

/** Times stop before the series' end, so that constantLine has two datapoints. */
function entry({ name, start, end, step, values, integers }: Series): string {
  const points: string[] = [];
  for (const [i, value] of values.entries()) {
    const time = start + i * step;
    if (time >= end) break;
    points.push(`{"x": ${Math.trunc(time)}, "y": ${jsonNumber(value, integers)}}`);
  }
  return `{"target": ${JSON.stringify(name)}, "datapoints": [${points.join(', ')}]}`;
}
