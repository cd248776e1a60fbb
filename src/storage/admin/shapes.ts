/** Schemas of what the admin calls send: series, their points, and what a check found. */
import { UserError } from '../../lib/errors.ts';
import { AGGREGATION_METHODS } from '../retention/archives.ts';
import { validateArchives } from '../retention/retentions.ts';
import { ADMIN_NAME_BYTES, ADMIN_PAGE, ADMIN_POINTS } from './limits.ts';
import {
  between,
  checked,
  column,
  count,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  shortText,
  text,
  type TypeOf,
  unexpected,
} from './schema.ts';

export const seriesName = shortText(ADMIN_NAME_BYTES, 'a name');
export const seriesNames = list(seriesName, { itemsMax: ADMIN_PAGE });

export const archives = list(
  object(
    { step: count('step and points'), points: count('step and points') },
    { title: 'an archive', description: 'step and points' },
  ),
  { description: 'a list of step and points' },
);

const retention = {
  name: seriesName,
  archives,
  aggregationMethod: oneOf(AGGREGATION_METHODS),
  xFilesFactor: between(0, 1),
};
const SERIES_WORDS = { title: 'a series', description: 'name, archives, method and factor' };

/** How a series is stored. */
export const storedSeries = object(retention, SERIES_WORDS);

/** How a series is to be stored. */
export const wantedSeries = object(
  {
    ...retention,
    archives: checked(archives, (wanted) => {
      const [broken] = validateArchives(wanted);
      if (broken !== undefined) throw new UserError('badRequest', broken);
    }),
  },
  SERIES_WORDS,
);

export const seriesDetail = object({
  ...retention,
  timer: optional(object({ name: text, stat: number, argument: number })),
  /** Epoch seconds of the newest known point by archive, 0 where there is none. */
  newestTimes: list(number),
  /** Epoch seconds, to within ten minutes, at which a value last came; 0 where unknown. */
  lastSeen: number,
  /** Most bytes that the series can take in the data file. */
  bytesMax: number,
});
export type SeriesDetail = TypeOf<typeof seriesDetail>;

const points = { step: count('seconds'), times: column, values: column };

/** Archives with their points, as many as fit in one call. */
export const filledArchives = checked(
  list(object(points, { description: 'step, times and values' }), { itemsMax: ADMIN_PAGE }),
  (filled) => {
    let pointCount = 0;
    for (const { times, values } of filled) {
      pointCount += times.length;
      if (times.length === values.length) continue;
      throw unexpected('values', `${values.length}`, `as many as times, ${times.length}`);
    }
    if (pointCount <= ADMIN_POINTS) return;
    throw new UserError(
      'tooLarge',
      `${pointCount} points in one call, expected up to ${ADMIN_POINTS}`,
    );
  },
);

/** Some points of one archive. */
export const pointsPage = object({
  ...points,
  /** More points follow after this time; undefined when these were the last. */
  next: nullable(number),
});
export type PointsPage = TypeOf<typeof pointsPage>;

export const fetchedSeries = object({
  start: number,
  end: number,
  step: number,
  archiveIndex: number,
  values: column,
});

/** VerifiedPart of roles.ts. */
export const verifiedPart = object({
  database: text,
  /** Records and their bytes in this part. */
  records: number,
  bytes: number,
  /** Records of the database, all parts together. */
  total: number,
  faultCount: number,
  /** The first faults, where there are many. */
  faults: list(object({ where: text, what: text, loss: text })),
  /** `after` of the next part; absent after the last part of the last database. */
  next: optional(text),
});
