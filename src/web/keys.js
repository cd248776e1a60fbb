/** The keys, in a dialog that `?` opens. */
import { make } from './dom.js';

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
