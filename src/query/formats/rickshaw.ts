/** `format=rickshaw`: `[{"target": "a", "datapoints": [{"x": 1700000000, "y": 1.0}, …]}, …]`. */
import type { Series } from '../series/series.ts';
import { type Format, jsonNumber } from './format.ts';
import { indentJson } from './indent-json.ts';

/** Datapoints in a piece of a streamed answer, some 60 KB. */
const PIECE_POINTS = 2048;

export const rickshaw: Format = {
  contentType: 'application/json',
  write(seriesList, options) {
    const text = [...pieces(seriesList)].join('');
    return options.pretty === true ? indentJson(text) : text;
  },
  pieces,
};

/** Times stop before the series' end, so that constantLine has two datapoints. */
function* pieces(seriesList: readonly Series[]): Generator<string, void, undefined> {
  let text = '[';
  let points = 0;
  for (const [at, { name, start, end, step, values, integers }] of seriesList.entries()) {
    text += `${at === 0 ? '' : ', '}{"target": ${JSON.stringify(name)}, "datapoints": [`;
    for (const [i, value] of values.entries()) {
      const time = start + i * step;
      if (time >= end) break;
      const point = `{"x": ${Math.trunc(time)}, "y": ${jsonNumber(value, integers)}}`;
      text += i === 0 ? point : `, ${point}`;
      points += 1;
      if (points % PIECE_POINTS !== 0) continue;
      yield text;
      text = '';
    }
    text += ']}';
  }
  yield `${text}]`;
}
