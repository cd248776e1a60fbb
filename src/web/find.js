/**
 * The find box: any part of a name or of a tag's value, ranked by the server, answered as one types.
 * Arrow keys choose, Enter draws in the place of what is there, shift and Enter beside it. Questions by
 * tags (`service=shop by host`) are answered with targets.
 */
import { ask, Failure, isAborted } from './ask.js';
import { fill, make, pointAt } from './dom.js';
import { asksByTags, explored } from './explored.js';
import { whole } from './format.js';
import { quoteName } from './grammar.js';

const SHOWN = 50;

/**
 * As `/search` answers.
 *
 * @typedef {object} Hit
 * @property {string} path of a node, a tagged series' name, or `tag=value`
 * @property {boolean} leaf it is a series
 * @property {number} series at and below it, or with the tag
 * @property {string} [tag]
 * @property {string} [target] draws it
 */

export class Find {
  /**
   * @param {object} calls
   * @param {(target: string, isMore: boolean) => void} calls.choose what is to be drawn
   * @param {(isSearching: boolean) => void} calls.searching
   */
  constructor({ choose, searching }) {
    this.choose = choose;
    this.searching = searching;
    this.list = make('ul', { id: 'hits', role: 'listbox', 'aria-label': 'Found', hidden: true });
    this.note = make('p', { class: 'note', role: 'status' });
    this.input = make('input', {
      type: 'search',
      placeholder: 'Find any part of a name or tag   /',
      'aria-label': 'Find any part of a name or tag value',
      role: 'combobox',
      'aria-controls': 'hits',
      'aria-expanded': 'false',
      'aria-autocomplete': 'list',
      'aria-keyshortcuts': '/',
      autocomplete: 'off',
      spellcheck: 'false',
      autocapitalize: 'off',
      // The server makes what it needs for searches; the first letter need not wait for it.
      onfocus: () => void ask('search', { query: '' }).catch(() => undefined),
      oninput: () => void this.look(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
    });
    this.element = make('div', { class: 'find', role: 'search' }, this.input, this.note, this.list);
    this.asking = new AbortController();
    /** @type {Hit[]} */
    this.hits = [];
    this.at = 0;
  }

  get text() {
    return this.input.value.trim();
  }

  async look() {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const { text } = this;
    this.searching(text !== '');
    if (text === '') {
      this.show([], '');
      return;
    }
    try {
      const found = asksByTags(text) ? explored(text, SHOWN, signal) : search(text, signal);
      const { hits, total, isExact } = await found;
      const shown = whole(hits.length);
      const count = `${isExact ? '' : 'over '}${whole(total)}`;
      this.show(hits, hits.length < total ? `${shown} of ${count} shown` : '');
      if (hits.length === 0) this.note.textContent = `nothing holds “${text}”`;
    } catch (error) {
      if (!isAborted(error)) this.show([], /** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {Hit[]} hits
   * @param {string} note
   */
  show(hits, note) {
    this.hits = hits;
    this.at = 0;
    this.note.textContent = note;
    this.list.hidden = hits.length === 0;
    this.input.setAttribute('aria-expanded', String(hits.length > 0));
    fill(this.list, ...hits.map((hit, i) => this.item(hit, i)));
    this.point(0);
  }

  /**
   * @param {Hit} hit
   * @param {number} index
   */
  item(hit, index) {
    const { path, leaf, series, tag } = hit;
    return make(
      'li',
      {
        id: `hit-${index}`,
        role: 'option',
        title: path,
        class: leaf ? 'leaf' : tag === undefined ? 'branch' : 'tag',
        onclick: (/** @type {MouseEvent} */ event) =>
          this.take(hit, event.shiftKey || event.ctrlKey || event.metaKey),
      },
      make('span', {}, ...highlighted(path, this.text.split(/[\s*;]+/))),
      leaf || series === 0 ? undefined : make('small', {}, whole(series)),
    );
  }

  /** @param {number} index */
  point(index) {
    this.at = Math.max(0, Math.min(index, this.hits.length - 1));
    pointAt(this.input, this.list, this.at);
  }

  /**
   * A branch is written into the box, so that typing goes on below it.
   *
   * @param {Hit} hit
   * @param {boolean} isMore
   */
  take({ path, leaf, target }, isMore) {
    if (leaf) this.choose(quoteName(path), isMore);
    else if (target !== undefined) this.choose(target, isMore);
    else this.goInto(path);
  }

  /** @param {string} path */
  goInto(path) {
    this.input.value = `${path}.`;
    this.input.focus();
    void this.look();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const hit = this.hits[this.at];
    if (event.key === 'ArrowDown') this.point(this.at + 1);
    else if (event.key === 'ArrowUp') this.point(this.at - 1);
    else if (event.key === 'PageDown') this.point(this.at + 10);
    else if (event.key === 'PageUp') this.point(this.at - 10);
    else if (event.key === 'Enter' && hit) this.take(hit, event.shiftKey || event.ctrlKey);
    else if (event.key === 'Tab' && !event.shiftKey && hit && !asksByTags(this.text)) {
      if (this.text === hit.path) return;
      this.goInto(hit.path);
    } else if (event.key === 'Escape') {
      this.input.value = '';
      void this.look();
    } else return;
    event.preventDefault();
  }
}

/**
 * @param {string} text
 * @param {AbortSignal} signal
 * @returns {Promise<{ hits: Hit[], total: number, isExact: boolean }>}
 */
async function search(text, signal) {
  try {
    return await ask('search', { query: text, limit: SHOWN }, signal);
  } catch (error) {
    if (!(error instanceof Failure && error.status === 404)) throw error;
  }
  const nodes = await ask('metrics/find', { query: `${text}*` }, signal);
  const hits = nodes.slice(0, SHOWN).map((/** @type {{ id: string, leaf: number }} */ node) => ({
    path: node.id,
    leaf: node.leaf === 1,
    series: 0,
  }));
  return { hits, total: nodes.length, isExact: true };
}

/**
 * The parts of a name that were asked for, marked.
 *
 * @param {string} name
 * @param {string[]} words
 * @returns {(Node | string)[]}
 */
function highlighted(name, words) {
  const small = name.toLowerCase();
  const isMarked = Array.from({ length: name.length }, () => false);
  for (const word of words) {
    const at = word === '' ? -1 : small.indexOf(word.toLowerCase());
    if (at !== -1) isMarked.fill(true, at, at + word.length);
  }
  /** @type {(Node | string)[]} */
  const parts = [];
  for (let from = 0, to = 0; from < name.length; from = to) {
    while (to < name.length && isMarked[to] === isMarked[from]) to += 1;
    const texts = breakable(name.slice(from, to));
    parts.push(...(isMarked[from] ? [make('mark', {}, ...texts)] : texts));
  }
  return parts;
}

/**
 * A part of a name that is broken behind its dots where it does not fit.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function breakable(text) {
  return text
    .split(/(?<=\.)/)
    .flatMap((part) => (part.endsWith('.') ? [part, make('wbr')] : [part]));
}
