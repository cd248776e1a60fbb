/** What of `/render`'s parameters belongs to pictures. */
import { badRequest, overLimit } from '../lib/errors.ts';
import type { PictureFormat } from '../picture/draw-picture.ts';
import type { ChartRequest } from '../query/chart/chart.ts';
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from '../query/chart/sheet.ts';
import { type ChartParameters, readChartParameters } from '../query/chart/parameters.ts';
import type { HttpLimits } from './limits.ts';
import { clip, type Params } from './params.ts';

export type { PictureFormat } from '../picture/draw-picture.ts';

export type PictureChart = Pick<ChartRequest, 'graphType' | 'parameters'>;

export const PICTURE_TYPES: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  svg: 'image/svg+xml',
  pdf: 'application/x-pdf',
};

export function isPicture(format: string): format is PictureFormat {
  return Object.hasOwn(PICTURE_TYPES, format);
}

/** An unknown format is a png, as in Graphite. */
export function pictureFormat(name: string): PictureFormat {
  return isPicture(name) ? name : 'png';
}

/** Throws `badRequest` for a parameter that cannot be read, `overLimit` for a sheet too large. */
export function readPictureChart(params: Params, { pictureDots }: HttpLimits): PictureChart {
  const graphType = params.last('graphType') ?? 'line';
  if (graphType !== 'line' && graphType !== 'pie') {
    throw badRequest(`graphType="${clip(graphType)}": expected line or pie`);
  }
  const parameters = readChartParameters((name) => params.last(name));
  const { width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT, pixelRatio = 1 } = parameters;
  const dots = Math.ceil(width * pixelRatio) * Math.ceil(height * pixelRatio);
  if (dots > pictureDots) {
    throw overLimit(
      `a picture of ${width} x ${height}${pixelRatio === 1 ? '' : ` at pixelRatio ${pixelRatio}`} ` +
        `has ${dots} dots, at most ${pictureDots} are drawn (httpLimits.pictureDots)`,
    );
  }
  return { graphType, parameters };
}

/** As `readPictureChart`, for a picture that says what is wrong: as much of them as can be read. */
export function errorChart(params: Params, limits: HttpLimits): ChartParameters {
  try {
    return readPictureChart(params, limits).parameters;
  } catch {
    return {};
  }
}

/** Pies take numbers too: `coffee:12` is a slice of its own. */
export function pieTarget(target: string): string {
  const [, name, value] = /^([^:"]*):\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*$/i.exec(target) ?? [];
  if (name === undefined || !Number.isFinite(Number(value))) return target;
  return `threshold(${Number(value)},"${name}")`;
}
