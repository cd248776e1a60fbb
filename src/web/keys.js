/** The keys, in a dialog that `?` opens, and what some of them do on every page. */
import { make } from './dom.js';
import { moveRange } from './range.js';

/** What keys do to the range of time, by the key. */
export const RANGE_KEYS = {
  ArrowLeft: () => moveRange({ by: -0.5 }),
  ArrowRight: () => moveRange({ by: 0.5 }),
  '-': () => moveRange({ times: 2 }),
  '+': () => moveRange({ times: 0.5 }),
};

const KEYS = [
  ['/', 'find a name'],
  ['a', 'one more target'],
  ['t', 'range of time'],
  ['l', 'live or not'],
  ['← →', 'earlier, later'],
  ['+ −', 'zoom in, out'],
  ['v', 'table of values'],
  ['e', 'edit a dashboard'],
  ['drag', 'zoom into that time'],
  ['shift drag', 'move in time'],
  ['Tab', 'in a target: take the first proposal'],
  ['shift Enter', 'in the find box: draw beside what is there'],
  ['?', 'these'],
];

export function showKeys() {
  /** @type {HTMLDialogElement} */
  const dialog = make(
    'dialog',
    { class: 'text keys', onclose: () => dialog.remove(), onclick: () => dialog.close() },
    make('h2', {}, 'Keys'),
    make(
      'dl',
      {},
      ...KEYS.flatMap(([key = '', does = '']) => [
        make('dt', {}, make('kbd', {}, key)),
        make('dd', {}, does),
      ]),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
