/**
 * What crosses between a verb and the admin routes of a running server: JSON, with columns of
 * numbers as base64 of little-endian doubles, so that every double arrives bit for bit (-0, NaN and
 * subnormals too). Each route is `POST /admin/<call>`; cli/http-admin.ts asks, http/admin.ts answers.
 */
import { UserError } from '../../lib/errors.ts';
import { ADMIN_PAGE, ADMIN_POINTS, type SeriesDetail } from './store-admin.ts';
import type { PointsPage } from './all-points.ts';
import {
  AGGREGATION_METHODS,
  type AggregationMethod,
  type Archive,
} from '../retention/archives.ts';
import { validateArchives } from '../retention/retentions.ts';
import type { Fetched, ImportedArchive, SeriesInfo, VerifiedPart } from '../roles.ts';

/** A header that no form of a web page can send and no other site may, for want of our leave. */
export const ADMIN_HEADER = 'x-tallyd-admin';
/** The code of a UserError with which a call was refused. */
export const ADMIN_ERROR_HEADER = 'x-tallyd-error';
/** Most bytes of a request: the points of one call, and names around them. */
export const ADMIN_BODY_BYTES = 8 * 2 ** 20;
/** Longest name that a request may give, bytes. */
const NAME_BYTES_MAX = 65_536;

/** A call's arguments and its answer; null stands for undefined. */
export interface AdminCalls {
  names: { ask: { query: string; after?: string }; answer: { names: string[] } };
  info: { ask: { names: string[] }; answer: { series: (SeriesDetail | null)[] } };
  kept: { ask: { names: string[] }; answer: { series: (SeriesInfo | null)[] } };
  /** The answer may be shorter than the names: ask again for the rest. */
  fetch: {
    ask: { names: string[]; from: number; until: number; now: number };
    answer: { series: (WireFetched | null)[] };
  };
  points: {
    ask: { name: string; archive: number; after: number };
    answer: { page: (WireArchive & { next: number | null }) | null };
  };
  put: {
    ask: { info: SeriesInfo; archives: WireArchive[] };
    answer: { kept: Archive[] | null };
  };
  delete: { ask: { names: string[] }; answer: { count: number } };
  rename: { ask: { pairs: { from: string; to: string }[] }; answer: { count: number } };
  retain: { ask: { changes: SeriesInfo[]; rewrite: boolean }; answer: { count: number } };
  backup: { ask: { file: string }; answer: { bytes: number } };
  verify: { ask: { after?: string }; answer: VerifiedPart };
  note: { ask: { key: string }; answer: { text: string | null } };
  putNote: { ask: { key: string; text: string | null }; answer: Record<string, never> };
}
export type AdminCall = keyof AdminCalls;
export type Ask<Call extends AdminCall> = AdminCalls[Call]['ask'];
export type Answer<Call extends AdminCall> = AdminCalls[Call]['answer'];

interface WireArchive {
  step: number;
  times: string;
  values: string;
}

interface WireFetched {
  start: number;
  end: number;
  step: number;
  archiveIndex: number;
  values: string;
}

export function encodeColumn(values: Float64Array): string {
  const bytes = Buffer.alloc(values.length * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true);
  return bytes.toString('base64');
}

/** Throws `badRequest` when the text is no column of doubles. */
export function decodeColumn(text: unknown): Float64Array {
  if (typeof text !== 'string') throw wrong('a column', text, 'base64 of doubles');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 8 !== 0) throw wrong('a column', `${bytes.length} bytes`, 'whole doubles');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(i * 8, true);
  return values;
}

export function encodeArchive({ step, times, values }: ImportedArchive): WireArchive {
  return { step, times: encodeColumn(times), values: encodeColumn(values) };
}

export function decodePage(page: NonNullable<Answer<'points'>['page']>): PointsPage {
  return {
    step: page.step,
    times: decodeColumn(page.times),
    values: decodeColumn(page.values),
    next: page.next ?? undefined,
  };
}

export function encodeFetched(fetched: Fetched): WireFetched {
  return { ...fetched, values: encodeColumn(fetched.values) };
}

export function decodeFetched(fetched: WireFetched): Fetched {
  return { ...fetched, values: decodeColumn(fetched.values) };
}

/** Reads what a request says; each throws `badRequest` with what was read and what was expected. */
export class AskReader {
  private readonly fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (!isObject(value)) throw wrong('the body', value, 'a JSON object');
    this.fields = value;
  }

  text(field: string): string {
    const value = this.fields[field];
    if (typeof value === 'string') return value;
    throw wrong(field, value, 'a text');
  }

  optionalText(field: string): string | undefined {
    return this.fields[field] === undefined || this.fields[field] === null
      ? undefined
      : this.text(field);
  }

  number(field: string): number {
    const value = this.fields[field];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw wrong(field, value, 'a number');
  }

  flag(field: string): boolean {
    const value = this.fields[field];
    if (typeof value === 'boolean') return value;
    throw wrong(field, value, 'true or false');
  }

  names(field: string): string[] {
    return this.page(field).map((name) => readName(field, name));
  }

  pairs(field: string): { from: string; to: string }[] {
    return this.page(field).map((pair) => {
      if (!isObject(pair)) throw wrong(field, pair, 'pairs of from and to');
      return { from: readName('from', pair['from']), to: readName('to', pair['to']) };
    });
  }

  series(field: string): SeriesInfo {
    return readSeries(this.fields[field]);
  }

  seriesList(field: string): SeriesInfo[] {
    return this.page(field).map(readSeries);
  }

  archives(field: string): ImportedArchive[] {
    const archives = this.page(field).map((value) => {
      if (!isObject(value)) throw wrong(field, value, 'step, times and values');
      const { step, times, values } = value;
      if (!isCount(step)) throw wrong('step', step, 'seconds');
      const read = { step, times: decodeColumn(times), values: decodeColumn(values) };
      if (read.times.length !== read.values.length) {
        throw wrong('values', `${read.values.length}`, `as many as times, ${read.times.length}`);
      }
      return read;
    });
    const points = archives.reduce((sum, { times }) => sum + times.length, 0);
    if (points <= ADMIN_POINTS) return archives;
    throw new UserError('tooLarge', `${points} points in one call, expected up to ${ADMIN_POINTS}`);
  }

  private page(field: string): unknown[] {
    const value = this.fields[field];
    if (!Array.isArray(value)) throw wrong(field, value, 'a list');
    if (value.length <= ADMIN_PAGE) return value;
    throw new UserError(
      'tooLarge',
      `${field}: ${value.length} in one call, expected up to ${ADMIN_PAGE}`,
    );
  }
}

function readSeries(value: unknown): SeriesInfo {
  if (!isObject(value)) throw wrong('a series', value, 'name, archives, method and factor');
  const name = readName('name', value['name']);
  const { aggregationMethod, xFilesFactor } = value;
  if (!AGGREGATION_METHODS.includes(aggregationMethod as AggregationMethod)) {
    throw wrong('aggregationMethod', aggregationMethod, `one of ${AGGREGATION_METHODS.join(', ')}`);
  }
  if (typeof xFilesFactor !== 'number' || !(xFilesFactor >= 0 && xFilesFactor <= 1)) {
    throw wrong('xFilesFactor', xFilesFactor, '0 to 1');
  }
  return {
    name,
    archives: readArchiveList(value['archives']),
    aggregationMethod: aggregationMethod as AggregationMethod,
    xFilesFactor,
  };
}

function readArchiveList(value: unknown): Archive[] {
  if (!Array.isArray(value)) throw wrong('archives', value, 'a list of step and points');
  const archives = value.map((one: unknown) => {
    if (!isObject(one) || !isCount(one['step']) || !isCount(one['points'])) {
      throw wrong('an archive', one, 'step and points');
    }
    return { step: one['step'], points: one['points'] };
  });
  const [broken] = validateArchives(archives);
  if (broken !== undefined) throw new UserError('badRequest', broken);
  return archives;
}

function readName(field: string, value: unknown): string {
  const isName =
    typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= NAME_BYTES_MAX;
  if (!isName) throw wrong(field, value, `a name of 1 to ${NAME_BYTES_MAX} bytes`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

function wrong(what: string, value: unknown, expected: string): UserError {
  const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  return new UserError('badRequest', `${what}: read ${shown}, expected ${expected}`);
}
