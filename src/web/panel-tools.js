/** What can be done with a panel while its dashboard is edited. */
import { GRID_WIDTH, placed, sizeOf } from './dashboard-store.js';
import { make } from './dom.js';

/** @typedef {import('./dashboard-store.js').Panel} Panel */

/**
 * @param {readonly Panel[]} panels
 * @param {number} index of the panel
 * @param {(changed: Panel[]) => void} become
 */
export function panelTools(panels, index, become) {
  const panel = panels[index];
  const others = panels.filter((_, i) => i !== index);
  if (panel === undefined) return undefined;
  /**
   * @param {number} to
   * @param {Panel} [changed]
   */
  const moved = (to, changed = panel) =>
    placed([...others.slice(0, to), changed, ...others.slice(to)]);
  /**
   * @param {string} text
   * @param {string} title
   * @param {() => Panel[]} changed
   */
  const tool = (text, title, changed) =>
    make(
      'button',
      {
        type: 'button',
        class: 'quiet',
        title,
        'aria-label': title,
        onclick: () => become(changed()),
      },
      text,
    );
  const name = make('input', { value: panel.title, 'aria-label': 'Title of the panel' });
  name.addEventListener('change', () => become(moved(index, { ...panel, title: name.value })));
  return make(
    'div',
    { class: 'bar' },
    name,
    tool('←', 'Earlier', () => moved(Math.max(0, index - 1))),
    tool('→', 'Later', () => moved(index + 1)),
    tool('↔', 'Whole or half width', () => moved(index, resized(panel))),
    tool('✕', 'Remove this panel', () => placed(others)),
  );
}

/** @param {Panel} panel @returns {Panel} of the whole width, or half of it where it is that already */
function resized(panel) {
  const { width, height } = sizeOf(panel);
  const other = width === GRID_WIDTH ? GRID_WIDTH / 2 : GRID_WIDTH;
  return { ...panel, position: { x: 0, y: 0, width: other, height } };
}
