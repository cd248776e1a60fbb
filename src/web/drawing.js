/**
 * From targets to a drawing: what is asked of the server, and of its answers what is drawn. The
 * explorer and each panel of a dashboard go this way.
 */
import { ask } from './ask.js';
import { letterOf, outermost } from './grammar.js';
import { askHeat, percentilesOf } from './heatmap.js';
import { momentOf, nowSeconds } from './range.js';
import { askTarget, ZONE } from './series.js';

/**
 * @typedef {import('./series.js').Answer} Answer
 * @typedef {import('./series.js').Series} Series
 * @typedef {{ when: number, what: string, tags: string[], data: string }} Event
 *
 * @typedef {object} Asked what a view or a panel says of a drawing
 * @property {string[]} target
 * @property {string[]} off letters of targets that are not drawn
 * @property {string[]} hide series that are not drawn, by key
 * @property {string} heat a timer whose distribution is drawn
 * @property {string} from
 * @property {string} until
 * @property {string} maxDataPoints
 * @property {string} events 'off' for none
 * @property {string} lineMode
 * @property {string} areaMode
 * @property {string} logBase
 * @property {string} yUnitSystem
 * @property {string} drawNullAsZero
 * @property {string} yMin
 * @property {string} yMax
 *
 * @typedef {object} Answers
 * @property {(Answer | undefined)[]} targets by their order, undefined where one is off
 * @property {Event[]} events
 * @property {import('./heat-colors.js').Heat | undefined} heat
 *
 * @typedef {{ key: string, slot: number, letter: string, series: Series, isHidden: boolean }} Row
 *   of a legend
 */

/** Lines that a chart shows; more are a carpet. */
const LINES_MAX = 100;
const EVENTS_MAX = 200;

/**
 * @param {Asked} asked
 * @param {number} width pixels; more points than that are not seen
 * @param {AbortSignal} signal
 * @returns {Promise<Answers>}
 */
export async function askAll(asked, width, signal) {
  const { off, from, until, maxDataPoints, heat } = asked;
  const target = heat === '' ? asked.target : [percentilesOf(heat)];
  const range = { from, until, maxDataPoints: maxDataPoints || width };
  const targets = target.map((_, i) =>
    heat === '' && off.includes(letterOf(i))
      ? Promise.resolve(undefined)
      : askTarget(target, i, range, signal),
  );
  // Awaited together: what is left behind when one of them is aborted would be an error of nobody's.
  const [answered, events, cells] = await Promise.all([
    Promise.all(targets),
    asked.events === 'off' ? [] : askEvents(from, until, signal),
    // A wrong timer is said of its percentiles already.
    heat === '' ? undefined : askHeat(heat, { from, until }, width, signal).catch(() => undefined),
  ]);
  return { targets: answered, events, heat: cells };
}

/**
 * @param {string} from
 * @param {string} until
 * @param {AbortSignal} signal
 * @returns {Promise<Event[]>}
 */
async function askEvents(from, until, signal) {
  try {
    return await ask('events/get_data', { from, until, tz: ZONE, limit: EVENTS_MAX }, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}

/**
 * What is drawn of answers.
 *
 * @param {Asked} asked
 * @param {Answers} answers
 * @param {import('./colors.js').Slots} slots
 * @returns {{ drawing: import('./chart-parts.js').Drawing, rows: Row[], all: Series[] }}
 */
export function drawingOf(asked, answers, slots) {
  const all = answers.targets.flatMap((answer) => answer?.series ?? []);
  const hidden = new Set(asked.hide);
  const isHeat = asked.heat !== '';
  const named = all.slice(0, LINES_MAX).map((series) => {
    const letter = isHeat ? '' : letterOf(series.target);
    return { key: `${letter} ${series.name}`.trim(), letter, series };
  });
  const given = slots.give(named.map(({ key }) => key));
  const rows = named.map((row, i) => ({
    ...row,
    slot: given[i] ?? 0,
    isHidden: hidden.has(row.key),
  }));
  const lines = rows
    .filter(({ isHidden }) => !isHidden)
    .map(({ key, slot, series }) => ({
      key,
      slot,
      series,
      isRight: outermost(asked.target[series.target] ?? '')?.name === 'secondYAxis' && !isHeat,
    }));
  const { lineMode, areaMode, logBase, yUnitSystem, drawNullAsZero, yMin, yMax } = asked;
  const drawing = {
    lines,
    range: rangeOf(asked, all),
    lineMode,
    areaMode: isHeat ? 'none' : areaMode,
    logBase: isHeat ? '' : logBase,
    yUnitSystem,
    nullAsZero: drawNullAsZero !== '',
    low: limitOf(yMin),
    high: limitOf(yMax),
    events: answers.events,
    heat: answers.heat,
  };
  return { drawing, rows, all };
}

/** @param {string} text of an end of the axis; undefined where the values decide */
function limitOf(text) {
  return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

/**
 * What is seen in epoch seconds; of a range that only the server can read, where its points lie.
 *
 * @param {{ from: string, until: string }} asked
 * @param {readonly Series[]} all
 */
function rangeOf(asked, all) {
  const now = nowSeconds();
  const times = all.flatMap(({ times }) => [times[0] ?? now, times.at(-1) ?? now]);
  const from = momentOf(asked.from, now) ?? Math.min(now - 3600, ...times);
  const until = momentOf(asked.until, now) ?? Math.max(from + 1, ...times);
  return { from, until: Math.max(until, from + 1) };
}
