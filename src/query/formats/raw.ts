/** `format=raw` (and `rawData`): a line a series, `name,start,end,step|1.0,None,2.5`. */
import type { Series } from '../series/series.ts';
import { finiteText, type Format } from './format.ts';

export const raw: Format = {
  contentType: 'text/plain',
  write: (series) => series.map(line).join(''),
};

function line({ name, start, end, step, values, integers }: Series): string {
  const cells: string[] = [];
  for (const value of values) {
    if (Number.isFinite(value)) cells.push(finiteText(value, integers));
    else cells.push(Number.isNaN(value) ? 'None' : value > 0 ? 'inf' : '-inf');
  }
  const head = [start, end, step].map((number) => Math.trunc(number)).join(',');
  return `${name},${head}|${cells.join(',')}\n`;
}
