/**
 * carbonapi's `timeShiftByMetric`: series of several releases laid over each other, each shifted so
 * that its release begins where the newest one's does. When a release began is told by mark series
 * named `….<major>_<minor>`, whose last datapoint is the mark.
 */
import { badTarget } from '../../lib/errors.ts';
import { derive, type Series } from '../series/series.ts';
import { type FunctionSpec, integer, seriesList } from './spec.ts';

/** `time`: epoch seconds of the last datapoint. */
type Mark = { version: string; major: number; minor: number; time: number };

export const timeShiftByMetric: FunctionSpec = {
  name: 'timeShiftByMetric',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'Shifts each series by the distance between the mark of its version (the part of its name at ' +
    'versionRankIndex, such as 65 or 65_1) and the mark of the newest version.',
  params: [seriesList(), seriesList('markSource'), integer('versionRankIndex', { required: true })],
  call: (_context, seriesList: Series[], markSource: Series[], versionRankIndex: number) => {
    if (seriesList.length === 0) return [];
    const marks = newestPerMajor(markSource);
    const [newest] = marks;
    if (newest === undefined || marks.length < 2) {
      throw badTarget(`${marks.length} version marks read, expected at least 2`);
    }
    return seriesList.flatMap((series) => {
      const version = series.name.split('.')[versionRankIndex];
      if (version === undefined || version === '') return [];
      const mark =
        marks.find((known) => known.version === version) ??
        marks.find((known) => known.version.startsWith(version));
      if (mark === undefined) return [];
      const shift = newest.time - mark.time;
      return derive(series, {
        name: `timeShiftByMetric(${series.name})`,
        start: series.start + shift,
        end: series.end + shift,
      });
    });
  },
};

/** The mark of the highest minor of each major version, newest first. */
function newestPerMajor(markSource: Series[]): Mark[] {
  const best = new Map<number, Mark>();
  for (const { name, start, step, values } of markSource) {
    const version = name.slice(name.lastIndexOf('.') + 1);
    const numbers = /(\d+)_(\d+)/.exec(version);
    const index = values.findLastIndex((value) => !Number.isNaN(value));
    if (numbers === null || index === -1) continue;
    const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
    const known = best.get(major);
    if (known !== undefined && known.minor >= minor) continue;
    best.set(major, { version, major, minor, time: start + index * step });
  }
  return [...best.values()].sort((a, b) => b.major - a.major);
}
