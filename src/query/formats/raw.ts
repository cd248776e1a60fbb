/** `format=raw` (and `rawData`): a line a series, `name,start,end,step|1.0,None,2.5`. */
import type { Series } from '../series/series.ts';
import { type Format, numberText } from './format.ts';

/** Datapoints in a piece of a streamed answer, some 40 KB. */
const PIECE_POINTS = 4096;

export const raw: Format = {
  contentType: 'text/plain',
  write: (seriesList) => [...pieces(seriesList)].join(''),
  pieces,
};

function* pieces(seriesList: readonly Series[]): Generator<string, void, undefined> {
  let text = '';
  let points = 0;
  for (const { name, start, end, step, values, integers } of seriesList) {
    text += `${name},${[start, end, step].map(Math.trunc).join(',')}|`;
    for (let i = 0; i < values.length; i++) {
      text += (i === 0 ? '' : ',') + numberText(values[i]!, integers, 'None', 'inf');
      points += 1;
      if (points % PIECE_POINTS !== 0) continue;
      yield text;
      text = '';
    }
    text += '\n';
  }
  yield text;
}
