/** The cells of a heatmap: how many values fell into each bucket, dark to bright. */
import { styleOf } from './dom.js';

/**
 * @typedef {object} Heat
 * @property {number[]} times epoch seconds
 * @property {number} step
 * @property {{ low: number, high: number, counts: (number | null)[] }[]} buckets, ascending
 * @property {number} most values in one cell
 * @property {number} low of the axis
 * @property {number} high
 */

const SHADES = 32;

/**
 * Draws under the lines of a chart whose axis is the heatmap's.
 *
 * @param {import('uplot')} plot
 * @param {Heat | undefined} heat
 */
export function heatColumns(plot, heat) {
  if (heat === undefined) return;
  const { ctx, bbox } = plot;
  const shades = shadesOf(styleOf('--heat-low'), styleOf('--heat-high'));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [b, { low, high, counts }] of heat.buckets.entries()) {
    const top = Math.round(plot.valToPos(high, 'y', true));
    // The first bucket reaches down to whatever is less.
    const bottom = b === 0 ? bbox.top + bbox.height : Math.round(plot.valToPos(low, 'y', true));
    for (const [i, count] of counts.entries()) {
      if (!count) continue;
      const time = heat.times[i] ?? 0;
      const left = Math.round(plot.valToPos(time, 'x', true));
      const right = Math.round(plot.valToPos(time + heat.step, 'x', true));
      // The root, so that rare values are seen beside common ones.
      const shade = Math.ceil(Math.sqrt(count / heat.most) * (SHADES - 1));
      ctx.fillStyle = shades[shade] ?? '';
      ctx.fillRect(left, top, right - left, bottom - top);
    }
  }
  ctx.restore();
}

/**
 * @param {string} low `r g b`
 * @param {string} high
 */
function shadesOf(low, high) {
  const [from, to] = [low, high].map((text) => text.split(' ').map(Number));
  return Array.from({ length: SHADES }, (_, i) => {
    const part = i / (SHADES - 1);
    const mixed = (from ?? []).map((value, c) =>
      Math.round(value + ((to?.[c] ?? 0) - value) * part),
    );
    return `rgb(${mixed.join(' ')} / ${0.25 + 0.75 * part})`;
  });
}
