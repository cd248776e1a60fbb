/** What is said beside a drawing: of a target that shows nothing or not all, of steps, of events. */
import { fill, make } from './dom.js';
import { duration, fullTime, whole } from './format.js';

/**
 * @typedef {import('./series.js').Series} Series
 * @typedef {import('./drawing.js').Row} Row
 */

/**
 * @param {import('./series.js').Answer | undefined} answer undefined where the target is off
 * @param {readonly Row[]} rows that are in the legend
 * @param {number} index of the target
 * @returns {{ error: string, note: string }}
 */
export function saidOf(answer, rows, index) {
  if (answer === undefined) return { error: '', note: '' };
  const { error, total, series } = answer;
  if (error !== '') return { error, note: '' };
  if (total === 0) return { error: '', note: 'no series of this name in this time' };
  const isEmpty = series.every(({ values }) => values.every((value) => value === null));
  if (isEmpty) return { error: '', note: 'no datapoints in this time' };
  const shown = rows.filter((row) => row.series.target === index).length;
  return {
    error: '',
    note: shown < total ? `${whole(shown)} of ${whole(total)} series shown` : '',
  };
}

/**
 * Steps, how stored points were joined, what the server noted.
 *
 * @param {readonly Series[]} all
 */
export function rollupNote(all) {
  const steps = [...new Set(all.map(({ step }) => step).filter((step) => step > 0))];
  if (steps.length === 0) return '';
  const shown = steps
    .sort((a, b) => a - b)
    .slice(0, 4)
    .map(duration);
  const parts = [`a point each ${shown.join(', ')}`];
  const folded = all.find(({ rollup }) => (rollup?.folded ?? 1) > 1)?.rollup;
  if (folded !== undefined) {
    parts.push(`${folded.how} of ${folded.folded} stored points of ${duration(folded.stored)}`);
  }
  const kept = [...new Set(all.map(({ rollup }) => rollup?.retentions ?? ''))].filter(Boolean);
  if (kept.length === 1)
    parts.push(`kept ${(kept[0] ?? '').split(',').map(spoken).join(', then ')}`);
  const notices = new Set(all.map(({ rollup }) => rollup?.notice).filter(Boolean));
  return [...parts, ...notices].join(' · ');
}

/** @param {string} archive `10s:6h` */
function spoken(archive) {
  const [step, length] = archive.split(':');
  return `${step} for ${length}`;
}

const EVENTS_SHOWN = 3;

/**
 * The events that are marked in a chart, the newest first.
 *
 * @param {HTMLElement} host
 * @param {readonly import('./drawing.js').Event[]} events
 */
export function listEvents(host, events) {
  const newest = [...events].sort((a, b) => b.when - a.when);
  const items = newest.map(({ when, what, tags, data }) =>
    make(
      'li',
      { title: data },
      make('b', {}, '▼ '),
      `${fullTime(when)} ${what}`,
      ...tags.map((tag) => make('small', { class: 'tag' }, tag)),
    ),
  );
  const rest = items.slice(EVENTS_SHOWN);
  fill(
    host,
    ...items.slice(0, EVENTS_SHOWN),
    rest.length === 0
      ? undefined
      : make(
          'li',
          {},
          make(
            'details',
            {},
            make('summary', { class: 'quiet' }, `${whole(rest.length)} more events`),
            make('ul', {}, ...rest),
          ),
        ),
  );
}
