/**
 * The drawing parameters of `/render`, by graphite-web 1.1.10's names: one row each says how its
 * text is read. What is absent, empty or `default` is left to the template and to Graphite's
 * defaults, which stand where they are used.
 */
import { badRequest } from '../../lib/errors.ts';
import { type Color, COLOR_EXPECTED, parseColor } from './color.ts';

type Reader<T> = (text: string) => T;

/** Characters of a text, entries of a list: more are for nobody to see. */
const TEXT_MAX = 2000;
const LIST_MAX = 500;
/** Ends of a scale so far apart still have a difference. */
const LARGEST = 1e300;

const READERS = {
  // The sheet.
  width: number(1, 100_000, { whole: true }),
  height: number(1, 100_000, { whole: true }),
  /** Dots of a PNG to a pixel. */
  pixelRatio: number(0.1, 10),
  margin: number(-10_000, 10_000, { whole: true }),
  template: text,
  bgcolor: color,
  fgcolor: color,
  colorList: list(color),
  fontName: text,
  fontSize: number(1, 500),
  fontBold: isOn,
  fontItalic: isOn,
  // Texts around the plot.
  title: text,
  vtitle: text,
  vtitleRight: text,
  hideLegend: isOn,
  uniqueLegend: isOn,
  hideNullFromLegend: isOn,
  graphOnly: isOn,
  hideAxes: isOn,
  hideXAxis: isOn,
  hideYAxis: isOn,
  // Grid and time axis.
  hideGrid: isOn,
  majorGridLineColor: color,
  minorGridLineColor: color,
  minorY: number(0, 100, { whole: true }),
  xFormat: text,
  // Lines.
  lineMode: oneOf('slope', 'staircase', 'connected'),
  connectedLimit: number(0),
  lineWidth: number(0, 1000),
  thickness: number(0, 1000),
  minXStep: number(0, 10_000),
  drawNullAsZero: isOn,
  areaMode: oneOf('none', 'first', 'all', 'stacked'),
  areaAlpha: alpha,
  leftWidth: number(0, 1000),
  rightWidth: number(0, 1000),
  leftColor: color,
  rightColor: color,
  leftDashed: number(0, 10_000),
  rightDashed: number(0, 10_000),
  // Scales.
  yAxisSide: oneOf('left', 'right'),
  yUnitSystem: text,
  yDivisors: list(number(1, 1000, { whole: true })),
  logBase: base,
  min: number(),
  max: top,
  yMin: number(),
  yMinLeft: number(),
  yMinRight: number(),
  yMax: top,
  yMaxLeft: top,
  yMaxRight: top,
  yLimit: number(),
  yLimitLeft: number(),
  yLimitRight: number(),
  yStep: number(Number.MIN_VALUE),
  yStepLeft: number(Number.MIN_VALUE),
  yStepRight: number(Number.MIN_VALUE),
  // Pies.
  pieMode: oneOf('average', 'maximum', 'minimum'),
  pieLabels: oneOf('horizontal', 'rotated'),
  valueLabels: oneOf('percent', 'number', 'none'),
  valueLabelsMin: number(),
  valueLabelsColor: color,
} satisfies Record<string, Reader<unknown>>;

type Name = keyof typeof READERS;

export type ChartParameters = { [K in Name]?: ReturnType<(typeof READERS)[K]> };

export const CHART_PARAMETERS = Object.keys(READERS) as readonly Name[];

/** `given`: the text of a parameter by its name. Throws `badRequest` for a text that is none. */
export function readChartParameters(given: (name: string) => string | undefined): ChartParameters {
  const found: [string, unknown][] = [];
  for (const name of CHART_PARAMETERS) {
    const text = given(name)?.trim();
    if (text === undefined || text === '' || text.toLowerCase() === 'default') continue;
    try {
      found.push([name, READERS[name](text)]);
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      const read = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      throw badRequest(`${name}="${read.replace(/\s+/g, ' ')}": expected ${error.message}`);
    }
  }
  return Object.fromEntries(found);
}

/** Says what would have been right. */
class Expected extends Error {}

function number(least = -LARGEST, most = LARGEST, { whole = false } = {}): Reader<number> {
  const kind = whole ? 'a whole number' : 'a number';
  return (text) => {
    const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return whole ? Math.trunc(value) : value;
    const range =
      most !== LARGEST ? ` from ${least} to ${most}` : least === Number.MIN_VALUE ? ' above 0' : '';
    throw new Expected(kind + range);
  };
}

function text(read: string): string {
  if (read.length <= TEXT_MAX) return read;
  throw new Expected(`at most ${TEXT_MAX} characters`);
}

/** Switches as Graphite has them: `0` and `false` are off, everything else is on. */
function isOn(read: string): boolean {
  return !['0', 'false'].includes(read.toLowerCase());
}

function color(read: string): Color {
  const found = parseColor(read);
  if (found === undefined) throw new Expected(COLOR_EXPECTED);
  return found;
}

function list<T>(one: Reader<T>): Reader<T[]> {
  return (read) => {
    const parts = read.split(',').filter((part) => part.trim() !== '');
    if (parts.length === 0 || parts.length > LIST_MAX) {
      throw new Expected(`one to ${LIST_MAX} values, separated by commas`);
    }
    return parts.map((part) => one(part.trim()));
  };
}

function oneOf<const T extends string>(...names: T[]): Reader<T> {
  return (read) => {
    const found = names.find((name) => name === read.toLowerCase());
    if (found === undefined) throw new Expected(names.join(', '));
    return found;
  };
}

/** Graphite takes a half where no number can be read. */
function alpha(read: string): number {
  const value = Number(read);
  return Number.isNaN(value) ? 0.5 : Math.min(1, Math.max(0, value));
}

/** Below 1 there is no scale of logarithms, as in Graphite; undefined then. */
function base(read: string): number | undefined {
  if (read === 'e') return Math.E;
  const value = number(0, 1e6)(read);
  if (value === 1) throw new Expected('e, or a number above 1');
  return value < 1 ? undefined : value;
}

/** An end of a scale: a number, or `max` for the largest value there is. */
function top(read: string): number | 'max' {
  return read.toLowerCase() === 'max' ? 'max' : number()(read);
}
