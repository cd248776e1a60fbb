/** Figures and tables of the overview. */
import { make } from './dom.js';
import { fullTime, short, whole } from './format.js';

/**
 * A figure that leads to its history.
 *
 * @param {string} title
 * @param {string} value
 * @param {string} target
 * @param {string} [note]
 */
export function figure(title, value, target, note = '') {
  return make(
    'div',
    {},
    make('dt', {}, title),
    make('dd', {}, link(value, target), note !== '' && make('small', {}, note)),
  );
}

/**
 * @param {string} text
 * @param {string} target that it draws
 */
export function link(text, target) {
  return make('a', { href: `#target=${encodeURIComponent(target)}` }, text);
}

/**
 * A table under a title; undefined where it has no rows.
 *
 * @param {string} title
 * @param {string[]} heads
 * @param {(string | Node)[][]} rows
 */
export function table(title, heads, rows) {
  if (rows.length === 0) return undefined;
  return make(
    'section',
    { 'aria-label': title, class: heads.length > 3 ? 'wide' : '' },
    make('h3', {}, title),
    make(
      'div',
      { class: 'scroll' },
      make(
        'table',
        { class: 'values' },
        make(
          'thead',
          {},
          make('tr', {}, ...heads.map((head) => make('th', { scope: 'col' }, head))),
        ),
        make(
          'tbody',
          {},
          ...rows.map((cells) => make('tr', {}, ...cells.map((cell) => make('td', {}, cell)))),
        ),
      ),
    ),
  );
}

/**
 * @typedef {object} Rejected
 * @property {string} what
 * @property {string} reason
 * @property {number} total
 * @property {number} [perSecond]
 * @property {string} target
 * @property {{ example: string, time: number, sender?: string }} [last]
 * @property {string} [hint]
 *
 * @param {readonly Rejected[]} rejections
 */
export function rejectionRows(rejections) {
  return rejections.map(({ what, reason, total, perSecond, target, last, hint = '' }) => [
    link(perSecond === undefined ? '–' : short(perSecond), target),
    whole(total),
    `${what}: ${reason}`,
    last === undefined
      ? ''
      : make(
          'span',
          {},
          make('code', {}, last.example),
          make('small', {}, ` ${last.sender ?? ''} ${fullTime(last.time)}`),
        ),
    hint,
  ]);
}
