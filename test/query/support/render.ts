/**
 * A recorded /render request answered by the query core alone: parameters read as the HTTP route
 * reads them, evaluation, format. What a user got wrong becomes the status that HTTP would send.
 */
import { UserError } from '../../../src/lib/errors.ts';
import { parseAtTime } from '../../../src/query/attime/attime.ts';
import { knownZone } from '../../../src/query/attime/zones.ts';
import { evaluateTargets, type EventProvider } from '../../../src/query/evaluate/evaluate.ts';
import { formatNamed } from '../../../src/query/formats/formats.ts';
import { jsonp } from '../../../src/query/formats/json.ts';
import type { Store } from '../../../src/storage/roles.ts';
import type { GoldenAnswer, GoldenCase } from '../../support/golden.ts';
import { NOW } from './dataset.ts';

export async function renderGolden(
  store: Store,
  events: EventProvider,
  golden: GoldenCase,
): Promise<GoldenAnswer> {
  try {
    return await render(store, events, golden.request.params ?? []);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { status: error.status, contentType: 'text/plain', body: Buffer.from(error.message) };
  }
}

async function render(
  store: Store,
  events: EventProvider,
  params: [string, string][],
): Promise<GoldenAnswer> {
  const all = (name: string): string[] => params.flatMap(([key, v]) => (key === name ? [v] : []));
  const last = (name: string): string | undefined => all(name).at(-1);
  const tz = knownZone(last('tz'), 'UTC');
  const now = parseAtTime(last('now') ?? String(NOW), NOW, tz);
  const times = [last('from') ?? '-1d', last('until') ?? 'now'].map((t) => parseAtTime(t, now, tz));
  const [from, until] = times.sort((a, b) => a - b) as [number, number];
  if (from === until) throw new UserError('badRequest', 'from and until are the same time');
  const points = last('maxDataPoints');
  const maxDataPoints = points !== undefined && /^[1-9]\d*$/.test(points) ? Number(points) : 0;
  const templates: Record<string, string> = {};
  for (const [key, value] of params) {
    const name = /^template\[(.+)\]$/.exec(key)?.[1];
    if (name !== undefined) templates[name] = value;
  }
  const xFilesFactor = last('xFilesFactor');
  if (xFilesFactor !== undefined && Number.isNaN(Number(xFilesFactor))) {
    throw new UserError('badRequest', 'xFilesFactor is not a number');
  }
  const series = await evaluateTargets(store, {
    targets: all('target').length > 0 ? all('target') : all('target[]'),
    from,
    until,
    now,
    tz,
    templates,
    events,
    ...(maxDataPoints > 0 ? { maxDataPoints } : {}),
    ...(xFilesFactor === undefined ? {} : { xFilesFactor: Number(xFilesFactor) }),
  });
  const byFlag =
    last('rawData') !== undefined ? 'raw' : last('pickle') !== undefined ? 'pickle' : '';
  const format = formatNamed(last('format') ?? byFlag);
  if (format === undefined) throw new UserError('notImplemented', 'no such format');
  const written = format.write(series, {
    tz,
    noNullPoints: last('noNullPoints') !== undefined,
    ...(maxDataPoints > 0 ? { maxDataPoints } : {}),
  });
  const callback = last('jsonp');
  const wrapped = callback !== undefined && typeof written === 'string';
  return {
    status: 200,
    contentType: wrapped ? 'text/javascript' : format.contentType,
    body: Buffer.from(wrapped ? jsonp(callback, written) : written),
  };
}
