/**
 * carbonapi's `baseline`: what is usual for a series, the median of its past selves (the same hours
 * of the last weeks, say), and `baselineAberration`, how far it is from that.
 */
import { average, count, median } from '../series/aggregate.ts';
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { mapRows } from './rows.ts';
import {
  type CallContext,
  float,
  type FunctionSpec,
  integer,
  interval,
  seriesList,
  SHIFT_SUGGESTIONS,
} from './spec.ts';
import { shiftedBy } from './time-shift.ts';

const params = [
  seriesList(),
  interval('timeShiftUnit', { required: true, suggestions: SHIFT_SUGGESTIONS }),
  integer('timeShiftStart', { required: true }),
  integer('timeShiftEnd', { required: true }),
  float('maxAbsentPercent'),
  float('minAvg'),
];

export const baseline: FunctionSpec = {
  name: 'baseline',
  origin: 'carbonapi',
  group: 'Calculate',
  description:
    'The median of a series at the same time some shifts ago: baseline(x,"1w",1,4) of one to ' +
    'three ' +
    'weeks ago. Not drawn where more than maxAbsentPercent is null or the average is below minAvg.',
  params,
  call: medians,
};

export const baselineAberration: FunctionSpec = {
  name: 'baselineAberration',
  origin: 'carbonapi',
  group: 'Calculate',
  description: 'A series divided by its baseline: 1.1 where it is 10 % above what is usual.',
  params,
  async call(...call: Parameters<typeof medians>) {
    const [, seriesList] = call;
    const usual = await medians(...call);
    const usualOf = new Map(usual.map((series) => [series.name, series.values]));
    const compared = await inTurn(call[0], seriesList, (series) => {
      const expected = usualOf.get(`baseline(${series.name})`);
      if (expected === undefined) return [];
      const values = series.values.map((value, i) => {
        const divisor = expected[i] ?? NaN;
        return Number.isNaN(value) || divisor !== 0 ? value / divisor : 0;
      });
      return derive(series, { name: `baselineAberration(${series.name})`, values });
    });
    return compared.flat();
  },
};

async function medians(
  context: CallContext,
  _series: Series[],
  unit: string,
  start: number,
  end: number,
  maxAbsentPercent = Infinity,
  minAvg = -Infinity,
): Promise<Series[]> {
  const seconds = Math.abs(intervalSeconds(unit)) * (unit.startsWith('+') ? 1 : -1);
  const groups = new Map<string, Series[]>();
  for (let i = start; i < end; i++) {
    if (i === 0) continue;
    const shift = i * seconds;
    for (const series of await shiftedBy(context, shift)) {
      const back = { ...series, start: series.start - shift, end: series.end - shift };
      const past = groups.get(series.name);
      if (past === undefined) groups.set(series.name, [back]);
      else past.push(back);
      // All shifts are held until the last is read.
      context.reserve(back.values.length);
    }
  }
  const drawn = await inTurn(context, groups, async ([name, past]) => {
    const first = past[0]!; // groups are made with their first member
    const rowCount = first.values.length;
    const values = await mapRows(context, { series: past, rowCount }, (row) => median(row));
    const known = count(values);
    const absentPercent = (100 * (rowCount - known)) / rowCount;
    if (absentPercent > maxAbsentPercent || average(values) < minAvg) return [];
    return derive(first, { name: `baseline(${name})`, values });
  });
  return drawn.flat();
}
