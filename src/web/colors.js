/**
 * Colours of series: ten that colour-blind readers tell apart by lightness as well as by hue, in a
 * set for light and one for dark (page.css); from the eleventh series on lines are dashed as well. A
 * series keeps its colour while it is seen, whatever comes and goes beside it.
 */
import { styleOf } from './dom.js';

const COLORS = 10;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** Slots by series; slots are given from the first free one on. @type {Map<string, number>} */
let slots = new Map();

/**
 * Gives every series a slot; those that were seen keep theirs.
 *
 * @param {readonly string[]} keys of series
 */
export function giveColors(keys) {
  const kept = new Map(
    keys.flatMap((key) => {
      const slot = slots.get(key);
      return slot === undefined ? [] : [[key, slot]];
    }),
  );
  const used = new Set(kept.values());
  let next = 0;
  for (const key of keys) {
    if (kept.has(key)) continue;
    while (used.has(next)) next += 1;
    kept.set(key, next);
    used.add(next);
  }
  slots = kept;
}

/** @param {string} key of a series that has a slot */
export function colorOf(key) {
  return `--line-${(slots.get(key) ?? 0) % COLORS}`;
}

/** @param {string} key */
export function inkOf(key) {
  return styleOf(colorOf(key));
}

/** @param {string} key */
export function dashOf(key) {
  return DASHES[Math.floor((slots.get(key) ?? 0) / COLORS) % DASHES.length] ?? [];
}
