/** Events as marks in a chart: a dashed line each, with a flag at its foot. */
import { styleOf } from './dom.js';

/**
 * @param {import('uplot')} plot
 * @param {readonly { when: number }[]} events
 */
export function drawEvents(plot, events) {
  if (events.length === 0) return;
  const { ctx, bbox } = plot;
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = styleOf('--mark');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { when } of events) {
    if (when < min || when > max) continue;
    const x = Math.round(plot.valToPos(when, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const size = 5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top);
    ctx.lineTo(x + size, bbox.top);
    ctx.lineTo(x, bbox.top + size * 1.4);
    ctx.fill();
  }
  ctx.restore();
}
