/**
 * One dashboard: its variables, range and panels; what is changed is kept under its name, unless
 * somebody else has changed it meanwhile, which is said and asked about.
 */
import { Failure } from './ask.js';
import { conflict } from './conflict.js';
import { dashboardButtons } from './dashboard-buttons.js';
import {
  freeId,
  inOrder,
  listDashboards,
  readDashboard,
  removeDashboard,
  writeDashboard,
} from './dashboard-store.js';
import { fill, make, say, whenQuiet } from './dom.js';
import { textDialog } from './text-dialog.js';
import { PanelView } from './panel.js';
import { panelTools } from './panel-tools.js';
import { RANGE_KEYS } from './keys.js';
import { isLive, rangeBar } from './range.js';
import { chooser, chosenValues } from './variables.js';
import { variableList } from './variable-list.js';
import { changeView, onView, view } from './view.js';

const LIVE_MS = 10_000;

export class DashboardView {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.id = view().dashboard;
    /** @type {{ dashboard: import('./dashboard-store.js').Dashboard, label: string } | undefined} */
    this.kept = undefined;
    this.isShipped = false;
    this.head = make('div', { class: 'dashboard-head' });
    this.message = make('div', { role: 'alert' });
    this.grid = make('div', { class: 'panels' });
    fill(host, this.head, this.message, make('div', { class: 'bars' }, rangeBar()), this.grid);
    /** @type {PanelView[]} */
    this.panels = [];
    this.isEdited = false;
    this.isChanged = false;
    this.asking = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const refreshSoon = whenQuiet(() => void this.refresh(), 10);
    this.stopListening = onView(refreshSoon);
    void this.open();
  }

  leave() {
    this.stopListening();
    this.asking.abort();
    clearTimeout(this.timer);
    for (const panel of this.panels) panel.leave();
  }

  async open() {
    try {
      const [kept, all] = await Promise.all([readDashboard(this.id), listDashboards()]);
      this.kept = kept;
      this.isShipped = all.find(({ id }) => id === this.id)?.isShipped === true;
    } catch (error) {
      fill(this.message, make('p', { class: 'error' }, /** @type {Error} */ (error).message));
      return;
    }
    const { range } = this.kept.dashboard;
    if (range !== undefined && !location.hash.includes('from=')) {
      changeView({ ...range }, { quietly: true });
    }
    fill(this.message);
    this.isChanged = false;
    this.show();
  }

  /** @returns {import('./dashboard-store.js').Dashboard} */
  get dashboard() {
    return this.kept?.dashboard ?? { title: this.id, variables: [], panels: [] };
  }

  /** Shows the dashboard as it is now, kept or not. */
  show() {
    const { title, variables } = this.dashboard;
    const panels = inOrder(this.dashboard.panels);
    document.title = `${title} · tallyd`;
    fill(
      this.head,
      this.isEdited ? this.titleField() : make('h2', {}, title),
      ...variables.map((one) => chooser(one, variables)),
      make('div', { class: 'bar end' }, ...this.buttons()),
    );
    if (this.isEdited) {
      this.head.append(
        variableList(variables, (changed) => {
          this.change({ variables: changed });
          this.show();
        }),
      );
    }
    for (const panel of this.panels) panel.leave();
    /** @param {import('./dashboard-store.js').Panel[]} changed */
    const become = (changed) => {
      this.change({ panels: changed });
      this.show();
    };
    this.panels = panels.map(
      (panel, i) => new PanelView(panel, this.isEdited ? panelTools(panels, i, become) : undefined),
    );
    fill(
      this.grid,
      ...this.panels.map(({ element }) => element),
      panels.length === 0 &&
        make(
          'p',
          { class: 'note' },
          'No panels yet: draw something in the explorer and choose Keep.',
        ),
    );
    void this.refresh();
  }

  titleField() {
    const input = make('input', { value: this.dashboard.title, 'aria-label': 'Title' });
    input.addEventListener('input', () => this.change({ title: input.value }));
    return input;
  }

  buttons() {
    return dashboardButtons(this, {
      save: () => void this.save(),
      edit: () => this.toggleEdit(),
      text: () => this.editText(),
      remove: () => void this.remove(),
    });
  }

  editText() {
    textDialog({
      title: 'Dashboard as JSON',
      note: 'To copy, or to change: it is kept when you save it.',
      text: JSON.stringify(this.dashboard, null, 2),
      take: (text) => {
        this.change(JSON.parse(text));
        this.show();
      },
    });
  }

  toggleEdit() {
    this.isEdited = !this.isEdited;
    this.show();
  }

  /** @param {Partial<import('./dashboard-store.js').Dashboard>} changes */
  change(changes) {
    if (this.kept === undefined) return;
    const wasChanged = this.isChanged;
    this.kept.dashboard = { ...this.dashboard, ...changes };
    this.isChanged = true;
    if (!wasChanged) fill(this.head.querySelector('.end') ?? this.head, ...this.buttons());
  }

  async save() {
    if (this.isShipped) await this.saveBeside('');
    else await this.write(this.kept?.label ?? '');
  }

  /** @param {string} label `*` to overwrite whatever is there */
  async write(label) {
    if (this.kept === undefined) return;
    try {
      const next = await writeDashboard(this.id, this.dashboard, label);
      this.kept = { dashboard: this.dashboard, label: next };
      this.isShipped = false;
      this.isChanged = false;
      this.isEdited = false;
      fill(this.message);
      this.show();
      say('Saved');
    } catch (error) {
      this.say(/** @type {Error} */ (error));
    }
  }

  /** @param {Error} error */
  say(error) {
    const isOthers = error instanceof Failure && error.status === 412;
    if (!isOthers) {
      fill(this.message, make('p', { class: 'error' }, error.message));
      return;
    }
    fill(
      this.message,
      ...conflict({
        theirs: () => void this.open(),
        mine: () => void this.write('*'),
        both: () => void this.saveBeside(' (mine)'),
      }),
    );
  }

  /** @param {string} suffix of the title that tells it from the other */
  async saveBeside(suffix) {
    const title = this.dashboard.title + suffix;
    this.change({ title });
    this.id = await freeId(title);
    await this.write('');
    changeView({ dashboard: this.id }, { quietly: true });
  }

  async remove() {
    if (!confirm(`Delete the dashboard “${this.dashboard.title}”?`)) return;
    try {
      await removeDashboard(this.id, this.kept?.label ?? '');
      changeView({ page: 'dashboards', dashboard: '' });
    } catch (error) {
      this.say(/** @type {Error} */ (error));
    }
  }

  async refresh() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const values = chosenValues(this.dashboard.variables);
    await Promise.all(this.panels.map((panel) => panel.refresh(values, signal)));
    if (isLive() && !signal.aborted) {
      this.timer = setTimeout(() => document.hidden || void this.refresh(), LIVE_MS);
    }
  }

  /** @param {string} key */
  press(key) {
    const does = {
      ...RANGE_KEYS,
      e: () => this.toggleEdit(),
    }[key];
    does?.();
    return does !== undefined;
  }
}
