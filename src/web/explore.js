/**
 * The explorer: targets, range, chart and legend, kept as the view says and drawn anew with each
 * flush while it is live.
 */
import { isAborted } from './ask.js';
import { Chart } from './chart.js';
import { giveColors } from './colors.js';
import { make, fill, whenQuiet } from './dom.js';
import { drewRange, isLive, moveRange, momentOf, nowSeconds, rangeBar, seeRange } from './range.js';
import { duration, whole } from './format.js';
import { letterOf, outermost } from './grammar.js';
import { Legend } from './legend.js';
import { askTarget } from './series.js';
import { Targets } from './targets.js';
import { onView, view } from './view.js';

/** Lines that a chart shows; more are a carpet. */
const LINES_MAX = 100;
/** Between two looks while it is live, ms. */
const LIVE_MS = { min: 1000, max: 60_000, usual: 10_000 };

/** @typedef {import('./series.js').Answer} Answer */

export class Explore {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.targets = new Targets();
    this.note = make('p', { class: 'note rollup' });
    this.plot = make('div', {
      class: 'plot',
      role: 'img',
      'aria-label': 'Chart; the table below has its values',
    });
    this.legend = new Legend({ near: (key) => this.chart.highlight(this.lineOf(key)) });
    fill(
      host,
      this.targets.element,
      make('div', { class: 'bars' }, rangeBar()),
      this.plot,
      this.note,
      make('div', { class: 'scroll' }, this.legend.element),
    );
    this.chart = new Chart(this.plot, {
      zoom: seeRange,
      pan: seeRange,
      cursor: (index, time) => this.legend.at(time, (key) => this.valueAt(key, index)),
      near: (line) => this.legend.mark(this.drawn[line ?? -1]?.key),
    });
    /** @type {(Answer | undefined)[]} by target */
    this.answers = [];
    /** @type {import('./chart.js').Line[]} */
    this.drawn = [];
    this.asking = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.refreshSoon = whenQuiet(() => void this.refresh(), 10);
    this.stopListening = onView((now, before) => this.changed(now, before));
    this.onShow = () => document.hidden || this.refreshSoon();
    document.addEventListener('visibilitychange', this.onShow);
    void this.refresh();
  }

  leave() {
    this.stopListening();
    this.targets.stop();
    this.asking.abort();
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.onShow);
    this.chart.destroy();
  }

  /**
   * @param {import('./view.js').View} now
   * @param {import('./view.js').View} before
   */
  changed(now, before) {
    /** @param {import('./view.js').View} view */
    const asked = ({ target, off, from, until, maxDataPoints, heat, live }) =>
      JSON.stringify([target, off, from, until, maxDataPoints, heat, live]);
    if (asked(now) === asked(before)) this.draw();
    else this.refreshSoon();
  }

  /** Asks for what the view says, and again after a while. */
  async refresh() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const { target, off, from, until, maxDataPoints } = view();
    const range = { from, until, maxDataPoints: maxDataPoints || this.chart.width };
    this.plot.classList.add('asking');
    try {
      const asked = target.map((_, i) =>
        off.includes(letterOf(i))
          ? Promise.resolve(undefined)
          : askTarget(target, i, range, signal),
      );
      this.answers = await Promise.all(asked);
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      throw error;
    }
    this.plot.classList.remove('asking');
    this.draw();
    this.waitForNext();
  }

  waitForNext() {
    if (!isLive()) return;
    const steps = this.lists().map(({ rollup, step }) => (rollup?.stored || step) * 1000);
    const step = steps.length === 0 ? LIVE_MS.usual : Math.min(...steps);
    const waitMs = Math.min(Math.max(step, LIVE_MS.min), LIVE_MS.max);
    this.timer = setTimeout(() => document.hidden || void this.refresh(), waitMs);
  }

  lists() {
    return this.answers.flatMap((answer) => answer?.series ?? []);
  }

  draw() {
    const all = this.lists();
    const named = all.slice(0, LINES_MAX).map((series) => ({ key: keyOf(series), series }));
    giveColors(named.map(({ key }) => key));
    const hidden = new Set(view().hide);
    this.drawn = named
      .filter(({ key }) => !hidden.has(key))
      .map(({ key, series }) => ({ key, series, isRight: this.isRight(series.target) }));
    const { lineMode, areaMode, logBase, yUnitSystem, drawNullAsZero } = view();
    this.chart.show({
      lines: this.drawn,
      range: this.range(all),
      lineMode,
      areaMode,
      logBase,
      yUnitSystem,
      nullAsZero: drawNullAsZero !== '',
      events: [],
      heat: undefined,
    });
    this.legend.show(named.map((row) => ({ ...row, isHidden: hidden.has(row.key) })));
    this.answers.forEach((answer, i) => this.targets.say(i, said(answer, named, i)));
    fill(this.note, rollupNote(all));
  }

  /**
   * What is seen in epoch seconds; of a range that only the server can read, where its points lie.
   *
   * @param {readonly import('./series.js').Series[]} all
   */
  range(all) {
    const now = nowSeconds();
    const times = all.flatMap(({ times }) => [times[0] ?? now, times.at(-1) ?? now]);
    const from = momentOf(view().from, now) ?? Math.min(now - 3600, ...times);
    const until = momentOf(view().until, now) ?? Math.max(from + 1, ...times);
    const range = { from, until: Math.max(until, from + 1) };
    drewRange(range);
    return range;
  }

  /** @param {number} target */
  isRight(target) {
    return outermost(view().target[target] ?? '')?.name === 'secondYAxis';
  }

  /** @param {string | undefined} key */
  lineOf(key) {
    const line = this.drawn.findIndex((one) => one.key === key);
    return line === -1 ? undefined : line;
  }

  /**
   * @param {string} key
   * @param {number | undefined} index
   */
  valueAt(key, index) {
    const line = this.lineOf(key);
    return line === undefined ? undefined : this.chart.columns[line]?.[index ?? -1];
  }

  /** @param {string} key that was pressed; false where it means nothing here */
  press(key) {
    const does = {
      ArrowLeft: () => moveRange({ by: -0.5 }),
      ArrowRight: () => moveRange({ by: 0.5 }),
      '-': () => moveRange({ times: 2 }),
      '+': () => moveRange({ times: 0.5 }),
      '=': () => moveRange({ times: 0.5 }),
      a: () => this.targets.add(''),
    }[key];
    does?.();
    return does !== undefined;
  }
}

/** @param {import('./series.js').Series} series */
function keyOf({ target, name }) {
  return `${letterOf(target)} ${name}`;
}

/**
 * @param {Answer | undefined} answer
 * @param {readonly import('./chart.js').Line[] | readonly { series: import('./series.js').Series }[]} drawn
 * @param {number} index
 */
function said(answer, drawn, index) {
  if (answer === undefined) return { error: '', note: '' };
  const { error, total, series } = answer;
  const shown = drawn.filter((line) => line.series.target === index).length;
  if (error !== '') return { error, note: '' };
  if (total === 0) return { error: '', note: 'no series of this name in this time' };
  const isEmpty = series.every(({ values }) => values.every((value) => value === null));
  if (isEmpty) return { error: '', note: 'no datapoints in this time' };
  return {
    error: '',
    note: shown < total ? `${whole(shown)} of ${whole(total)} series shown` : '',
  };
}

/**
 * Steps and how stored points were joined, and what the server noted.
 *
 * @param {readonly import('./series.js').Series[]} all
 */
function rollupNote(all) {
  const steps = [...new Set(all.map(({ step }) => step).filter((step) => step > 0))];
  if (steps.length === 0) return '';
  const parts = [
    `a point each ${steps
      .sort((a, b) => a - b)
      .slice(0, 4)
      .map(duration)
      .join(', ')}`,
  ];
  const folded = all.find(({ rollup }) => (rollup?.folded ?? 1) > 1)?.rollup;
  if (folded !== undefined) {
    parts.push(`${folded.how} of ${folded.folded} stored points of ${duration(folded.stored)}`);
  } else {
    const retentions = [...new Set(all.map(({ rollup }) => rollup?.retentions ?? ''))].filter(
      Boolean,
    );
    if (retentions.length === 1) parts.push(`kept as ${retentions[0]}`);
  }
  const notices = new Set(all.map(({ rollup }) => rollup?.notice).filter(Boolean));
  return [...parts, ...notices].join(' · ');
}
