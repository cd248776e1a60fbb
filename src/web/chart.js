/**
 * A chart of lines over time on uPlot: axes, grid, the values under the cursor, zoom by dragging,
 * pan by dragging with shift (or the wheel sideways), marks of events. What it draws is one `Drawing`;
 * what the user does comes back by calls.
 */
import uPlot from 'uplot';
import { aligned } from './series.js';
import { dashOf, inkOf } from './colors.js';
import { short, timeLabels } from './format.js';
import { styleOf } from './dom.js';
import { drawEvents } from './marks.js';
import { heatColumns } from './heat-colors.js';
import { stackColumns } from './stacked.js';

/**
 * @typedef {object} Line
 * @property {string} key for its colour
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
 * @property {boolean} nullAsZero
 * @property {{ when: number, what: string }[]} events
 * @property {import('./heat-colors.js').Heat | undefined} heat
 *
 * @typedef {object} Calls
 * @property {(from: number, until: number) => void} zoom by dragging
 * @property {(from: number, until: number) => void} pan, when it ends
 * @property {(index: number | undefined, time: number | undefined) => void} cursor: the row that is
 *   pointed at
 * @property {(line: number | undefined) => void} near: the line next to the pointer
 */

export class Chart {
  /**
   * @param {HTMLElement} host
   * @param {Calls} calls
   */
  constructor(host, calls) {
    this.host = host;
    this.calls = calls;
    /** @type {uPlot | undefined} */
    this.plot = undefined;
    /** @type {Drawing | undefined} */
    this.drawing = undefined;
    this.shape = '';
    /** @type {(number | null | undefined)[][]} values as they came, for the legend */
    this.columns = [];
    /** @type {number[]} */
    this.times = [];
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(host);
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.repaint = () => this.rebuild();
    this.scheme.addEventListener('change', this.repaint);
  }

  destroy() {
    this.resized.disconnect();
    this.scheme.removeEventListener('change', this.repaint);
    this.plot?.destroy();
  }

  /** Pixels across, for how many points are worth asking. */
  get width() {
    return Math.max(200, Math.round(this.host.clientWidth));
  }

  /** @param {Drawing} drawing */
  show(drawing) {
    this.drawing = drawing;
    const { lines, range } = drawing;
    const shape = JSON.stringify([
      lines.map(({ key, isRight }) => [key, isRight, inkOf(key)]),
      { ...drawing, lines: 0, range: 0, events: 0, heat: drawing.heat !== undefined },
    ]);
    const { times, columns } = aligned(lines.map(({ series }) => series));
    this.times = times;
    this.columns = columns;
    const data = this.data();
    if (this.plot === undefined || shape !== this.shape) {
      this.shape = shape;
      this.build(data);
    } else {
      this.plot.batch(() => {
        this.plot?.setData(data, false);
        this.plot?.setScale('x', { min: range.from, max: range.until });
      });
    }
  }

  /** @returns {uPlot.AlignedData} */
  data() {
    const { areaMode = 'none', nullAsZero = false } = this.drawing ?? {};
    let columns = this.columns;
    if (nullAsZero) columns = columns.map((column) => column.map((value) => value ?? 0));
    if (areaMode === 'stacked') columns = stackColumns(columns);
    // An axis needs two moments, drawn or not.
    const times = this.times.length > 0 ? this.times : [0];
    return /** @type {uPlot.AlignedData} */ ([times, ...columns]);
  }

  rebuild() {
    if (this.drawing !== undefined) this.build(this.data());
  }

  /** @param {uPlot.AlignedData} data */
  build(data) {
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), data, this.host);
    this.listen(this.plot.over);
  }

  resize() {
    this.plot?.setSize({ width: this.width, height: this.height });
  }

  get height() {
    return Math.max(160, Math.round(this.host.clientHeight));
  }

  /**
   * Shows one line more than the others; undefined shows all alike.
   *
   * @param {number | undefined} line
   */
  highlight(line) {
    if (this.plot === undefined) return;
    if (line === undefined) this.plot.setSeries(null, { focus: false });
    else this.plot.setSeries(line + 1, { focus: true });
  }

  /** @returns {uPlot.Options} */
  options() {
    const drawing = /** @type {Drawing} */ (this.drawing);
    const { range, lines } = drawing;
    return {
      width: this.width,
      height: this.height,
      legend: { show: false },
      focus: { alpha: 0.25 },
      cursor: {
        focus: { prox: 24 },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { size: 7, show: lines.length <= 60 },
        x: true,
        y: true,
      },
      scales: {
        x: { time: true, auto: false, min: range.from, max: range.until },
        y: scaleOf(drawing),
        right: scaleOf(drawing),
      },
      axes: axesOf(drawing),
      series: [{}, ...lines.map((line, i) => lineOf(line, i, drawing))],
      bands: bandsOf(drawing),
      hooks: this.hooks(),
    };
  }

  /** @returns {uPlot.Hooks.Arrays} */
  hooks() {
    return {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const [from, until] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          this.calls.zoom(from, until);
        },
      ],
      setCursor: [
        (plot) => {
          const { idx, left } = plot.cursor;
          const isIn = typeof idx === 'number' && left !== undefined && left >= 0;
          this.calls.cursor(isIn ? idx : undefined, isIn ? this.times[idx] : undefined);
        },
      ],
      setSeries: [
        (_plot, series) => this.calls.near(series === null || series < 1 ? undefined : series - 1),
      ],
      drawClear: [(plot) => heatColumns(plot, this.drawing?.heat)],
      draw: [(plot) => drawEvents(plot, this.drawing?.events ?? [])],
    };
  }

  /**
   * Pan: shift and drag, or the wheel sideways.
   *
   * @param {HTMLElement} over
   */
  listen(over) {
    /** @type {{ x: number, min: number, max: number } | undefined} */
    let held;
    const plot = /** @type {uPlot} */ (this.plot);
    const ended = () => {
      if (held === undefined) return;
      held = undefined;
      over.classList.remove('panned');
      const { min, max } = plot.scales['x'] ?? {};
      if (min !== undefined && max !== undefined) this.calls.pan(min, max);
    };
    over.addEventListener(
      'mousedown',
      (event) => {
        const { min, max } = plot.scales['x'] ?? {};
        if (!event.shiftKey || min === undefined || max === undefined) return;
        event.stopImmediatePropagation();
        event.preventDefault();
        held = { x: event.clientX, min, max };
        over.classList.add('panned');
        addEventListener('mouseup', ended, { once: true });
      },
      { capture: true },
    );
    over.addEventListener('mousemove', (event) => {
      if (held === undefined) return;
      const by = ((held.x - event.clientX) / over.clientWidth) * (held.max - held.min);
      plot.setScale('x', { min: held.min + by, max: held.max + by });
    });
  }
}

/**
 * @param {Drawing} drawing
 * @returns {uPlot.Scale}
 */
function scaleOf({ logBase, areaMode, heat }) {
  if (logBase !== '') return { distr: 3, log: logBase === '2' ? 2 : 10 };
  if (heat !== undefined) return { distr: 3, log: 2, range: () => [heat.low, heat.high] };
  return {
    range: (_plot, min, max) => {
      if (min === null || max === null) return [0, 1];
      if (min === max) return min === 0 ? [0, 1] : [Math.min(0, min * 1.1), Math.max(0, max * 1.1)];
      // From zero where that costs little of the picture; areas always.
      const isNearZero = min >= 0 && (min < max * 0.6 || areaMode !== 'none');
      const [low, high] = uPlot.rangeNum(min, max, 0.08, true);
      return [isNearZero ? 0 : low, high];
    },
  };
}

/**
 * @param {Drawing} drawing
 * @returns {uPlot.Axis[]}
 */
function axesOf({ yUnitSystem, lines, heat }) {
  const look = {
    stroke: styleOf('--soft'),
    grid: { stroke: styleOf('--grid'), width: 1 },
    ticks: { stroke: styleOf('--grid'), width: 1, size: 5 },
    font: '12px system-ui, sans-serif',
  };
  /** @type {uPlot.Axis.DynamicValues} */
  const numbers = (_plot, splits) =>
    splits.map((value) => (value === null ? '' : short(value, yUnitSystem)));
  return [
    {
      ...look,
      space: 70,
      values: (_plot, splits, _axis, _space, step) => timeLabels(splits, step),
    },
    {
      ...look,
      size: 58,
      values: numbers,
      show: heat !== undefined || lines.some(({ isRight }) => !isRight) || lines.length === 0,
    },
    {
      ...look,
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
function lineOf({ key, isRight, series }, index, { lineMode, areaMode, lines }) {
  const color = inkOf(key);
  const isFilled = areaMode === 'all' || (areaMode === 'first' && index === 0);
  const steppedPaths = uPlot.paths.stepped?.({ align: 1 });
  return {
    label: series.name,
    scale: isRight ? 'right' : 'y',
    stroke: color,
    width: lines.length > 30 ? 1 : 1.6,
    dash: dashOf(key),
    spanGaps: lineMode === 'connected',
    ...(isFilled ? { fill: `${color}2e` } : {}),
    ...(areaMode === 'stacked' && index === 0 ? { fill: `${color}66` } : {}),
    ...(lineMode === 'staircase' && steppedPaths ? { paths: steppedPaths } : {}),
    points: { show: isSparse, size: 4, fill: color },
  };
}

/**
 * Points are drawn where there is much room for few; uPlot draws one without neighbours always.
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
 * @param {Drawing} drawing
 * @returns {uPlot.Band[]}
 */
function bandsOf({ areaMode, lines }) {
  if (areaMode !== 'stacked') return [];
  return lines.slice(1).map(({ key }, i) => ({ series: [i + 2, i + 1], fill: `${inkOf(key)}66` }));
}
