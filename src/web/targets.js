/**
 * The list of targets: a row each with its letter, which switches it off and on, its text, a menu of
 * functions and one of the rest, and under it what the server said of it.
 */
import { Completion } from './completion.js';
import { fill, make } from './dom.js';
import { functionMenu } from './function-menu.js';
import { letterOf } from './grammar.js';
import { changeView, onView, view, viewOfUrl } from './view.js';

/**
 * @typedef {object} Said of a target
 * @property {string} error
 * @property {string} note such as '40 of 200 shown'
 */

export class Targets {
  constructor() {
    this.rows = make('ol', { class: 'targets', 'aria-label': 'Targets' });
    const add = make(
      'button',
      { type: 'button', class: 'quiet', title: 'One more target (a)', onclick: () => this.add('') },
      '+ target',
    );
    this.element = make('section', { 'aria-label': 'What is asked' }, this.rows, add);
    /** Whether there is a row below the targets that is empty yet. */
    this.hasEmpty = false;
    this.texts = '';
    this.stop = onView((now, before) => {
      if (now.target.length > before.target.length) this.hasEmpty = false;
      this.show();
    });
    this.show();
  }

  /** Rows are made anew where the texts are others than those that stand there. */
  show() {
    const { target, off } = view();
    const texts = JSON.stringify([target, off, this.hasEmpty]);
    if (texts === this.texts) return;
    this.texts = texts;
    const focused = this.focusedIndex();
    const all = this.hasEmpty || target.length === 0 ? [...target, ''] : target;
    fill(this.rows, ...all.map((text, i) => this.row(text, i, off.includes(letterOf(i)))));
    if (focused !== undefined) this.input(focused)?.focus();
  }

  focusedIndex() {
    const index = this.inputs().indexOf(
      /** @type {HTMLTextAreaElement} */ (document.activeElement),
    );
    return index === -1 ? undefined : index;
  }

  inputs() {
    return [...this.rows.querySelectorAll('textarea')];
  }

  /** @param {number} index */
  input(index) {
    return this.inputs()[index];
  }

  /**
   * @param {string} text
   * @param {number} index
   * @param {boolean} isOff
   */
  row(text, index, isOff) {
    const letter = letterOf(index);
    const input = make('textarea', {
      rows: 1,
      spellcheck: 'false',
      autocapitalize: 'off',
      autocomplete: 'off',
      placeholder: 'a name, or a function of names: sumSeries(stats.counters.*.rate)',
      'aria-label': `Target ${letter}`,
      'aria-describedby': `said-${letter}`,
    });
    input.value = text;
    input.addEventListener('change', () => this.write(index, input.value));
    const completion = new Completion(input, () => this.write(index, input.value));
    return make(
      'li',
      { class: isOff ? 'off' : '' },
      make(
        'button',
        {
          type: 'button',
          class: 'letter',
          'aria-pressed': String(!isOff),
          title: isOff ? `Switch ${letter} on` : `Switch ${letter} off`,
          onclick: () => this.toggle(letter),
        },
        letter,
      ),
      make('div', { class: 'written' }, input, completion.element),
      functionMenu({
        read: () => input.value,
        write: (changed) => this.write(index, changed),
        add: (more) => this.add(more),
      }),
      make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          title: `Remove ${letter}`,
          'aria-label': `Remove target ${letter}`,
          onclick: () => this.remove(index),
        },
        '✕',
      ),
      make('div', { class: 'said', id: `said-${letter}` }),
    );
  }

  /**
   * @param {number} index
   * @param {string} text
   */
  write(index, text) {
    const pasted = viewOfUrl(text);
    if (pasted !== undefined) {
      this.hasEmpty = false;
      changeView(pasted);
      return;
    }
    const target = [...view().target];
    if (index >= target.length) this.hasEmpty = false;
    target[index] = text.trim();
    if (text.trim() === '') this.remove(index);
    else changeView({ target, hide: [] });
  }

  /** @param {number} index */
  remove(index) {
    if (index >= view().target.length) this.hasEmpty = false;
    const target = view().target.filter((_, i) => i !== index);
    const off = view()
      .off.map((letter) => view().target.findIndex((_, i) => letterOf(i) === letter))
      .filter((place) => place !== index)
      .map((place) => letterOf(place > index ? place - 1 : place));
    changeView({ target, off, hide: [] });
    this.show();
  }

  /** @param {string} letter */
  toggle(letter) {
    const { off } = view();
    changeView({
      off: off.includes(letter) ? off.filter((one) => one !== letter) : [...off, letter],
    });
  }

  /**
   * Adds a target; an empty one is a row to write into.
   *
   * @param {string} text
   */
  add(text) {
    if (text !== '') {
      this.hasEmpty = false;
      changeView({ target: [...view().target, text] });
    } else this.hasEmpty = true;
    this.show();
    if (text === '') this.inputs().at(-1)?.focus();
  }

  /**
   * @param {number} index
   * @param {Said} said
   */
  say(index, { error, note }) {
    const place = this.rows.children[index]?.querySelector('.said');
    if (!place) return;
    const input = this.input(index);
    input?.setAttribute('aria-invalid', String(error !== ''));
    fill(
      place,
      ...(error === '' ? [] : marked(input?.value ?? '', error)),
      note === '' ? undefined : make('p', { class: 'note' }, note),
    );
  }
}

/** Characters of a target before and after the column that an error names. */
const AROUND = 30;

/**
 * An error under the column that it names.
 *
 * @param {string} target
 * @param {string} error
 */
function marked(target, error) {
  const column = Number(/\bcolumn (\d+)/.exec(error)?.[1] ?? 0);
  const sentence = make('p', { class: 'error', role: 'alert' }, error);
  if (column === 0 || target.length > 1000) return [sentence];
  const from = Math.max(0, column - 1 - AROUND);
  const cut = from > 0 ? '…' : '';
  const line = target.replace(/\s/g, ' ');
  const caret = ' '.repeat(cut.length + column - 1 - from);
  return [
    make(
      'pre',
      { 'aria-hidden': 'true' },
      cut + line.slice(from, column - 1),
      make('mark', {}, line[column - 1] ?? ' '),
      line.slice(column, column + AROUND),
      `\n${caret}^`,
    ),
    sentence,
  ];
}
