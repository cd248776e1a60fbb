/** What the parts of a chart are drawn with and on: sizes, style, fonts. */
import type { Font, MeasureText } from './drawing.ts';
import type { ChartParameters } from './parameters.ts';
import { fontOf, type Template, templateOf, type Templates } from './templates.ts';

/** Pixels of a picture that does not say. */
export const DEFAULT_WIDTH = 330;
export const DEFAULT_HEIGHT = 250;
const DEFAULT_MARGIN = 10;

export interface Sheet {
  width: number;
  height: number;
  margin: number;
  parameters: ChartParameters;
  style: Template;
  font: Font;
  measure: MeasureText;
}

export function sheetOf(
  parameters: ChartParameters,
  templates: Templates | undefined,
  measure: MeasureText,
): Sheet {
  const style = templateOf(parameters.template, templates);
  const margin = parameters.margin ?? DEFAULT_MARGIN;
  return {
    width: parameters.width ?? DEFAULT_WIDTH,
    height: parameters.height ?? DEFAULT_HEIGHT,
    // A negative one is the default, as in Graphite.
    margin: parameters.graphOnly === true ? 0 : margin < 0 ? DEFAULT_MARGIN : margin,
    parameters,
    style,
    font: fontOf(parameters, style),
    measure,
  };
}
