/** The list of dashboards, and how one begins: empty, or pasted. */
import {
  convertDashboard,
  freeId,
  listDashboards,
  placed,
  writeDashboard,
} from './dashboard-store.js';
import { fill, make } from './dom.js';
import { textDialog } from './text-dialog.js';
import { changeView } from './view.js';

/** @param {HTMLElement} host */
export function showDashboards(host) {
  const list = make('ul', { class: 'cards' });
  const error = make('p', { class: 'error', role: 'alert' });
  const title = make('input', {
    placeholder: 'Title of a new one',
    'aria-label': 'Title',
    required: true,
  });
  fill(
    host,
    make('h2', {}, 'Dashboards'),
    error,
    list,
    make(
      'form',
      {
        class: 'bar',
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const dashboard = { title: title.value.trim(), variables: [], panels: [] };
          void begin(dashboard).catch((wrong) => {
            error.textContent = wrong.message;
          });
        },
      },
      title,
      make('button', { class: 'primary' }, 'New dashboard'),
      make('button', { type: 'button', onclick: paste }, 'Paste one'),
    ),
  );
  void listDashboards().then(
    (all) => fill(list, ...all.map(card)),
    (wrong) => {
      error.textContent = wrong.message;
    },
  );
}

/** @param {import('./dashboard-store.js').Listed} dashboard */
function card({ id, title, panels, isShipped }) {
  return make(
    'li',
    {},
    make('a', { href: `#page=dashboard&dashboard=${encodeURIComponent(id)}` }, title),
    make('small', {}, ` ${panels} panels${isShipped ? ' · comes with tallyd' : ''}`),
  );
}

function paste() {
  textDialog({
    title: 'Paste a dashboard',
    note: 'JSON of a dashboard of Grafana, graphite-web or tallyd, or URLs of /render, one a line.',
    text: '',
    async take(text) {
      const { dashboard, leftOut } = await convertDashboard(text);
      await begin({ ...dashboard, panels: placed(dashboard.panels) });
      if (leftOut.length === 0) return;
      textDialog({
        title: 'Not everything could be taken over',
        note: 'These were left out:',
        text: leftOut.map(({ title, why }) => `${title}: ${why}`).join('\n'),
      });
    },
  });
}

/** @param {import('./dashboard-store.js').Dashboard} dashboard */
async function begin(dashboard) {
  const id = await freeId(dashboard.title);
  await writeDashboard(id, dashboard, '');
  changeView({ page: 'dashboard', dashboard: id });
}
