/**
 * The explorer: targets, range, chart and legend, kept as the view says and drawn anew with each
 * flush while it is live.
 */
import { isAborted } from './ask.js';
import { Chart } from './chart.js';
import { Slots } from './colors.js';
import { fill, make, whenQuiet } from './dom.js';
import { askAll, drawingOf } from './drawing.js';
import { keepMenu } from './keep.js';
import { Legend } from './legend.js';
import { lookMenu } from './look.js';
import { RANGE_KEYS } from './keys.js';
import { drewRange, isLive, rangeBar, seeRange } from './range.js';
import { listEvents, rollupNote, saidOf } from './said.js';
import { shareMenu } from './share.js';
import { Targets } from './targets.js';
import { showValues } from './values.js';
import { changeView, onView, view } from './view.js';

/** Between two looks while it is live, ms. */
const LIVE_MS = { min: 1000, max: 60_000, usual: 10_000 };

/** Parts of the view by which answers differ; by the rest only what is drawn of them. */
const ASKED = /** @type {const} */ ([
  'target',
  'off',
  'from',
  'until',
  'maxDataPoints',
  'heat',
  'live',
  'events',
]);

export class Explore {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.targets = new Targets();
    this.note = make('p', { class: 'note rollup' });
    this.events = make('ul', { class: 'events', 'aria-label': 'Events' });
    this.values = make('div', { class: 'scroll' });
    this.heat = make('p', { class: 'heat' });
    this.plot = make('div', {
      class: 'plot',
      role: 'img',
      'aria-label': 'Chart; the table below has its values',
    });
    this.legend = new Legend({ near: (key) => this.chart.highlight(this.lineOf(key)) });
    this.table = make(
      'button',
      { type: 'button', title: 'Table of values (v)', onclick: toggleValues },
      'Values',
    );
    fill(
      host,
      this.targets.element,
      make(
        'div',
        { class: 'bars' },
        rangeBar(),
        make('div', { class: 'bar' }, this.table, lookMenu(), keepMenu(), shareMenu()),
      ),
      this.heat,
      this.plot,
      this.events,
      this.note,
      make('div', { class: 'scroll' }, this.legend.element),
      this.values,
    );
    this.chart = new Chart(this.plot, {
      zoom: seeRange,
      pan: seeRange,
      cursor: (index, time) => this.legend.at(time, (key) => this.valueAt(key, index)),
      near: (line) => this.legend.mark(this.drawn[line ?? -1]?.key),
    });
    /** @type {import('./drawing.js').Answers} */
    this.answers = { targets: [], events: [], heat: undefined };
    /** @type {import('./chart-parts.js').Line[]} */
    this.drawn = [];
    this.slots = new Slots();
    this.asking = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.refreshSoon = whenQuiet(() => void this.refresh(), 10);
    this.stopListening = onView((now, before) => {
      const isSame = ASKED.every((name) => String(now[name]) === String(before[name]));
      if (isSame) this.draw();
      else this.refreshSoon();
    });
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

  /** Asks for what the view says, and again after a while. */
  async refresh() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.plot.classList.add('asking');
    try {
      this.answers = await askAll(view(), this.chart.width, signal);
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      throw error;
    }
    this.plot.classList.remove('asking');
    this.draw();
    if (isLive())
      this.timer = setTimeout(() => document.hidden || void this.refresh(), this.waitMs());
  }

  /** As long as the finest step that is shown. */
  waitMs() {
    const all = this.answers.targets.flatMap((answer) => answer?.series ?? []);
    const steps = all.map(({ rollup, step }) => (rollup?.stored || step) * 1000);
    const step = steps.length === 0 ? LIVE_MS.usual : Math.min(...steps);
    return Math.min(Math.max(step, LIVE_MS.min), LIVE_MS.max);
  }

  draw() {
    const { drawing, rows, all } = drawingOf(view(), this.answers, this.slots);
    this.drawn = drawing.lines;
    drewRange(drawing.range);
    this.chart.show(drawing);
    this.legend.show(rows);
    const { heat, see } = view();
    if (heat === '') {
      this.answers.targets.forEach((answer, i) => this.targets.say(i, saidOf(answer, rows, i)));
    }
    const isEmpty = view().target.length === 0 && heat === '';
    fill(
      this.note,
      isEmpty
        ? 'Choose a name at the left, press / to find one, or a to write a target.'
        : rollupNote(all),
    );
    this.plot.hidden = isEmpty;
    listEvents(this.events, this.answers.events);
    this.showHeat(heat);
    this.table.setAttribute('aria-pressed', String(see === 'values'));
    if (see === 'values') showValues(this.values, rows);
    else fill(this.values);
  }

  /** @param {string} timer '' for none */
  showHeat(timer) {
    this.heat.hidden = timer === '';
    const { error = '' } = this.answers.targets[0] ?? {};
    fill(
      this.heat,
      make('b', {}, 'Distribution of '),
      make('code', {}, timer),
      ' with its percentiles ',
      make(
        'button',
        { type: 'button', onclick: () => changeView({ heat: '' }) },
        'Back to the lines',
      ),
      error === '' ? undefined : make('span', { class: 'error', role: 'alert' }, ` ${error}`),
    );
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
      ...RANGE_KEYS,
      '=': RANGE_KEYS['+'],
      a: () => this.targets.add(''),
      v: toggleValues,
    }[key];
    does?.();
    return does !== undefined;
  }
}

function toggleValues() {
  changeView({ see: view().see === 'values' ? '' : 'values' });
}
