/** A text in a dialog, to read, to copy, to change or to paste another. */
import { make } from './dom.js';

/**
 * @param {object} of
 * @param {string} of.title
 * @param {string} of.note
 * @param {string} of.text
 * @param {(changed: string) => void | Promise<void>} [of.take] throws what is wrong with it
 */
export function textDialog({ title, note, text, take }) {
  const area = make('textarea', { rows: 22, spellcheck: 'false', 'aria-label': title });
  area.value = text;
  const error = make('p', { class: 'error', role: 'alert' });
  /** @type {HTMLDialogElement} */
  const dialog = make(
    'dialog',
    { class: 'text', onclose: () => dialog.remove() },
    make('h2', {}, title),
    make('p', { class: 'note' }, note),
    area,
    error,
    make(
      'div',
      { class: 'bar' },
      take &&
        make(
          'button',
          {
            type: 'button',
            class: 'primary',
            onclick: async () => {
              try {
                await take(area.value);
                dialog.close();
              } catch (wrong) {
                error.textContent = /** @type {Error} */ (wrong).message;
              }
            },
          },
          'Take over',
        ),
      make('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
