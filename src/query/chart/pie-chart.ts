/** Shares of a whole: a slice for each series, as large as its average (or `pieMode`). */
import { arc } from 'd3-shape';
import { average, maximum, minimum } from '../series/aggregate.ts';
import type { Sheet } from './sheet.ts';
import { type ChartSeries, styleOf } from './chart-series.ts';
import { type Color, withAlpha } from './color.ts';
import { type Box, type Layer, type Mark, middleToBaseline } from './drawing.ts';
import { titles } from './titles.ts';

interface Slice {
  name: string;
  value: number;
  /** 0..1. */
  share: number;
  color: Color;
  /** Radians, clockwise from the top. */
  startAngle: number;
  endAngle: number;
}

const MODES = { average, maximum, minimum };
/** Slices below are not labelled: percent, or the number itself. */
const LABELS_MIN = 5;
const BLACK: Color = { red: 0, green: 0, blue: 0, alpha: 1 };
const WHITE: Color = { red: 255, green: 255, blue: 255, alpha: 1 };

/** undefined when there is nothing to share. */
export function pieChart(sheet: Sheet, series: readonly ChartSeries[]): Layer[] | undefined {
  const { parameters, margin } = sheet;
  const slices = slicesOf(sheet, series);
  if (slices.length === 0) return undefined;
  const box: Box = {
    left: margin,
    top: margin,
    right: Math.max(sheet.width - margin, margin + 1),
    bottom: Math.max(sheet.height - margin, margin + 1),
  };
  const entries = slices.map(({ name, color }) => ({ name, color, onRight: false }));
  const around = parameters.graphOnly === true ? [] : titles(sheet, box, entries, false);
  const radius = Math.max(0.5, (Math.min(box.right - box.left, box.bottom - box.top) / 2) * 0.95);
  const centre = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const alpha = parameters.areaAlpha;
  const draw = arc<Slice>().innerRadius(0).outerRadius(radius).digits(2);
  const marks: Mark[] = slices.map((slice) => ({
    kind: 'path',
    d: draw(slice) ?? '',
    origin: centre,
    fill: alpha === undefined ? slice.color : withAlpha(slice.color, alpha),
  }));
  const labels = slices.flatMap((slice) => sliceLabel(sheet, slice, centre, radius));
  return [...around, { name: 'slices', marks }, { name: 'labels', marks: labels }];
}

/** What is not above zero has no share. */
function slicesOf({ parameters, style }: Sheet, series: readonly ChartSeries[]): Slice[] {
  const valueOf = MODES[parameters.pieMode ?? 'average'];
  const palette = parameters.colorList ?? style.lineColors;
  const found = series
    .map((one) => ({ name: one.name, value: valueOf(one.values), own: styleOf(one).color }))
    .filter(({ value }) => value > 0 && Number.isFinite(value));
  const total = found.reduce((sum, { value }) => sum + value, 0);
  let angle = 0;
  return found.map(({ name, value, own }, i) => {
    const share = value / total;
    const startAngle = angle;
    angle += share * 2 * Math.PI;
    const color = own ?? palette[i % palette.length]!; // never empty
    return { name, value, share, color, startAngle, endAngle: angle };
  });
}

function sliceLabel(
  { parameters, font }: Sheet,
  { value, share, color, startAngle, endAngle }: Slice,
  centre: { x: number; y: number },
  radius: number,
): Mark[] {
  const { valueLabels = 'percent', valueLabelsMin = LABELS_MIN } = parameters;
  const shown = valueLabels === 'percent' ? share * 100 : value;
  if (valueLabels === 'none' || shown < valueLabelsMin) return [];
  // From the right, as angles of turned text count.
  const angle = (startAngle + endAngle) / 2 - Math.PI / 2;
  const x = centre.x + (radius / 2) * Math.cos(angle);
  const y = centre.y + (radius / 2) * Math.sin(angle);
  const label: Mark = {
    kind: 'text',
    text: valueLabels === 'percent' ? `${shown.toFixed(2)}%` : numberLabel(value),
    x,
    y: y + middleToBaseline(font),
    anchor: 'middle',
    font,
    color: parameters.valueLabelsColor ?? readableOn(color),
  };
  if (parameters.pieLabels !== 'rotated') return [label];
  // Never upside down.
  const isLeft = angle > Math.PI / 2;
  const turned = (angle - (isLeft ? Math.PI : 0)) * (180 / Math.PI);
  const along = middleToBaseline(font);
  const slope = (turned * Math.PI) / 180;
  return [
    {
      ...label,
      x: x - along * Math.sin(slope),
      y: y + along * Math.cos(slope),
      rotate: Math.round(turned * 10) / 10,
    },
  ];
}

function numberLabel(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(2) : String(Math.trunc(value));
}

/** Black or white, by how light the colour is to the eye. */
function readableOn({ red, green, blue, alpha }: Color): Color {
  const light = (0.299 * red + 0.587 * green + 0.114 * blue) * alpha + 255 * (1 - alpha);
  return light > 120 ? BLACK : WHITE;
}
