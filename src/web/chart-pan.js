/**
 * Panning a chart: by dragging with shift, with the wheel sideways, with a finger. What is drawn moves as
 * a picture, whatever it took to draw; it is drawn anew when it rests.
 */
import { make, whenQuiet } from './dom.js';

/** The wheel rests after so long. */
const REST_MS = 250;

/**
 * @param {import('uplot')} plot
 * @param {(from: number, until: number) => void} pan when it ends
 */
export function pannable(plot, pan) {
  const { over } = plot;
  /** @type {{ from: number, by: number, min: number, max: number, picture: HTMLElement } | undefined} */
  let held;
  const hold = (/** @type {number} */ from) => {
    if (held !== undefined) return held;
    over.classList.add('panned');
    plot.setCursor({ left: -10, top: -10 });
    const { min = 0, max = 0 } = plot.scales['x'] ?? {};
    held = { from, by: 0, min, max, picture: pictureOf(plot) };
    return held;
  };
  const move = (/** @type {number} */ by) => {
    if (held === undefined) return;
    held.by = by;
    const canvas = /** @type {HTMLElement} */ (held.picture.firstElementChild);
    canvas.style.transform = `translateX(${by}px)`;
  };
  const release = () => {
    if (held === undefined) return;
    const { by, min, max, picture } = held;
    held = undefined;
    over.classList.remove('panned');
    const shift = (-by / over.clientWidth) * (max - min);
    plot.setScale('x', { min: min + shift, max: max + shift });
    // What it covers is drawn by then.
    requestAnimationFrame(() => picture.remove());
    if (by !== 0) pan(min + shift, max + shift);
  };
  const grab = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === 'mouse' ? !event.shiftKey : !event.isPrimary) return;
    hold(event.clientX);
    over.setPointerCapture(event.pointerId);
  };
  // Before the chart's own: it neither zooms nor reads values meanwhile.
  const first = { capture: true };
  over.addEventListener('pointerdown', grab, first);
  over.addEventListener('pointermove', (event) => move(event.clientX - (held?.from ?? 0)), first);
  over.addEventListener('pointerup', release, first);
  // The browser scrolls instead.
  over.addEventListener('pointercancel', () => (move(0), release()), first);
  for (const name of ['mousedown', 'mousemove']) {
    over.addEventListener(
      name,
      (event) => {
        if (held === undefined) return;
        event.stopImmediatePropagation();
        event.preventDefault();
      },
      first,
    );
  }
  const releaseSoon = whenQuiet(release, REST_MS);
  over.addEventListener(
    'wheel',
    (event) => {
      if (Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      const { by } = hold(0);
      move(by - event.deltaX);
      releaseSoon();
    },
    { passive: false },
  );
}

/**
 * The plot and the axis below it as a picture over them.
 *
 * @param {import('uplot')} plot
 */
function pictureOf({ ctx, bbox, over }) {
  const { canvas } = ctx;
  const scale = canvas.width / canvas.clientWidth;
  const copy = make('canvas', { width: bbox.width, height: canvas.height });
  const { left, width, height } = { left: bbox.left, width: bbox.width, height: canvas.height };
  copy.getContext('2d')?.drawImage(canvas, left, 0, width, height, 0, 0, width, height);
  const picture = make('div', { class: 'panned-picture', 'aria-hidden': 'true' }, copy);
  picture.style.left = `${left / scale}px`;
  picture.style.width = copy.style.width = `${width / scale}px`;
  picture.style.height = copy.style.height = `${height / scale}px`;
  over.before(picture);
  return picture;
}
