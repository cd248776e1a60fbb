/** The page: the header, and below it what the view says; keys that mean the same everywhere. */
import { byId, fill, make } from './dom.js';
import { Explore } from './explore.js';
import { Health } from './health.js';
import { toggleLive } from './range.js';
import { Side } from './side.js';
import { onView, view } from './view.js';

/** @typedef {{ leave: () => void, press?: (key: string) => boolean }} Screen */

const health = new Health();
/** @type {Screen | undefined} */
let screen;

function header() {
  /**
   * @param {string} page
   * @param {string} text
   */
  const tab = (page, text) =>
    make(
      'a',
      { href: `#page=${page}`, 'aria-current': view().page === page ? 'page' : false },
      text,
    );
  fill(
    byId('top'),
    make(
      'a',
      { class: 'brand', href: '#', title: 'tallyd' },
      make('img', { src: 'web/icon.svg', alt: '' }),
      'tallyd',
    ),
    make('nav', { class: 'tabs', 'aria-label': 'Pages' }, tab('explore', 'Explore')),
    health.element,
  );
}

function open() {
  screen?.leave();
  screen = explore();
}

/** @returns {Screen} */
function explore() {
  const side = new Side();
  const stage = make('div', { class: 'stage' });
  fill(byId('main'), make('div', { class: 'explore' }, side.element, stage));
  const explorer = new Explore(stage);
  return {
    leave() {
      side.leave();
      explorer.leave();
    },
    press(key) {
      if (key !== '/') return explorer.press(key);
      side.find.input.focus();
      side.find.input.select();
      return true;
    },
  };
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const where = /** @type {Element} */ (event.target);
  if (where.matches('input, textarea, select')) {
    if (event.key === 'Escape') /** @type {HTMLElement} */ (where).blur();
    return;
  }
  if (press(event.key)) event.preventDefault();
});

/** @param {string} key */
function press(key) {
  if (key === 'l') toggleLive();
  else if (key === 't')
    document.querySelector('.range summary')?.dispatchEvent(new MouseEvent('click'));
  else return screen?.press?.(key) ?? false;
  return true;
}

// A menu closes when something else is clicked, or by Escape.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute('open');
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.removeAttribute('open');
    menu.querySelector('summary')?.focus();
  }
});

onView((now, before) => {
  if (now.page === before.page && now.dashboard === before.dashboard) return;
  header();
  open();
});
header();
open();
