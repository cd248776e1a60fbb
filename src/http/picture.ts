/** Pictures of `/render`: drawn by the threads of the pool, with errors as pictures too. */
import type { FastifyReply } from 'fastify';
import { UserError } from '../lib/errors.ts';
import type { PictureRequest } from '../picture/draw-picture.ts';
import { chartSeries } from '../query/chart/chart-series.ts';
import type { Series } from '../query/series/series.ts';
import type { HttpContext } from './http-deps.ts';
import type { Params } from './params.ts';
import { errorChart, isPicture, PICTURE_TYPES, pictureFormat } from './picture-request.ts';
import { readFormat, type RenderRequest } from './render-request.ts';

/**
 * Resolves when the picture has its place among those that wait; `body` then is its bytes.
 */
export async function drawSeries(
  { pictures, templates }: HttpContext,
  seriesList: readonly Series[],
  asked: RenderRequest,
  isWanted: () => boolean,
): Promise<{ type: string; body: Promise<string | Buffer> }> {
  const { chart, tz, jsonp } = asked;
  const format = pictureFormat(asked.format);
  const request: PictureRequest = {
    graphType: chart?.graphType ?? 'line',
    parameters: chart?.parameters ?? {},
    format,
    series: seriesList.map(chartSeries),
    tz,
    ...(templates === undefined ? {} : { templates }),
  };
  const { picture } = await pictures.enter(request, isWanted);
  const body = picture.then(bytesOf);
  if (format !== 'svg' || jsonp === undefined) return { type: PICTURE_TYPES[format], body };
  // A script that shows it, as in Graphite.
  const script = body.then((svg) => `${jsonp}(${JSON.stringify(svg.toString())})`);
  return { type: 'text/javascript', body: script };
}

/** Answers that say too much is going on already: drawing them would add to it. */
const NOT_DRAWN = ['tooManyRequests', 'abandoned'];

/** What is wrong, as a picture where one was asked for; throws the error again where none was. */
export async function sendErrorPicture(
  reply: FastifyReply,
  { pictures, templates, limits }: HttpContext,
  params: Params,
  error: unknown,
): Promise<FastifyReply> {
  const format = readFormat(params);
  const isDrawn = error instanceof UserError && error.status < 500 && isPicture(format);
  if (!isDrawn || NOT_DRAWN.includes(error.code)) throw error;
  const { picture } = await pictures.enter(
    {
      graphType: 'line',
      parameters: errorChart(params, limits),
      format,
      series: [],
      tz: 'UTC',
      message: error.message,
      ...(templates === undefined ? {} : { templates }),
    },
    () => true,
  );
  const body = bytesOf(await picture);
  reply.code(error.status).header('cache-control', 'no-store');
  return reply.type(PICTURE_TYPES[format]).send(body);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
