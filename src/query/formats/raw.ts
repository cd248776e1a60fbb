/** `format=raw` (and `rawData`): a line a series, `name,start,end,step|1.0,None,2.5`. */
import type { Series } from '../series/series.ts';
import { finiteText, type Format } from './format.ts';

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
      text += (i === 0 ? '' : ',') + cell(values[i]!, integers);
      points += 1;
      if (points % PIECE_POINTS !== 0) continue;
      yield text;
      text = '';
    }
    text += '\n';
  }
  yield text;
}

function cell(value: number, integers: boolean | undefined): string {
  if (Number.isFinite(value)) return finiteText(value, integers);
  return Number.isNaN(value) ? 'None' : value > 0 ? 'inf' : '-inf';
}
