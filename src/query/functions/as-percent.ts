/**
 * Series as a percentage of a total: a number, one series, a list of totals matched by name order,
 * the sum of all, or sums of groups that agree in parts of the name. Follows graphite-web's
 * `asPercent`, including what it does with mixed steps: the list is first consolidated to its
 * common step, but without `nodes` the answers keep the start and step that each series came with.
 */
import { badTarget } from '../../lib/errors.ts';
import { groupBy } from '../../lib/group-by.ts';
import { normalize } from '../series/consolidate.ts';
import { pythonFloat, pythonInteger } from '../series/python-format.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import { combined, foldRows, joinPathExpressions, rowSeries } from './rows.ts';
import { compareNames } from './sort.ts';
import {
  any,
  type CallContext,
  type FunctionSpec,
  nodeOrTag,
  seriesList,
  type Value,
} from './spec.ts';

export const asPercent: FunctionSpec = {
  name: 'asPercent',
  aliases: ['pct'],
  origin: 'graphite',
  group: 'Combine',
  description:
    'Each series as a percentage of a total: a number, a series, as many series as there are, or ' +
    'the sum of all when none is given. With nodes, series and totals are matched by parts of ' +
    'their names, and a missing total is the sum of the group.',
  params: [seriesList(), any('total'), nodeOrTag('nodes', { multiple: true })],
  async call(context, seriesList: Series[], total: Value, ...nodes: NodeOrTag[]) {
    if (seriesList.length === 0) return [];
    if (nodes.length > 0) return ofGroups(context, seriesList, total, nodes);
    if (isSeriesList(total)) return ofSeries(context, seriesList, total);
    if (total === undefined) return ofSum(context, seriesList);
    return ofNumber(context, seriesList, total);
  },
};

async function ofSum(context: CallContext, seriesList: Series[]): Promise<Series[]> {
  const rows = (await normalize(context, seriesList))!; // there is at least one
  const text = `sumSeries(${joinPathExpressions(seriesList)})`;
  const sums = await foldRows(context, rows, 'sum', 0);
  return ofColumn(context, seriesList, rows.series, sums, text);
}

async function ofNumber(
  context: CallContext,
  seriesList: Series[],
  argument: Value,
): Promise<Series[]> {
  const total = typeof argument === 'number' ? argument : Number(argument);
  if (Number.isNaN(total) || typeof argument === 'boolean') {
    throw badTarget(`total ${JSON.stringify(argument)} read, expected a number`);
  }
  const text = Number.isInteger(total) ? pythonInteger(total) : pythonFloat(total);
  const column = new Float64Array(seriesList[0]!.values.length).fill(total);
  const rows = (await normalize(context, seriesList))!; // there is at least one
  return ofColumn(context, seriesList, rows.series, column, text);
}

async function ofSeries(
  context: CallContext,
  seriesList: Series[],
  totals: Series[],
): Promise<Series[]> {
  if (totals.length === seriesList.length) {
    const others = [...totals].sort(byName);
    const sorted = [...seriesList].sort(byName);
    return inTurn(context, sorted, (series, i) => percentage(context, series, others[i]!));
  }
  const [total] = totals;
  if (total === undefined || totals.length > 1) {
    throw badTarget(
      `total of ${totals.length} series read, expected 1 or as many as the ${seriesList.length} given`,
    );
  }
  const rows = (await normalize(context, [...seriesList, total]))!; // there is at least one
  const column = rows.series.at(-1)!.values;
  return ofColumn(context, seriesList, rows.series.slice(0, -1), column, total.name);
}

/** Each series row by row by one column of totals; starts and steps stay as they came. */
function ofColumn(
  context: CallContext,
  seriesList: Series[],
  consolidated: Series[],
  totals: Float64Array,
  text: string,
): Promise<Series[]> {
  return inTurn(context, consolidated, ({ values: parts }, i) => {
    const { name, start, end, step } = seriesList[i]!; // as many as were given
    const values = new Float64Array(Math.max(parts.length, totals.length));
    for (let row = 0; row < values.length; row++) values[row] = percent(parts[row], totals[row]);
    const { xFilesFactor } = context;
    const newName = `asPercent(${name},${text})`;
    return makeSeries({ name: newName, start, end, step, values, xFilesFactor });
  });
}

async function ofGroups(
  context: CallContext,
  seriesList: Series[],
  total: Value,
  nodes: NodeOrTag[],
): Promise<Series[]> {
  if (total !== undefined && !isSeriesList(total)) {
    throw badTarget(
      `total ${JSON.stringify(total)} read, expected a series list or None when nodes are given`,
    );
  }
  const keyOf = (series: Series): string => groupKey(series, nodes);
  const groups = groupBy(seriesList, keyOf);
  const totals = new Map<string, Series>();
  for (const [key, group] of total === undefined ? groups : groupBy(total, keyOf)) {
    totals.set(key, await sumOf(context, group));
  }
  const percentages = await inTurn(context, groups, ([key, group]) =>
    inTurn(context, group, (series) => {
      const whole = totals.get(key);
      if (whole !== undefined) return percentage(context, series, whole);
      return unmatched(context, series, `asPercent(${series.name},MISSING)`);
    }),
  );
  const orphans = [...totals].filter(([key]) => !groups.has(key));
  return [
    ...percentages.flat(),
    ...orphans.map(([, whole]) => unmatched(context, whole, `asPercent(MISSING,${whole.name})`)),
  ];
}

/** The sum of a group; a group of one is itself, and keeps its name. */
async function sumOf(context: CallContext, group: Series[]): Promise<Series> {
  if (group.length === 1) return group[0]!;
  const rows = (await normalize(context, group))!; // a group has members
  const name = `sumSeries(${joinPathExpressions(group)})`;
  return rowSeries(context, name, rows, await foldRows(context, rows, 'sum', 0));
}

async function percentage(context: CallContext, series: Series, total: Series): Promise<Series> {
  const name = `asPercent(${series.name},${total.name})`;
  const answer = await combined(context, name, [series, total], (row) => percent(row[0], row[1]));
  return answer!; // two series give one
}

function unmatched(
  context: CallContext,
  { start, end, step, values }: Series,
  name: string,
): Series {
  const nulls = new Float64Array(values.length).fill(NaN);
  return makeSeries({ name, start, end, step, values: nulls, xFilesFactor: context.xFilesFactor });
}

function percent(part: number | undefined, whole: number | undefined): number {
  return part === undefined || whole === undefined || whole === 0 ? NaN : (part / whole) * 100;
}

function isSeriesList(value: Value): value is Series[] {
  return Array.isArray(value);
}

function byName(series: Series, other: Series): number {
  return compareNames(series.name, other.name);
}
