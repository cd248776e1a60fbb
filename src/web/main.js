/** The page: the header, and below it what the view says; keys that mean the same everywhere. */
import { byId, fill, make } from './dom.js';
import { Explore } from './explore.js';
import { awaitFirstMetric } from './first-metric.js';
import { Health } from './health.js';
import { showKeys } from './keys.js';
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
      {
        href: `#page=${page}`,
        'aria-current': view().page.startsWith(page.replace(/s$/, '')) ? 'page' : false,
      },
      text,
    );
  fill(
    byId('top'),
    make(
      'a',
      { class: 'brand', href: '#', title: 'tallyd' },
      make('img', { src: 'web/icon.svg', alt: '' }),
      make('span', {}, 'tallyd'),
    ),
    make(
      'nav',
      { class: 'tabs', 'aria-label': 'Pages' },
      tab('explore', 'Explore'),
      tab('dashboards', 'Dashboards'),
      tab('overview', 'Overview'),
    ),
    health.element,
    make(
      'button',
      {
        type: 'button',
        class: 'quiet',
        title: 'Keys (?)',
        'aria-label': 'Keys',
        onclick: showKeys,
      },
      '?',
    ),
  );
}

async function open() {
  screen?.leave();
  screen = undefined;
  document.title = 'tallyd';
  const asked = view();
  const host = make('div', { class: 'wide-page' });
  if (asked.page === 'explore') {
    screen = explore();
    return;
  }
  fill(byId('main'), host);
  if (asked.page === 'dashboards') {
    const { showDashboards } = await import('./dashboards.js');
    showDashboards(host);
  } else if (asked.page === 'dashboard') {
    const { DashboardView } = await import('./dashboard.js');
    // Another page may have been chosen meanwhile.
    if (host.isConnected) screen = new DashboardView(host);
  } else if (asked.page === 'overview') {
    const { Overview } = await import('./overview.js');
    if (host.isConnected) screen = new Overview(host);
  } else fill(host, make('p', {}, `There is no page “${asked.page}”.`));
}

/** @returns {Screen} */
function explore() {
  const side = new Side();
  const first = make('div');
  const stage = make('div', { class: 'stage' });
  const right = make('div', {}, first, stage);
  fill(byId('main'), make('div', { class: 'explore' }, side.element, right));
  const explorer = new Explore(stage);
  const stopWaiting = awaitFirstMetric(first);
  return {
    leave() {
      stopWaiting();
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
  if (key === '?') showKeys();
  else if (key === 'l') toggleLive();
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
  void open();
});
header();
void open();
