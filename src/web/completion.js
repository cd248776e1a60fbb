/**
 * Completion while a target is written: a list under the cursor, and the signature of the call around
 * it with its help. Tab takes the first, arrows choose, Enter asks (or takes what was chosen), Escape
 * closes.
 */
import { isAborted } from './ask.js';
import { cursorIn } from './cursor.js';
import { fill, make, pointAt } from './dom.js';
import { firstWords, functions } from './functions.js';
import { proposals } from './proposals.js';

let count = 0;

export class Completion {
  /**
   * @param {HTMLTextAreaElement} input
   * @param {() => void} done what is written is to be asked
   */
  constructor(input, done) {
    this.input = input;
    this.done = done;
    count += 1;
    this.list = make('ul', {
      id: `proposals-${count}`,
      role: 'listbox',
      'aria-label': 'Proposals',
    });
    this.help = make('div', { class: 'help' });
    this.element = make('div', { class: 'completion', hidden: true }, this.help, this.list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', this.list.id);
    input.setAttribute('aria-expanded', 'false');
    input.addEventListener('input', () => void this.look());
    input.addEventListener('click', () => void this.look());
    input.addEventListener('keydown', (event) => this.press(event));
    input.addEventListener('blur', () => this.close());
    // Pressing the list must not take the focus, whose loss closes it.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
    this.asking = new AbortController();
    /** @type {import('./proposals.js').Proposal[]} */
    this.proposed = [];
    this.at = -1;
  }

  close() {
    this.asking.abort();
    this.element.hidden = true;
    this.proposed = [];
    this.input.setAttribute('aria-expanded', 'false');
  }

  async look() {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const { value, selectionStart, selectionEnd } = this.input;
    if (selectionStart !== selectionEnd) return this.close();
    const cursor = cursorIn(value, selectionStart);
    try {
      const [proposed, known] = await Promise.all([proposals(cursor, signal), functions()]);
      if (signal.aborted || document.activeElement !== this.input) return;
      this.show(proposed, cursor, known);
    } catch (error) {
      if (!isAborted(error)) this.close();
    }
  }

  /**
   * @param {import('./proposals.js').Proposal[]} proposed
   * @param {import('./cursor.js').Cursor} cursor
   * @param {Map<string, import('./functions.js').Described>} known
   */
  show(proposed, cursor, known) {
    const isWhole = proposed.length === 1 && proposed[0]?.insert === cursor.word;
    this.proposed = isWhole ? [] : proposed;
    this.cursor = cursor;
    this.at = -1;
    fill(this.list, ...this.proposed.map((one, i) => this.item(one, i)));
    const described = known.get(cursor.call?.name ?? '');
    fill(this.help, ...(described === undefined ? [] : helpOf(described, cursor.call?.index ?? 0)));
    this.element.hidden = this.proposed.length === 0 && described === undefined;
    this.list.hidden = this.proposed.length === 0;
    this.input.setAttribute('aria-expanded', String(this.proposed.length > 0));
    this.point(-1);
  }

  /**
   * @param {import('./proposals.js').Proposal} proposal
   * @param {number} index
   */
  item(proposal, index) {
    const { text, kind, note } = proposal;
    return make(
      'li',
      { id: `${this.list.id}-${index}`, role: 'option', onclick: () => this.take(proposal) },
      make('i', {}, kind),
      make('span', {}, text),
      note === '' ? undefined : make('small', {}, note),
    );
  }

  /** @param {number} index */
  point(index) {
    this.at = Math.max(-1, Math.min(index, this.proposed.length - 1));
    pointAt(this.input, this.list, this.at);
  }

  /** @param {import('./proposals.js').Proposal} proposal */
  take({ insert, goesOn }) {
    const { from = 0 } = this.cursor ?? {};
    this.input.setRangeText(insert, from, this.input.selectionStart, 'end');
    this.input.focus();
    if (goesOn) void this.look();
    else this.close();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const isOpen = this.proposed.length > 0;
    const chosen = this.proposed[this.at];
    if (event.key === 'ArrowDown' && isOpen) this.point(this.at + 1);
    else if (event.key === 'ArrowUp' && isOpen) this.point(this.at - 1);
    else if (event.key === 'Tab' && isOpen && !event.shiftKey) {
      const first = this.proposed[Math.max(this.at, 0)];
      if (first) this.take(first);
    } else if (event.key === 'Enter' && chosen) this.take(chosen);
    else if (event.key === 'Enter' && !event.shiftKey) {
      this.close();
      this.done();
    } else if (event.key === 'Escape' && !this.element.hidden) this.close();
    else if (event.key === ' ' && event.ctrlKey) void this.look();
    else return;
    event.preventDefault();
  }
}

/**
 * A signature with the parameter that is written now, and what the function does.
 *
 * @param {import('./functions.js').Described} described
 * @param {number} index
 */
function helpOf(described, index) {
  const { name, params } = described;
  const at = Math.min(index, params.length - 1);
  const shown = params.flatMap((param, i) => {
    const text = `${param.name}${param.multiple ? ', …' : ''}${param.required ? '' : '?'}`;
    return [i > 0 ? ', ' : '', i === at ? make('b', {}, text) : text];
  });
  const type = params[at]?.type;
  return [
    make('code', {}, `${name}(`, ...shown, ')'),
    type === undefined ? undefined : make('small', {}, ` ${params[at]?.name}: ${type}`),
    make('p', {}, firstWords(described)),
  ];
}
