/**
 * The range of time: a menu of usual ones and two fields that take whatever Graphite takes
 * (`-36h`, `noon yesterday`, `20261201`), steps back and forth, zooming, and whether it is live.
 */
import { make, fill } from './dom.js';
import { duration } from './format.js';
import { changeView, onView, view } from './view.js';

const USUAL = [
  '-5min',
  '-15min',
  '-1h',
  '-3h',
  '-6h',
  '-12h',
  '-1d',
  '-2d',
  '-7d',
  '-30d',
  '-90d',
  '-1y',
];

const UNITS = /** @type {Record<string, number>} */ ({
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mon: 2_592_000,
  y: 31_536_000,
});

/**
 * Epoch seconds of a moment in the forms that this page writes itself; undefined for others of
 * Graphite's, which the server knows.
 *
 * @param {string} text
 * @param {number} now epoch seconds
 */
export function momentOf(text, now) {
  if (text === 'now' || text === '') return now;
  if (/^\d{9,11}$/.test(text)) return Number(text);
  const [, sign, count, unit] = /^(?:now)?([+-])(\d+)([a-z]+)$/.exec(text) ?? [];
  const name = Object.keys(UNITS).find((known) => unitOf(unit) === known);
  if (name === undefined) return undefined;
  return now + (sign === '-' ? -1 : 1) * Number(count) * (UNITS[name] ?? 0);
}

/** @param {string | undefined} unit as at-time spells it */
function unitOf(unit = '') {
  if (/^s(ec|econds?)?$/.test(unit)) return 's';
  if (/^m(in(utes?)?)?$/.test(unit)) return 'min';
  if (/^h(ours?)?$/.test(unit)) return 'h';
  if (/^d(ays?)?$/.test(unit)) return 'd';
  if (/^w(eeks?)?$/.test(unit)) return 'w';
  if (/^mon(ths?)?$/.test(unit)) return 'mon';
  if (/^y(ears?)?$/.test(unit)) return 'y';
  return undefined;
}

export function nowSeconds() {
  return Math.floor(Date.now() / 1000);
}

/** Whether what is seen ends now, and so moves on. */
export function isLive() {
  const { live, until } = view();
  return live === 'on' && (until === 'now' || until === '');
}

/**
 * What was last drawn, for steps from ranges that only the server can read.
 *
 * @type {{ from: number, until: number }}
 */
let drawn = { from: 0, until: 0 };

/** @param {{ from: number, until: number }} range epoch seconds */
export function drewRange(range) {
  drawn = range;
}

/**
 * The range in epoch seconds as far as it can be told, else what was drawn.
 */
function rangeSeconds() {
  const now = nowSeconds();
  const from = momentOf(view().from, now) ?? drawn.from;
  const until = momentOf(view().until, now) ?? drawn.until;
  return { from, until: Math.max(until, from + 1) };
}

/**
 * Sees from here to there, as a step that the back button takes.
 *
 * @param {number} from epoch seconds
 * @param {number} until
 */
export function seeRange(from, until) {
  const start = Math.floor(from);
  changeView({ from: String(start), until: String(Math.max(Math.ceil(until), start + 1)) });
}

/**
 * Moves by a part of what is seen, or makes it longer by a factor. Where it ended now and would
 * afterwards, it stays live.
 *
 * @param {{ by?: number, times?: number }} how
 */
export function moveRange({ by = 0, times = 1 }) {
  const { from, until } = rangeSeconds();
  const length = until - from;
  if (by === 0 && view().until === 'now' && view().from.startsWith('-')) {
    changeView({ from: `-${Math.max(1, Math.round(length * times))}s` });
    return;
  }
  const middle = (from + until) / 2 + by * length;
  const half = (length * times) / 2;
  if (by > 0 && middle + half >= nowSeconds()) {
    changeView({ from: `-${Math.round(length)}s`, until: 'now' });
  } else seeRange(middle - half, middle + half);
}

/** @param {string} text `-6h`, or epoch seconds */
function spoken(text) {
  if (/^\d{9,11}$/.test(text)) {
    const at = new Date(Number(text) * 1000);
    const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
  }
  return text;
}

function title() {
  const { from, until } = view();
  if (until !== 'now') return `${spoken(from)} – ${spoken(until)}`;
  const [, count, unit] = /^-(\d+)([a-z]+)$/.exec(from) ?? [];
  const name = unitOf(unit);
  return name === undefined
    ? `since ${spoken(from)}`
    : `last ${duration(Number(count) * (UNITS[name] ?? 0))}`;
}

/** The bar; it lives as long as the page. */
export function rangeBar() {
  const from = field('from');
  const until = field('until');
  const menu = make('details', { class: 'menu range' });
  const summary = make('summary', { title: 'Time range (t)', 'aria-keyshortcuts': 't' });
  const close = () => {
    menu.open = false;
    summary.focus();
  };
  const usual = USUAL.map((text) =>
    make(
      'button',
      {
        type: 'button',
        onclick: () => {
          close();
          changeView({ from: text, until: 'now' });
        },
      },
      `last ${text.slice(1)}`,
    ),
  );
  const form = make(
    'form',
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        close();
        changeView({ from: from.value.trim() || '-1h', until: until.value.trim() || 'now' });
      },
    },
    make('label', {}, 'from ', from),
    make('label', {}, 'until ', until),
    make('p', { class: 'hint' }, '-36h, now, noon yesterday, 20261201, 14:30_20261201'),
    make('button', { class: 'primary' }, 'See'),
  );
  fill(
    menu,
    summary,
    make('div', { class: 'sheet' }, make('div', { class: 'usual' }, ...usual), form),
  );
  const live = make(
    'button',
    {
      type: 'button',
      title: 'Live: move on with each flush (l)',
      onclick: toggleLive,
    },
    'Live',
  );
  const show = () => {
    fill(summary, title());
    from.value = spoken(view().from) === view().from ? view().from : graphiteTime(view().from);
    until.value = spoken(view().until) === view().until ? view().until : graphiteTime(view().until);
    live.setAttribute('aria-pressed', String(isLive()));
  };
  onView(show);
  show();
  return make(
    'div',
    { class: 'bar', role: 'group', 'aria-label': 'Time range' },
    step('‹', 'Earlier (←)', () => moveRange({ by: -0.5 })),
    menu,
    step('›', 'Later (→)', () => moveRange({ by: 0.5 })),
    step('−', 'Zoom out (-)', () => moveRange({ times: 2 })),
    step('+', 'Zoom in (+)', () => moveRange({ times: 0.5 })),
    live,
  );
}

export function toggleLive() {
  if (isLive()) changeView({ live: 'off' });
  else {
    const { from, until } = rangeSeconds();
    const length = view().until === 'now' ? view().from : `-${until - from}s`;
    changeView({ live: 'on', until: 'now', from: length });
  }
}

/** @param {string} text epoch seconds, as at-time writes them */
function graphiteTime(text) {
  const at = new Date(Number(text) * 1000);
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}_${day}`;
}

/** @param {string} name */
function field(name) {
  return make('input', { name, spellcheck: 'false', autocomplete: 'off', size: 16 });
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} onclick
 */
function step(text, title, onclick) {
  return make(
    'button',
    { type: 'button', class: 'step', title, 'aria-label': title, onclick },
    text,
  );
}
