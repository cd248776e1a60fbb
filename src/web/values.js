/** The values themselves as a table, a row a time, the newest first. */
import { fill, make } from './dom.js';
import { fullTime, whole } from './format.js';
import { aligned } from './series.js';

const ROWS = 200;
const COLUMNS = 30;

/**
 * @param {HTMLElement} host
 * @param {readonly import('./drawing.js').Row[]} rows of the legend
 */
export function showValues(host, rows) {
  const shown = rows.filter(({ isHidden }) => !isHidden);
  const listed = shown.slice(0, COLUMNS);
  const { times, columns } = aligned(listed.map(({ series }) => series));
  const from = Math.max(0, times.length - ROWS);
  const body = times
    .slice(from)
    .map((time, i) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, fullTime(time)),
        ...columns.map((column) => make('td', {}, String(column[from + i] ?? ''))),
      ),
    )
    .reverse();
  const left = [
    from > 0 ? `${whole(times.length - from)} of ${whole(times.length)} times shown` : '',
    listed.length < shown.length ? `${listed.length} of ${whole(shown.length)} series shown` : '',
  ].filter(Boolean);
  fill(
    host,
    left.length === 0 ? undefined : make('p', { class: 'note' }, left.join(' · ')),
    make(
      'table',
      { class: 'values', 'aria-label': 'Values' },
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          make('th', { scope: 'col' }, 'time'),
          ...listed.map(({ series }) => make('th', { scope: 'col' }, series.name)),
        ),
      ),
      make('tbody', {}, ...body),
    ),
  );
}
