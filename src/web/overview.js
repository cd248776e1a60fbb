/**
 * What the server says of itself: whether it is well, what comes in, what was turned away and what to
 * do about it, how full the store is; each figure leads to its history in the explorer.
 */
import { ask } from './ask.js';
import { fill, make } from './dom.js';
import { bytes, fullTime, roughly, whole } from './format.js';
import { inOrder, readDashboard } from './dashboard-store.js';
import { PanelView } from './panel.js';
import { rangeBar } from './range.js';
import { onView } from './view.js';

const AGAIN_MS = 5000;

export class Overview {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.word = make('p', { class: 'word', role: 'status' });
    this.figures = make('dl', { class: 'figures' });
    this.rejections = make('section', { 'aria-label': 'Turned away' });
    /** @type {PanelView[]} */
    this.panels = [];
    this.grid = make('div', { class: 'panels' });
    fill(
      host,
      make('h2', {}, 'Overview'),
      this.word,
      this.figures,
      this.rejections,
      make('div', { class: 'bars' }, rangeBar()),
      this.grid,
    );
    this.asking = new AbortController();
    this.stopListening = onView(() => this.draw());
    this.timer = setInterval(() => document.hidden || void this.look(), AGAIN_MS);
    void this.look();
    void this.open();
  }

  async open() {
    const { dashboard } = await readDashboard('tallyd').catch(() => ({ dashboard: undefined }));
    if (!this.grid.isConnected) return;
    this.panels = inOrder(dashboard?.panels ?? []).map((panel) => new PanelView(panel, undefined));
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
      this.show(await ask('health'));
    } catch (error) {
      fill(this.word, make('span', { class: 'error' }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {any} health */
  show(health) {
    const { status, reason, version, uptimeSeconds, receive, store, listeners = [], hint } = health;
    /** @type {Rejection[]} */
    const rejections = health['refusals'] ?? [];
    fill(
      this.word,
      make('b', { 'data-status': status }, status),
      ` ${reason ?? 'Everything that comes is taken and stored.'} `,
      hint ?? '',
      make('small', {}, ` tallyd ${version}, up for ${roughly(uptimeSeconds ?? 0)}`),
    );
    if (receive === undefined) return;
    fill(
      this.figures,
      figure('Metrics taken', whole(receive.metrics), 'tallyd.metrics.received'),
      figure('Datagrams', whole(receive.datagrams), 'tallyd.datagrams.received'),
      figure(
        'Dropped by the kernel',
        receive.kernelDrops === null ? 'unknown' : whole(receive.kernelDrops),
        'tallyd.datagrams.dropped',
      ),
      figure('Bad lines', whole(receive.badLines), 'tallyd.lines.bad.*'),
      figure('Series', whole(store.seriesCount), 'tallyd.flush.series'),
      figure('Data file', bytes(store.fileBytes), 'tallyd.store.*bytes*'),
      ...listeners
        .filter((/** @type {{ packets: number }} */ { packets }) => packets > 0)
        .map((/** @type {{ name: string, address: string, packets: number }} */ one) =>
          figure(
            `${one.name} ${one.address}`,
            `${whole(one.packets)} packets`,
            'tallyd.packets.received',
          ),
        ),
    );
    fill(this.rejections, make('h3', {}, 'Turned away'), ...rejectionTable(rejections));
  }
}

/**
 * @param {string} title
 * @param {string} value
 * @param {string} target its history
 */
function figure(title, value, target) {
  return make(
    'div',
    {},
    make('dt', {}, title),
    make('dd', {}, make('a', { href: `#target=${encodeURIComponent(target)}` }, value)),
  );
}

/**
 * @typedef {object} Rejection
 * @property {string} what
 * @property {string} reason
 * @property {number} count
 * @property {{ example: string, time: number, sender?: string }} [last]
 * @property {string} [hint]
 *
 * @param {readonly Rejection[]} rejections
 */
function rejectionTable(rejections) {
  if (rejections.length === 0) return [make('p', { class: 'note' }, 'nothing')];
  return [
    make(
      'div',
      { class: 'scroll' },
      make(
        'table',
        { class: 'values rejections' },
        make(
          'thead',
          {},
          make(
            'tr',
            {},
            ...['how often', 'what and why', 'the last one', 'from', 'what to do'].map((text) =>
              make('th', { scope: 'col' }, text),
            ),
          ),
        ),
        make(
          'tbody',
          {},
          ...rejections.map(({ what, reason, count, last, hint = '' }) =>
            make(
              'tr',
              {},
              make('td', {}, whole(count)),
              make('td', {}, `${what}: ${reason}`),
              make('td', {}, make('code', {}, last?.example)),
              make('td', {}, last?.sender, last && make('small', {}, ` ${fullTime(last.time)}`)),
              make('td', {}, hint),
            ),
          ),
        ),
      ),
    ),
  ];
}
