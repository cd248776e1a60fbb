/**
 * What the server says of itself: whether it is well, what comes in, what was turned away and what to
 * do about it, who sends, where the names are, what is new, how full the disk is, which renders were
 * slow; each figure leads to its history in the explorer.
 */
import { ask } from './ask.js';
import { inOrder, readDashboard } from './dashboard-store.js';
import { fill, make } from './dom.js';
import { bytes, fullTime, roughly, short, whole } from './format.js';
import { figure, link, rejectionRows, table } from './overview-parts.js';
import { PanelView } from './panel.js';
import { isLive, rangeBar } from './range.js';
import { onView } from './view.js';

const AGAIN_MS = 10_000;

export class Overview {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.word = make('p', { class: 'word', role: 'status' });
    this.figures = make('dl', { class: 'figures' });
    this.lists = make('div', { class: 'lists' });
    this.grid = make('div', { class: 'panels' });
    fill(
      host,
      make('h2', {}, 'Overview'),
      this.word,
      this.figures,
      this.lists,
      make('div', { class: 'bars' }, rangeBar()),
      this.grid,
    );
    /** @type {PanelView[]} */
    this.panels = [];
    this.asking = new AbortController();
    this.stopListening = onView(() => this.draw());
    this.timer = setInterval(() => {
      if (document.hidden) return;
      void this.look();
      if (isLive()) this.draw();
    }, AGAIN_MS);
    void this.look();
    void this.open();
  }

  /** The charts below are the dashboard that comes with tallyd. */
  async open() {
    const { dashboard } = await readDashboard('tallyd').catch(() => ({ dashboard: undefined }));
    if (!this.grid.isConnected) return;
    const panels = inOrder(dashboard?.panels ?? []);
    this.panels = panels.map((panel) => new PanelView(panel, undefined));
    fill(this.grid, ...this.panels.map(({ element }) => element));
    this.draw();
  }

  leave() {
    clearInterval(this.timer);
    this.stopListening();
    this.asking.abort();
    for (const panel of this.panels) panel.leave();
  }

  draw() {
    this.asking.abort();
    this.asking = new AbortController();
    for (const panel of this.panels) void panel.refresh({}, this.asking.signal);
  }

  async look() {
    try {
      this.show(await ask('overview'));
    } catch (error) {
      fill(this.word, make('span', { class: 'error' }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {any} overview as the server answers it */
  show({
    well,
    incoming = [],
    kinds = [],
    listeners = [],
    rejected = [],
    noticed = [],
    names,
    senders = { known: [] },
    recent,
    disk,
    slowRenders,
  }) {
    const { status, reason, version, uptimeSeconds } = well;
    const sentence =
      rejected.length === 0
        ? 'Everything that comes is taken and stored.'
        : 'What comes is taken and stored, but for what is listed as turned away.';
    fill(
      this.word,
      make('b', { 'data-status': status }, status),
      ` ${reason ?? sentence} `,
      make('small', {}, ` tallyd ${version}, up for ${roughly(uptimeSeconds)}`),
    );
    const free = disk?.freeBytes === undefined ? '' : `${bytes(disk.freeBytes)} free on the disk`;
    fill(
      this.figures,
      figure('Series', whole(names.series), names.target),
      ...incoming.filter((/** @type {Figure} */ { total }) => (total ?? 0) > 0).map(comesIn),
      ...kinds.map((/** @type {Figure} */ { what, value = 0, target }) =>
        figure(`${what} since the last flush`, whole(value), target),
      ),
      ...(disk === undefined
        ? []
        : [figure('Data file', bytes(disk.fileBytes), disk.target, free)]),
    );
    fill(
      this.lists,
      table(
        'Turned away',
        ['a second', 'in all', 'what', 'the last one', 'what to do'],
        rejectionRows(rejected),
      ),
      table(
        'Taken, and worth a look',
        ['a second', 'in all', 'what', 'the last one', 'what to do'],
        rejectionRows(noticed),
      ),
      table('Where it listens', ['a second', 'in all', 'listener'], listeners.map(listener)),
      table(
        'Who sends',
        ['metrics', 'sender'],
        senders.known.map((/** @type {{ sender: string, metrics: number }} */ one) => [
          whole(one.metrics),
          one.sender,
        ]),
      ),
      table(
        'Where the names are',
        ['series', 'names'],
        names.prefixes.map(
          (/** @type {{ series: number, prefix: string, find: string }} */ one) => [
            link(whole(one.series), one.find),
            one.prefix,
          ],
        ),
      ),
      table(
        'New names',
        ['when', 'how many', 'names'],
        recent.map(
          (/** @type {{ path: string, count: number, example: string, time: number }} */ one) => [
            when(one.time),
            whole(one.count),
            link(one.path, one.example),
          ],
        ),
      ),
      table('Slow renders of the last day', ['ms', 'when', 'targets'], slowRenders.map(slowRender)),
    );
  }
}

/** @param {number} time */
function when(time) {
  return make('span', { class: 'when' }, fullTime(time));
}

/** @typedef {{ what: string, total?: number, perSecond?: number, value?: number, target: string }} Figure */

/** @param {Figure} of */
function comesIn({ what, total = 0, perSecond, target }) {
  const rate = perSecond === undefined ? whole(total) : `${short(perSecond)}/s`;
  return figure(what.replace(/\.$/, ''), rate, target, `${whole(total)} since the start`);
}

/** @param {Figure & { address: string }} of */
function listener({ what, address, total = 0, perSecond, target }) {
  const rate = perSecond === undefined ? '–' : short(perSecond);
  return [target === undefined ? rate : link(rate, target), whole(total), `${what} ${address}`];
}

/** @param {{ ms: number, time: number, targets: string[], moreTargets: number, refused?: string }} render */
function slowRender({ ms, time, targets, moreTargets, refused = '' }) {
  const more = moreTargets > 0 ? ` and ${moreTargets} more` : '';
  const linked = targets.flatMap((target, i) => [i > 0 ? ', ' : '', link(target, target)]);
  return [
    whole(Math.round(ms)),
    when(time),
    make('span', {}, ...linked, more, refused && ` ${refused}`),
  ];
}
