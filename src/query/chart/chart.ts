/**
 * A chart: series and Graphite's drawing parameters to a drawing. Sizes and defaults are those of
 * graphite-web 1.1.10.
 */
import type { ChartSeries } from './chart-series.ts';
import type { Drawing, MeasureText } from './drawing.ts';
import { lineChart } from './line-chart.ts';
import { messageChart } from './message-chart.ts';
import type { ChartParameters } from './parameters.ts';
import { pieChart } from './pie-chart.ts';
import { type Sheet, sheetOf } from './sheet.ts';
import type { Templates } from './templates.ts';

export interface ChartRequest {
  graphType: 'line' | 'pie';
  parameters: ChartParameters;
  series: readonly ChartSeries[];
  /** IANA zone of the time axis. */
  tz: string;
  /** By name; tallyd's own when absent. */
  templates?: Templates;
}

export function drawChart(request: ChartRequest, measure: MeasureText): Drawing {
  const sheet = sheetOf(request.parameters, request.templates, measure);
  const layers =
    request.graphType === 'pie'
      ? pieChart(sheet, request.series)
      : lineChart(sheet, request.series, request.tz);
  return onSheet(sheet, layers ?? messageChart(sheet, 'No Data'));
}

/** A sentence instead of a chart, such as what is wrong with the request. */
export function drawMessage(
  sentence: string,
  request: Pick<ChartRequest, 'parameters' | 'templates'>,
  measure: MeasureText,
): Drawing {
  const sheet = sheetOf(request.parameters, request.templates, measure);
  return onSheet(sheet, messageChart(sheet, sentence));
}

function onSheet({ width, height, style, parameters }: Sheet, layers: Drawing['layers']): Drawing {
  return { width, height, background: parameters.bgcolor ?? style.background, layers };
}
