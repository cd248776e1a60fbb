/** The side of the explorer: the find box, and below it the names as a tree or by their tags. */
import { fill, make } from './dom.js';
import { Find } from './find.js';
import { quoteName } from './grammar.js';
import { Tags } from './tags.js';
import { Tree } from './tree.js';
import { changeView, view } from './view.js';

export class Side {
  constructor() {
    this.find = new Find({
      choose,
      searching: (isSearching) => {
        this.names.hidden = isSearching;
      },
    });
    this.tree = new Tree((name, isMore) => choose(quoteName(name), isMore));
    this.names = make('div', { class: 'names' });
    this.showTree();
    this.element = make(
      'nav',
      { class: 'side', 'aria-label': 'Names' },
      this.find.element,
      this.names,
    );
  }

  showTree() {
    this.show('Tree', this.tree.element);
  }

  showTags() {
    this.show('Tags', new Tags(choose).element);
  }

  /**
   * @param {string} chosen
   * @param {HTMLElement} content
   */
  show(chosen, content) {
    /**
     * @param {string} text
     * @param {() => void} onclick
     */
    const tab = (text, onclick) =>
      make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          role: 'tab',
          'aria-selected': String(text === chosen),
          onclick,
        },
        text,
      );
    fill(
      this.names,
      make(
        'div',
        { class: 'tabs', role: 'tablist' },
        tab('Tree', () => this.showTree()),
        tab('Tags', () => this.showTags()),
      ),
      content,
    );
  }

  leave() {
    this.tree.leave();
  }
}

/**
 * Draws a target in the place of what is there, or beside it.
 *
 * @param {string} target
 * @param {boolean} isMore
 */
function choose(target, isMore) {
  const before = view().target;
  if (isMore) changeView({ target: [...before.filter((one) => one !== target), target] });
  else changeView({ target: [target], off: [], hide: [] });
}
