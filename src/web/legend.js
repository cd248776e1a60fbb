/**
 * The legend: a row a series with what it says at the cursor and over the range, sorted by any
 * column. It is a table, so that a screen reader has the figures of the chart.
 */
import { swatchOf } from './colors.js';
import { fill, make } from './dom.js';
import { fullTime, short } from './format.js';
import { summary } from './series.js';
import { changeView, view } from './view.js';

const COLUMNS = /** @type {const} */ (['name', 'min', 'max', 'avg', 'last']);

/** @typedef {import('./drawing.js').Row} Row */

export class Legend {
  /** @param {{ near: (key: string | undefined) => void }} calls */
  constructor(calls) {
    this.calls = calls;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Map<string, HTMLTableRowElement>} */
    this.items = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    this.heads = make('tr');
    this.body = make('tbody');
    this.element = make(
      'table',
      { class: 'legend', 'aria-label': 'Series that are drawn, with their values' },
      make('thead', {}, this.heads),
      this.body,
    );
  }

  /** @param {readonly Row[]} rows */
  show(rows) {
    this.rows = [...rows];
    this.element.hidden = rows.length === 0;
    this.cells.clear();
    this.items.clear();
    const [column = '', direction = ''] = view().sort.split(' ');
    fill(
      this.heads,
      ...COLUMNS.map((name) => this.head(name, column === name ? direction : '')),
      make('th', { class: 'now', scope: 'col' }, 'at cursor'),
    );
    fill(this.body, ...sorted(this.rows, column, direction).map((row) => this.row(row)));
  }

  /**
   * @param {string} name
   * @param {string} direction '' where the table is not sorted by it
   */
  head(name, direction) {
    const next = direction === 'down' ? 'up' : direction === 'up' ? '' : 'down';
    return make(
      'th',
      {
        scope: 'col',
        class: name,
        'aria-sort': direction === '' ? false : direction === 'up' ? 'ascending' : 'descending',
      },
      make(
        'button',
        {
          type: 'button',
          onclick: () => {
            changeView({ sort: next === '' ? '' : `${name} ${next}` }, { quietly: true });
            this.show(this.rows);
          },
        },
        name,
        direction === '' ? '' : direction === 'up' ? ' ▲' : ' ▼',
      ),
    );
  }

  /** @param {Row} row */
  row(row) {
    const { key, slot, letter, series, isHidden } = row;
    const { min, max, avg, last } = summary(series.values);
    const unit = view().yUnitSystem;
    const now = make('td', { class: 'now' });
    this.cells.set(key, now);
    const name = make(
      'button',
      {
        type: 'button',
        'aria-pressed': String(!isHidden),
        title: `${series.name}\nclick: this one alone · ctrl or ⌘ click: on or off`,
        onclick: (/** @type {MouseEvent} */ event) =>
          this.choose(key, event.ctrlKey || event.metaKey || event.shiftKey),
      },
      make('i', { class: 'swatch', 'data-line': swatchOf(slot) }),
      make('b', { class: 'letter' }, letter),
      make('span', { class: 'text' }, series.name),
    );
    const item = make(
      'tr',
      {
        class: isHidden ? 'hidden' : '',
        onmouseenter: () => this.calls.near(isHidden ? undefined : key),
        onmouseleave: () => this.calls.near(undefined),
      },
      make('th', { scope: 'row' }, name),
      ...[min, max, avg, last].map((value) => make('td', {}, short(value, unit))),
      now,
    );
    this.items.set(key, item);
    return item;
  }

  /**
   * @param {string} key
   * @param {boolean} alsoOthers
   */
  choose(key, alsoOthers) {
    const hidden = new Set(view().hide);
    if (alsoOthers) {
      if (!hidden.delete(key)) hidden.add(key);
    } else {
      const isAlone = this.rows.every((row) => (row.key === key) !== row.isHidden);
      hidden.clear();
      if (!isAlone) for (const row of this.rows) if (row.key !== key) hidden.add(row.key);
    }
    changeView({ hide: [...hidden] });
  }

  /**
   * What each series says at a time.
   *
   * @param {number | undefined} time
   * @param {(key: string) => number | null | undefined} valueOf
   */
  at(time, valueOf) {
    const head = this.heads.lastElementChild;
    if (head !== null) head.textContent = time === undefined ? 'at cursor' : fullTime(time);
    const unit = view().yUnitSystem;
    for (const [key, cell] of this.cells) {
      cell.textContent = time === undefined ? '' : short(valueOf(key), unit);
    }
  }

  /** @param {string | undefined} key of the line that is pointed at */
  mark(key) {
    for (const [other, item] of this.items) item.classList.toggle('near', other === key);
  }
}

/**
 * @param {readonly Row[]} rows
 * @param {string} column
 * @param {string} direction
 */
function sorted(rows, column, direction) {
  if (direction === '') return rows;
  const sign = direction === 'up' ? 1 : -1;
  if (column === 'name') {
    const order = new Intl.Collator('en', { numeric: true });
    return [...rows].sort((a, b) => sign * order.compare(a.series.name, b.series.name));
  }
  const by = /** @type {'min' | 'max' | 'avg' | 'last'} */ (column);
  const values = new Map(rows.map((row) => [row, summary(row.series.values)[by]]));
  return [...rows].sort((a, b) => {
    const [left, right] = [values.get(a) ?? null, values.get(b) ?? null];
    // What has no value comes last either way.
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * (left - right);
  });
}
