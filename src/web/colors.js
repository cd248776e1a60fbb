/**
 * Colours of series: ten that colour-blind readers tell apart by lightness as well as by hue, in a
 * set for light and one for dark (page.css); from the eleventh series on lines are dashed as well. A
 * series keeps its colour while it is seen, whatever comes and goes beside it.
 */
import { styleOf } from './dom.js';

const COLORS = 10;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** The slots of one drawing: a number a series, from which its colour and its dashes follow. */
export class Slots {
  constructor() {
    /** @type {Map<string, number>} */
    this.slots = new Map();
  }

  /**
   * A slot for each; those that were seen last time keep theirs, others take the first free ones.
   *
   * @param {readonly string[]} keys of series
   * @returns {number[]}
   */
  give(keys) {
    /** @type {Map<string, number>} */
    const given = new Map();
    for (const key of keys) {
      const slot = this.slots.get(key);
      if (slot !== undefined) given.set(key, slot);
    }
    const used = new Set(given.values());
    let next = 0;
    for (const key of keys) {
      if (given.has(key)) continue;
      while (used.has(next)) next += 1;
      given.set(key, next);
      used.add(next);
    }
    this.slots = given;
    return keys.map((key) => given.get(key) ?? 0);
  }
}

/** What a swatch of the legend says of a slot, for the style sheet. @param {number} slot */
export function swatchOf(slot) {
  return slot % COLORS;
}

/** @param {number} slot */
export function inkOf(slot) {
  return styleOf(`--line-${slot % COLORS}`);
}

/** @param {number} slot */
export function dashOf(slot) {
  return DASHES[Math.floor(slot / COLORS) % DASHES.length] ?? [];
}
