/** Functions by menu. */
import { make } from './dom.js';
import { wrap } from './grammar.js';

/**
 * @param {() => string} read
 * @param {(target: string) => void} write
 */
export function functionMenu(read, write) {
  return make(
    'button',
    {
      type: 'button',
      class: 'quiet',
      title: 'Sum',
      onclick: () => write(wrap(read(), 'sumSeries')),
    },
    'ƒ',
  );
}
