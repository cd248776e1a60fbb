/** What is asked when somebody else has changed what is to be kept. */
import { make } from './dom.js';

/** @param {{ theirs: () => void, mine: () => void, both: () => void }} choices */
export function conflict({ theirs, mine, both }) {
  /**
   * @param {string} text
   * @param {() => void} onclick
   */
  const choice = (text, onclick) => make('button', { type: 'button', onclick }, text);
  return [
    make('p', { class: 'error' }, 'Somebody else has changed this dashboard since you opened it.'),
    make(
      'div',
      { class: 'bar' },
      choice('See theirs, drop mine', theirs),
      choice('Keep mine over it', mine),
      choice('Keep mine under another name', both),
    ),
  ];
}
