/** How a drawing becomes uPlot's scales, axes, series and bands. */
import uPlot from 'uplot';
import { dashOf, inkOf } from './colors.js';
import { styleOf } from './dom.js';
import { short, timeLabels } from './format.js';
import { lineBelow } from './stacked.js';

const DASHED_MAX = 2000;
const POWERS_OF_TWO = Array.from({ length: 80 }, (_, i) => 2 ** (i - 20));

/**
 * @typedef {object} Line
 * @property {string} key
 * @property {number} slot of its colour
 * @property {import('./series.js').Series} series
 * @property {boolean} isRight whether it is measured on the axis at the right
 *
 * @typedef {object} Drawing
 * @property {Line[]} lines
 * @property {{ from: number, until: number }} range epoch seconds
 * @property {string} lineMode Graphite's: slope, connected, staircase
 * @property {string} areaMode none, first, all, stacked
 * @property {string} logBase '' for an even axis
 * @property {string} yUnitSystem
 * @property {number | undefined} low end of the axis, where it is given
 * @property {number | undefined} high
 * @property {boolean} nullAsZero
 * @property {{ when: number, what: string }[]} events
 * @property {import('./heat-colors.js').Heat | undefined} heat
 */

/**
 * @param {Drawing} drawing
 * @returns {uPlot.Scale}
 */
export function scaleOf({ logBase, areaMode, heat, low, high }) {
  if (logBase !== '') return { distr: 3, log: logBase === '2' ? 2 : 10 };
  if (heat !== undefined) return { distr: 3, log: 10, range: () => [heat.low, heat.high] };
  return {
    range: (_plot, min, max) => {
      const [from, to] = evenRange(min, max, areaMode !== 'none');
      return [low ?? from, Math.max(high ?? to, (low ?? from) + 1e-9)];
    },
  };
}

/**
 * From zero where that costs little of the picture; areas always.
 *
 * @param {number | null} min
 * @param {number | null} max
 * @param {boolean} hasAreas
 * @returns {[number, number]}
 */
function evenRange(min, max, hasAreas) {
  if (min === null || max === null) return [0, 1];
  if (min === max) {
    return min === 0 ? [0, 1] : [Math.min(0, min * 1.1), Math.max(0, max * 1.1)];
  }
  const [from, to] = uPlot.rangeNum(min, max, 0.08, true);
  const isFromZero = min >= 0 && (min < max * 0.6 || hasAreas);
  return [isFromZero ? 0 : (from ?? min), to ?? max];
}

/**
 * @param {Drawing} drawing
 * @returns {uPlot.Axis[]}
 */
export function axesOf({ yUnitSystem, lines, heat }) {
  const look = {
    stroke: styleOf('--soft'),
    grid: { stroke: styleOf('--grid'), width: 1 },
    ticks: { stroke: styleOf('--grid'), width: 1, size: 5 },
    font: '12px system-ui, sans-serif',
  };
  // Ki and Mi are round where ticks are powers of two.
  const steps = yUnitSystem === 'binary' ? { incrs: POWERS_OF_TWO } : {};
  /** @type {uPlot.Axis.DynamicValues} */
  const numbers = (_plot, splits) =>
    splits.map((value) => (value === null ? '' : short(value, yUnitSystem)));
  return [
    {
      ...look,
      space: 56,
      values: (_plot, splits, _axis, _space, step) => timeLabels(splits, step),
    },
    {
      ...look,
      ...steps,
      size: 58,
      values: numbers,
      show: heat !== undefined || lines.some(({ isRight }) => !isRight) || lines.length === 0,
    },
    {
      ...look,
      ...steps,
      scale: 'right',
      side: 1,
      size: 58,
      values: numbers,
      grid: { show: false },
      show: lines.some(({ isRight }) => isRight),
    },
  ];
}

/**
 * @param {Line} line
 * @param {number} index
 * @param {Drawing} drawing
 * @returns {uPlot.Series}
 */
export function lineOf({ slot, isRight, series }, index, { lineMode, areaMode, lines }) {
  const color = inkOf(slot);
  const isFilled = areaMode === 'all' || (areaMode === 'first' && index === 0);
  const steppedPaths = uPlot.paths.stepped?.({ align: 1 });
  return {
    label: series.name,
    scale: isRight ? 'right' : 'y',
    stroke: color,
    width: lines.length > 30 ? 1 : 1.6,
    // Of points this dense no dash is seen, and drawing them costs most of a frame.
    dash: series.times.length > DASHED_MAX ? [] : dashOf(slot),
    spanGaps: lineMode === 'connected',
    ...(isFilled ? { fill: `${color}2e` } : {}),
    ...(areaMode === 'stacked' && lineBelow(lines, index) === -1 ? { fill: `${color}66` } : {}),
    ...(lineMode === 'staircase' && steppedPaths ? { paths: steppedPaths } : {}),
    points: { show: isSparse, filter: lonelyPoints, size: 4, fill: color },
  };
}

/**
 * Points are drawn where there is much room for few.
 *
 * @param {uPlot} plot
 * @param {number} _series
 * @param {number} from
 * @param {number} to
 */
function isSparse(plot, _series, from, to) {
  return (to - from) * 20 < plot.bbox.width / devicePixelRatio;
}

/**
 * Where points are not drawn, those are that no line leads to.
 *
 * @param {uPlot} plot
 * @param {number} series
 * @param {boolean} isShown
 * @returns {number[] | null}
 */
function lonelyPoints(plot, series, isShown) {
  if (isShown || plot.series[series]?.spanGaps === true) return null;
  const values = plot.data[series] ?? [];
  /** @type {number[]} */
  const lonely = [];
  let before = -2;
  let isAlone = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null) {
      if (isAlone) lonely.push(before);
      isAlone = false;
    } else if (value !== undefined) {
      isAlone = before < 0 || values[i - 1] === null;
      before = i;
    }
  }
  if (isAlone) lonely.push(before);
  return lonely.length === 0 ? null : lonely;
}

/**
 * @param {Drawing} drawing
 * @returns {uPlot.Band[]}
 */
export function bandsOf({ areaMode, lines }) {
  if (areaMode !== 'stacked') return [];
  return lines.flatMap(({ slot }, i) => {
    const below = lineBelow(lines, i);
    return below === -1 ? [] : [{ series: [i + 1, below + 1], fill: `${inkOf(slot)}66` }];
  });
}
