/**
 * Two lists into one, pair by pair: `aggregateSeriesLists` and its short forms, and quotients
 * (`divideSeries`, `divideSeriesLists`).
 */
import { badTarget } from '../../lib/errors.ts';
import { derive, type Series } from '../series/series.ts';
import { aggregated } from './combine.ts';
import { inTurn } from './in-turn.ts';
import { combined } from './rows.ts';
import { aggFunc, type CallContext, float, type FunctionSpec, seriesList } from './spec.ts';

const pairParams = [seriesList('seriesListFirstPos'), seriesList('seriesListSecondPos')];

export const aggregateSeriesLists: FunctionSpec = {
  name: 'aggregateSeriesLists',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Combines the first series of one list with the first of the other, the second with the ' +
    'second, and so on, by an aggregate. The lists must have the same length.',
  params: [...pairParams, aggFunc('func', { required: true }), float('xFilesFactor')],
  call: (context, first: Series[], second: Series[], func: string, xFilesFactor?: number) =>
    pairwise(context, first, second, func, xFilesFactor),
};

export const diffSeriesLists = shortForm('diffSeriesLists', 'diff', 'differences');
export const multiplySeriesLists = shortForm('multiplySeriesLists', 'multiply', 'products');
export const sumSeriesLists = shortForm('sumSeriesLists', 'sum', 'sums');

export const divideSeries: FunctionSpec = {
  name: 'divideSeries',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Divides each series of a list by one other series. Null where the divisor is 0 or null; to ' +
    'divide by a constant use scale.',
  params: [seriesList('dividendSeriesList'), seriesList('divisorSeries')],
  async call(context, dividends: Series[], divisors: Series[]) {
    const [divisor, ...others] = divisors;
    if (others.length > 0) {
      throw badTarget(`divisorSeries has ${divisors.length} series, expected exactly one`);
    }
    return inTurn(context, dividends, (dividend) =>
      divisor === undefined
        ? derive(dividend, {
            name: `divideSeries(${dividend.name},MISSING)`,
            values: new Float64Array(dividend.values.length).fill(NaN),
          })
        : quotient(context, dividend, divisor),
    );
  },
};

export const divideSeriesLists: FunctionSpec = {
  name: 'divideSeriesLists',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Divides the first series of one list by the first of the other, the second by the second, ' +
    'and so on. The lists must have the same length.',
  params: [seriesList('dividendSeriesList'), seriesList('divisorSeriesList')],
  call: (context, dividends: Series[], divisors: Series[]) =>
    inTurn(context, pairs(dividends, divisors), ([dividend, divisor]) =>
      quotient(context, dividend, divisor),
    ),
};

function shortForm(name: string, func: string, prose: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Combine',
    description: `The ${prose} of two lists, first with first, second with second, and so on.`,
    params: pairParams,
    call: (context, first: Series[], second: Series[]) => pairwise(context, first, second, func),
  };
}

async function pairwise(
  context: CallContext,
  first: Series[],
  second: Series[],
  func: string,
  xFilesFactor?: number,
): Promise<Series[]> {
  const answers = await inTurn(context, pairs(first, second), async ([series, other]) => {
    const found = await aggregated(context, [series, other], func, xFilesFactor);
    return found.map((answer) => ({
      ...answer,
      name: answer.name.slice(0, answer.name.indexOf('(')) + `(${series.name},${other.name})`,
    }));
  });
  return answers.flat();
}

/** Null where the divisor is 0 or null. */
async function quotient(context: CallContext, dividend: Series, divisor: Series): Promise<Series> {
  const name = `divideSeries(${dividend.name},${divisor.name})`;
  const answer = await combined(context, name, [dividend, divisor], (row) =>
    row[1] === 0 ? NaN : row[0]! / row[1]!,
  );
  return answer!; // two series give one
}

/** Partners of two lists of the same length. */
export function pairs(first: Series[], second: Series[]): [Series, Series][] {
  if (first.length !== second.length) {
    throw badTarget(
      `lists of ${first.length} and ${second.length} series read, expected the same length`,
    );
  }
  return first.map((series, i) => [series, second[i]!]);
}
