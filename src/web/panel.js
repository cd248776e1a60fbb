/** A panel of a dashboard: a chart of what its view says, with a short legend. */
import { isAborted } from './ask.js';
import { Chart } from './chart.js';
import { Slots, swatchOf } from './colors.js';
import { fill, make } from './dom.js';
import { askAll, drawingOf } from './drawing.js';
import { short, whole } from './format.js';
import { seeRange } from './range.js';
import { summary } from './series.js';
import { sizeOf, viewOf } from './dashboard-store.js';
import { view, viewText } from './view.js';
import { withValues } from './variables.js';

const LEGEND_MAX = 8;

export class PanelView {
  /**
   * @param {import('./dashboard-store.js').Panel} panel
   * @param {HTMLElement | undefined} tools buttons at its head
   */
  constructor(panel, tools) {
    this.panel = panel;
    this.title = make('a', {});
    this.plot = make('div', { class: 'plot', role: 'img', 'aria-label': panel.title });
    this.legend = make('ul', { class: 'short-legend' });
    this.note = make('p', { class: 'note' });
    this.element = make(
      'section',
      { class: 'panel', 'aria-label': panel.title },
      make('header', {}, make('h3', {}, this.title), tools),
      this.plot,
      this.legend,
      this.note,
    );
    const { width, height } = sizeOf(panel);
    this.element.style.setProperty('--cells', String(width));
    this.plot.style.setProperty('--rows', String(height));
    this.chart = new Chart(this.plot, {
      zoom: seeRange,
      pan: seeRange,
      cursor: (index) => this.at(index),
      near: () => undefined,
    });
    this.slots = new Slots();
    /** @type {import('./drawing.js').Row[]} */
    this.rows = [];
    this.unit = '';
  }

  leave() {
    this.chart.destroy();
  }

  /**
   * @param {Record<string, string>} values of variables
   * @param {AbortSignal} signal
   */
  async refresh(values, signal) {
    const { from, until, events } = view();
    const own = viewOf(this.panel);
    const asked = {
      ...own,
      target: own.target.map((target) => withValues(target, values)),
      heat: withValues(own.heat, values),
      from,
      until,
      events,
    };
    this.title.textContent = withValues(this.panel.title, values) || asked.target[0] || 'panel';
    this.title.href = `#${viewText({ ...asked, page: 'explore', dashboard: '', variables: {} })}`;
    try {
      const answers = await askAll(asked, this.chart.width, signal);
      const { drawing, rows } = drawingOf(asked, answers, this.slots);
      this.rows = rows;
      this.unit = asked.yUnitSystem;
      this.chart.show(drawing);
      const errors = answers.targets.map((answer) => answer?.error ?? '').filter(Boolean);
      const isEmpty = rows.length === 0 && errors.length === 0;
      fill(
        this.note,
        ...errors.map((text) => make('span', { class: 'error' }, text)),
        isEmpty && 'no series',
      );
      this.at(undefined);
    } catch (error) {
      if (!isAborted(error)) throw error;
    }
  }

  /** @param {number | undefined} index of the time that is pointed at; the last values otherwise */
  at(index) {
    const shown = this.rows.filter(({ isHidden }) => !isHidden);
    const items = shown.slice(0, LEGEND_MAX).map(({ slot, series }, line) => {
      const value =
        index === undefined ? summary(series.values).last : this.chart.columns[line]?.[index];
      return make(
        'li',
        { title: series.name },
        make('i', { class: 'swatch', 'data-line': swatchOf(slot) }),
        make('span', {}, series.name),
        make('b', {}, short(value, this.unit)),
      );
    });
    const isCut = shown.length > LEGEND_MAX;
    fill(
      this.legend,
      ...items,
      isCut && make('li', { class: 'note' }, `${LEGEND_MAX} of ${whole(shown.length)} shown`),
    );
  }
}
