/**
 * A chart of lines over time on uPlot: axes, grid, the values under the cursor, zoom by dragging,
 * pan, marks of events. What it draws is one `Drawing`;
 * what the user does comes back by calls.
 */
import uPlot from 'uplot';
import { aligned } from './series.js';
import { inkOf } from './colors.js';
import { pannable } from './chart-pan.js';
import { axesOf, bandsOf, lineOf, scaleOf } from './chart-parts.js';
import { drawEvents } from './marks.js';
import { heatColumns } from './heat-colors.js';
import { stackColumns } from './stacked.js';

/**
 * @typedef {import('./chart-parts.js').Drawing} Drawing
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
      lines.map(({ key, slot, isRight }) => [key, isRight, inkOf(slot)]),
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
    const { areaMode = 'none', nullAsZero = false, lines = [] } = this.drawing ?? {};
    let columns = this.columns;
    if (nullAsZero) columns = columns.map((column) => column.map((value) => value ?? 0));
    if (areaMode === 'stacked') columns = stackColumns(columns, lines);
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
    pannable(this.plot, this.calls.pan);
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
}
