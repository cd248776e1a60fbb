/**
 * The tree of names: branches open in place and stay open while the page asks again, so that names
 * that come and go are seen. Arrow keys walk it, as in every tree.
 */
import { ask } from './ask.js';
import { fill, make } from './dom.js';
import { whole } from './format.js';
import { quoteName } from './grammar.js';

/** Names of one branch that are listed at once. */
const PART = 200;
const AGAIN_MS = 15_000;

/**
 * @typedef {object} Branch
 * @property {HTMLElement} list
 * @property {string} path of names, as they are; '' for the root
 * @property {number} most how many are listed
 */

export class Tree {
  /** @param {(name: string, isMore: boolean) => void} choose a leaf, whether beside what is drawn */
  constructor(choose) {
    this.choose = choose;
    this.element = make('ul', { class: 'tree', role: 'tree', 'aria-label': 'Names' });
    this.element.addEventListener('keydown', (event) => this.press(event));
    /** @type {Map<string, Branch>} open ones by path */
    this.open = new Map([['', { list: this.element, path: '', most: PART }]]);
    void this.look('');
    this.timer = setInterval(() => this.lookAgain(), AGAIN_MS);
  }

  leave() {
    clearInterval(this.timer);
  }

  async lookAgain() {
    if (document.hidden || !this.element.isConnected) return;
    for (const path of Array.from(this.open.keys())) await this.look(path);
  }

  /** @param {string} path */
  async look(path) {
    const branch = this.open.get(path);
    if (branch === undefined) return;
    const pattern = path === '' ? '*' : `${quotePattern(path)}.*`;
    try {
      const nodes = await ask('metrics/find', { query: pattern });
      this.fill(branch, nodes);
    } catch (error) {
      fill(branch.list, make('li', { class: 'error' }, /** @type {Error} */ (error).message));
    }
  }

  /**
   * @param {Branch} branch
   * @param {{ text: string, leaf: number }[]} nodes
   */
  fill(branch, nodes) {
    const order = new Intl.Collator('en', { numeric: true });
    const listed = nodes.sort((a, b) => order.compare(a.text, b.text)).slice(0, branch.most);
    const before = new Map(
      [...branch.list.children].map((child) => [child.getAttribute('data-key'), child]),
    );
    const items = listed.map((node) => {
      const key = `${node.leaf} ${node.text}`;
      // What stands there stays, with whatever is open in it and the focus.
      return before.get(key) ?? this.item(branch, node, key);
    });
    if (nodes.length > listed.length) {
      const more = make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          onclick: () => {
            branch.most += PART * 5;
            void this.look(branch.path);
          },
        },
        `${whole(listed.length)} of ${whole(nodes.length)} shown · more`,
      );
      items.push(make('li', { role: 'none' }, more));
    }
    if (nodes.length === 0) items.push(make('li', { class: 'note' }, 'no names yet'));
    const isSame =
      items.length === branch.list.children.length &&
      items.every((item, i) => branch.list.children[i] === item);
    if (!isSame) fill(branch.list, ...items);
    const first = this.element.querySelector('[role=treeitem]');
    if (!this.element.querySelector('[tabindex="0"]')) first?.setAttribute('tabindex', '0');
  }

  /**
   * @param {Branch} branch
   * @param {{ text: string, leaf: number }} node
   * @param {string} key
   */
  item(branch, { text, leaf }, key) {
    const path = branch.path === '' ? text : `${branch.path}.${text}`;
    const label = make('span', { class: leaf ? 'leaf' : 'branch', title: path }, text);
    const item = make(
      'li',
      {
        role: 'treeitem',
        tabindex: -1,
        'data-key': key,
        'data-path': path,
        'aria-expanded': leaf ? false : 'false',
        'aria-label': text,
        onclick: (/** @type {MouseEvent} */ event) => {
          event.stopPropagation();
          this.focus(item);
          if (leaf) this.choose(path, event.shiftKey || event.ctrlKey || event.metaKey);
          else this.toggle(item, path);
        },
      },
      label,
    );
    return item;
  }

  /**
   * @param {HTMLElement} item
   * @param {string} path
   */
  toggle(item, path) {
    if (this.open.has(path)) {
      for (const other of this.open.keys()) {
        if (other === path || other.startsWith(`${path}.`)) this.open.delete(other);
      }
      item.querySelector('ul')?.remove();
      item.setAttribute('aria-expanded', 'false');
      return;
    }
    const list = make('ul', { role: 'group' });
    item.append(list);
    item.setAttribute('aria-expanded', 'true');
    this.open.set(path, { list, path, most: PART });
    void this.look(path);
  }

  /** @param {HTMLElement} item */
  focus(item) {
    this.element.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    item.setAttribute('tabindex', '0');
    item.focus();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const item = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest('[role=treeitem]')
    );
    if (item === null) return;
    const all = /** @type {HTMLElement[]} */ ([
      ...this.element.querySelectorAll('[role=treeitem]'),
    ]);
    const at = all.indexOf(item);
    const expanded = item.getAttribute('aria-expanded');
    const path = item.dataset['path'] ?? '';
    /** @type {HTMLElement | null | undefined} */
    let next;
    if (event.key === 'ArrowDown') next = all[at + 1];
    else if (event.key === 'ArrowUp') next = all[at - 1];
    else if (event.key === 'Home') next = all[0];
    else if (event.key === 'End') next = all.at(-1);
    else if (event.key === 'ArrowRight') {
      if (expanded === 'false') this.toggle(item, path);
      else next = item.querySelector('[role=treeitem]');
    } else if (event.key === 'ArrowLeft') {
      if (expanded === 'true') this.toggle(item, path);
      else next = item.parentElement?.closest('[role=treeitem]');
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (expanded === null) this.choose(path, event.shiftKey || event.ctrlKey);
      else this.toggle(item, path);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (next) this.focus(next);
  }
}

/** @param {string} path of names; find takes blanks and quotes as they are */
function quotePattern(path) {
  return quoteName(path).replace(/\\(.)/g, '$1');
}
