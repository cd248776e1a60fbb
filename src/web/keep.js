/** Keeping what the explorer shows: as a panel of a dashboard, there or new. */
import {
  freeId,
  listDashboards,
  panelOf,
  placed,
  readDashboard,
  writeDashboard,
} from './dashboard-store.js';
import { fill, make, say } from './dom.js';
import { view } from './view.js';

export function keepMenu() {
  const sheet = make('div', { class: 'sheet keep' });
  const menu = make(
    'details',
    {
      class: 'menu end',
      ontoggle: () => {
        if (menu.open) void show(sheet, () => (menu.open = false));
      },
    },
    make('summary', {}, 'Keep'),
    sheet,
  );
  return menu;
}

/**
 * @param {HTMLElement} sheet
 * @param {() => void} close
 */
async function show(sheet, close) {
  const error = make('p', { class: 'error', role: 'alert' });
  const { target, heat } = view();
  const title = make('input', { value: target[0] ?? heat, 'aria-label': 'Title of the panel' });
  const choice = make('select', { 'aria-label': 'Dashboard' });
  const other = make('input', {
    placeholder: 'its title',
    'aria-label': 'Title of the new dashboard',
  });
  choice.addEventListener('change', () => {
    other.hidden = choice.value !== '';
  });
  const form = make(
    'form',
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        try {
          await keep(choice.value, other.value.trim(), title.value.trim());
          close();
        } catch (wrong) {
          error.textContent = /** @type {Error} */ (wrong).message;
        }
      },
    },
    make('label', {}, 'Panel', title),
    make('label', {}, 'Dashboard', choice),
    other,
    error,
    make('button', { class: 'primary' }, 'Keep'),
  );
  fill(sheet, form);
  const all = await listDashboards().catch((wrong) => {
    error.textContent = wrong.message;
    return [];
  });
  fill(
    choice,
    ...all
      .filter(({ isShipped }) => !isShipped)
      .map(({ id, title: of }) => make('option', { value: id }, of)),
    make('option', { value: '' }, 'a new one'),
  );
  other.hidden = choice.value !== '';
}

/**
 * @param {string} chosen '' for a new one
 * @param {string} newTitle
 * @param {string} title of the panel
 */
async function keep(chosen, newTitle, title) {
  if (chosen === '' && newTitle === '') throw new Error('expected a title for the new dashboard');
  const isNew = chosen === '';
  const id = isNew ? await freeId(newTitle) : chosen;
  const { dashboard, label } = isNew
    ? { dashboard: { title: newTitle, variables: [], panels: [] }, label: '' }
    : await readDashboard(id);
  const panels = placed([...dashboard.panels, panelOf(view(), title)]);
  await writeDashboard(id, { ...dashboard, panels }, label);
  say(`Kept in “${dashboard.title}”`);
}
