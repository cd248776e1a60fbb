/**
 * Names with numbers in them: `legendValue` appends aggregates, `cactiStyle` aligned columns of
 * current, highest and lowest. The widths are graphite-web's, to the blank.
 */
import { badTarget } from '../../lib/errors.ts';
import { isReducer, isWhole, last, maximum, minimum, reducerOf } from '../series/aggregate.ts';
import { formatF, pythonFloat, pythonInteger } from '../series/python-format.ts';
import { rename, type Series } from '../series/series.ts';
import { scaleToUnits } from '../series/units.ts';
import { inTurn } from './in-turn.ts';
import { AGGREGATION_NAMES, type FunctionSpec, seriesList, string } from './spec.ts';

const SYSTEMS = ['binary', 'si'] as const;
type System = (typeof SYSTEMS)[number];

export const cactiStyle: FunctionSpec = {
  name: 'cactiStyle',
  origin: 'graphite',
  group: 'Special',
  description:
    'Appends the current, highest and lowest value to each name, in aligned columns. The system ' +
    'si or binary shortens numbers with prefixes; units are written behind them.',
  params: [seriesList(), string('system', { options: SYSTEMS }), string('units')],
  call: (_context, seriesList: Series[], systemName?: string, units?: string) => {
    const system = SYSTEMS.find((known) => known === systemName);
    if (systemName && system === undefined) {
      throw badTarget(`system "${systemName}" read, expected si or binary`);
    }
    const spell = (value: number): string => spellNumber(value, system, units);
    const nameWidth = widest(seriesList.map((series) => series.name));
    const columns = [last, maximum, minimum].map((aggregate) => {
      const values = seriesList.map((series) => aggregate(series.values));
      // Graphite measures the number without its fraction, and 3 where there is none or it is 0.
      const measured = values.map((value) =>
        // The sign of a zero is none to measure: Python's int(-0.5) is 0.
        spell(value === 0 || Number.isNaN(value) ? 3 : Math.trunc(value) + 0),
      );
      const width = widest(measured) + 3;
      return values.map((value) => padEnd(Number.isNaN(value) ? 'nan' : spell(value), width));
    });
    return seriesList.map((series, i) => {
      const [current, highest, lowest] = columns.map((column) => column[i]!);
      const name = padEnd(series.name, nameWidth);
      return rename(series, `${name} Current:${current} Max:${highest} Min:${lowest} `);
    });
  },
};

export const legendValue: FunctionSpec = {
  name: 'legendValue',
  origin: 'graphite',
  group: 'Alias',
  isPerSeries: true,
  description:
    'Appends aggregates of the datapoints to the name, such as (last: 3.5). With si or binary as ' +
    'the last argument numbers are shortened with prefixes, in columns.',
  params: [
    seriesList(),
    string('valuesTypes', {
      signatureName: 'valueTypes',
      multiple: true,
      options: [
        ...AGGREGATION_NAMES,
        ...AGGREGATION_NAMES.map((name) => `${name}Series`),
        ...SYSTEMS,
      ].sort(),
    }),
  ],
  async call(context, seriesList: Series[], ...valueTypes: string[]) {
    if (valueTypes.length === 0) {
      throw badTarget('no aggregate read, expected at least one such as "last"');
    }
    const system = SYSTEMS.find((known) => known === valueTypes.at(-1));
    const types = system === undefined ? valueTypes : valueTypes.slice(0, -1);
    return inTurn(context, seriesList, (series) => {
      let { name } = series;
      for (const type of types) {
        context.spend(series.values.length);
        name += legendPart(series, name, type, system);
      }
      context.admitNames(name.length);
      return rename(series, name);
    });
  },
};

/** Text that one aggregate adds to a name. */
function legendPart(series: Series, name: string, type: string, system?: System): string {
  const value = isReducer(type) ? reducerOf(type)(series.values) : undefined;
  if (system === undefined) {
    if (value === undefined) return ` (${type}: (?))`;
    if (Number.isNaN(value)) return ` (${type}: None)`;
    const spelled = isWhole(type, series.integers === true) ? pythonInteger : pythonFloat;
    return ` (${type}: ${spelled(value)})`;
  }
  const text =
    value === undefined
      ? '(?)'
      : Number.isNaN(value)
        ? 'None'
        : spellNumber(value, system, undefined);
  const gap = ' '.repeat(Math.max(0, 20 - lengthOf(name)));
  return gap + padEnd(type, 5) + padEnd(text, 10);
}

function spellNumber(value: number, system?: System, units?: string): string {
  if (system === undefined) return formatF(value, 2) + (units ? ` ${units}` : '');
  const scaled = scaleToUnits(value, system, units ?? '');
  return formatF(scaled.value, 2) + (units ? ' ' : '') + scaled.suffix;
}

function widest(texts: string[]): number {
  return texts.reduce((width, text) => Math.max(width, lengthOf(text)), 0);
}

/** Length in characters, as Python counts, not UTF-16 units. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}
