/**
 * What `/render` is asked, as graphite-web 1.1.10's `render/views.py` reads it (for its facts):
 * `target` or else `target[]`, `template[x]`, times, and the format, with its old spellings
 * `rawData` and `pickle`; whatever is no format of numbers is a picture. `local` and `maxStep` change
 * nothing here.
 */
import { badRequest } from '../lib/errors.ts';
import { expandDefines, type Defines } from '../query/target/define.ts';
import { checkCallback, isOn } from './answers.ts';
import {
  isPicture,
  type PictureChart,
  type PictureFormat,
  pictureFormat,
  pieTarget,
  readPictureChart,
} from './picture-request.ts';
import type { HttpLimits } from './limits.ts';
import { clip, type Params } from './params.ts';
import { renderRange } from './time-range.ts';

const RENDER_FORMATS = ['json', 'csv', 'raw', 'dygraph', 'rickshaw', 'pickle', 'msgpack'] as const;
type RenderFormat = (typeof RENDER_FORMATS)[number] | PictureFormat;

export interface RenderRequest {
  targets: string[];
  /** Values of `$x` in `template(…)`, from `template[x]=`. */
  templates: Record<string, string>;
  /** Epoch seconds, from < until. */
  from: number;
  until: number;
  now: number;
  tz: string;
  format: RenderFormat;
  maxDataPoints: number | undefined;
  noNullPoints: boolean;
  partialFirstBucket: boolean;
  xFilesFactor: number | undefined;
  jsonp: string | undefined;
  pretty: boolean;
  /** Metrictank's notes on rollups, for Grafana. */
  meta: boolean;
  /** Greatest age of a cached answer, seconds; 0 asks for a new answer that is not cached. */
  cacheSeconds: number;
  /** The request itself names that age: an answer that lacks the last write will do for a step. */
  mayLag: boolean;
  /** Present when a picture is asked for. */
  chart?: PictureChart;
  /** What the visitor may read (Rights.key): others get other answers. */
  reader: string;
}

/** Settings of renders in the configuration. */
export interface RenderRules {
  limits: HttpLimits;
  defines: Defines;
  /** Zone of times that name none. */
  timeZone: string;
  /** With maxDataPoints, whether datapoints before the first whole bucket are shown. */
  partialFirstBucket: boolean;
  /** Age of an answer that may be given again when a request does not say, seconds. */
  cacheSeconds: number;
}

export function readRenderRequest(
  params: Params,
  serverNow: number,
  { limits, defines, cacheSeconds, timeZone, partialFirstBucket }: RenderRules,
  reader: string,
): RenderRequest {
  const format = readFormat(params);
  const chart = isPicture(format) ? readPictureChart(params, limits) : undefined;
  const targets = params.list('target').filter((target) => target.trim() !== '');
  const named = chart?.graphType === 'pie' ? targets.map(pieTarget) : targets;
  const jsonp = params.last('jsonp');
  if (jsonp !== undefined && jsonp !== '') checkCallback(jsonp);
  return {
    targets: named.map((target) => expandDefines(target, defines, limits.targetDepth)),
    templates: readTemplates(params),
    ...renderRange(params, { now: serverNow, timeZone }),
    format,
    ...(chart === undefined ? {} : { chart }),
    maxDataPoints: readMaxDataPoints(params.last('maxDataPoints')),
    // Its presence is enough: graphite-web takes `noNullPoints=false` for on.
    noNullPoints: params.has('noNullPoints'),
    partialFirstBucket,
    xFilesFactor: readXFilesFactor(params.last('xFilesFactor')),
    jsonp: jsonp === '' ? undefined : jsonp,
    pretty: isOn(params.last('pretty')),
    meta: isOn(params.last('meta')),
    cacheSeconds: params.has('noCache') ? 0 : params.integer('cacheTimeout', cacheSeconds),
    mayLag: (params.last('cacheTimeout') ?? '') !== '',
    reader,
  };
}

/** What is no format of numbers is a picture: png, and so is an unknown one, as in Graphite. */
export function readFormat(params: Params): RenderFormat {
  if (params.has('rawData')) return 'raw';
  if (params.has('pickle')) return 'pickle';
  const formatName = params.last('format') ?? 'png';
  return RENDER_FORMATS.find((name) => name === formatName) ?? pictureFormat(formatName);
}

function readTemplates(params: Params): Record<string, string> {
  const found: [string, string][] = [];
  for (const name of params.names()) {
    const match = /^template\[(.+)\]$/s.exec(name);
    if (match !== null) found.push([match[1]!, params.last(name)!]); // a name has a value
  }
  return Object.fromEntries(found);
}

/** Digits only count, as in graphite-web; zero and the empty text are no wish. */
function readMaxDataPoints(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text) > 0 ? Number(text) : undefined;
}

function readXFilesFactor(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw badRequest(`xFilesFactor="${clip(text)}": expected a number`);
}
