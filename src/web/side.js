/** The side of the explorer: the find box, and below it the names as a tree or by their tags. */
import { fill, make } from './dom.js';
import { Find } from './find.js';
import { quoteName } from './grammar.js';
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
    fill(this.names, this.tree.element);
    this.element = make(
      'nav',
      { class: 'side', 'aria-label': 'Names' },
      this.find.element,
      this.names,
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
