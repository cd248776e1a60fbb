/**
 * `drawPicture`: series and drawing parameters to the bytes of a PNG, an SVG or a PDF, in the thread
 * of the caller. Equal requests give equal bytes.
 */
import { type ChartRequest, drawChart, drawMessage } from '../query/chart/chart.ts';
import { svgText } from '../query/chart/svg.ts';
import { measureText } from './fonts.ts';
import { pdfOf } from './pdf.ts';
import { pngOf } from './png.ts';
import { pixelsOf } from './raster.ts';

export type PictureFormat = 'png' | 'svg' | 'pdf';

export interface PictureRequest extends ChartRequest {
  format: PictureFormat;
  /** Shown instead of the series. */
  message?: string;
}

/** Throws a `UserError` for what cannot be drawn. */
export async function drawPicture(request: PictureRequest): Promise<Uint8Array> {
  const { format, message } = request;
  const drawing =
    message === undefined
      ? drawChart(request, measureText)
      : drawMessage(message, request, measureText);
  if (format === 'svg') return Buffer.from(svgText(drawing));
  if (format === 'pdf') return pdfOf(drawing);
  return pngOf(pixelsOf(drawing, request.parameters.pixelRatio ?? 1));
}
