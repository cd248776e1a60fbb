/** The buttons at the head of a dashboard: which there are depends on what became of it. */
import { make } from './dom.js';

/**
 * @param {{ isShipped: boolean, isChanged: boolean, isEdited: boolean }} of
 * @param {{ save: () => void, edit: () => void, text: () => void, remove: () => void }} calls
 */
export function dashboardButtons({ isShipped, isChanged, isEdited }, { save, edit, text, remove }) {
  /**
   * @param {string} title
   * @param {() => void} onclick
   * @param {import('./dom.js').Attributes} [more]
   */
  const button = (title, onclick, more = {}) =>
    make('button', { type: 'button', onclick, ...more }, title);
  const saving = isShipped && !isChanged ? 'Keep as my own' : 'Save';
  return [
    (isChanged || isShipped) && button(saving, save, { class: isChanged ? 'primary' : '' }),
    button('Edit', edit, { 'aria-pressed': String(isEdited), title: 'Edit (e)' }),
    button('JSON', text),
    isEdited && !isShipped && button('Delete', remove),
  ];
}
