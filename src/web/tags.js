/** Tagged series by their tags: each tag opens into its values, each value draws what has it. */
import { ask } from './ask.js';
import { fill, make } from './dom.js';
import { whole } from './format.js';
import { quoteText } from './grammar.js';

const VALUES = 500;

export class Tags {
  /** @param {(target: string, isMore: boolean) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.element = make('div', { class: 'tags' });
    void this.look();
  }

  async look() {
    try {
      /** @type {{ tag: string }[]} */
      const tags = await ask('tags', { limit: VALUES });
      if (tags.length === 0) fill(this.element, make('p', { class: 'note' }, 'no tagged series'));
      else fill(this.element, ...tags.map(({ tag }) => this.tag(tag)));
    } catch (error) {
      fill(this.element, make('p', { class: 'error' }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {string} tag */
  tag(tag) {
    const list = make('ul');
    const details = make(
      'details',
      {
        ontoggle: () => {
          if (details.open) void this.values(tag, list);
        },
      },
      make('summary', { class: 'quiet' }, tag),
      list,
    );
    return details;
  }

  /**
   * @param {string} tag
   * @param {HTMLElement} list
   */
  async values(tag, list) {
    try {
      const answer = await ask(`tags/${encodeURIComponent(tag)}`, { limit: VALUES });
      /** @type {{ value: string, count: number }[]} */
      const values = answer?.values ?? [];
      fill(list, ...values.map(({ value, count }) => this.value(tag, value, count)));
      if (values.length === VALUES) {
        list.append(make('li', { class: 'note' }, `the first ${VALUES} are shown`));
      }
    } catch (error) {
      fill(list, make('li', { class: 'error' }, /** @type {Error} */ (error).message));
    }
  }

  /**
   * @param {string} tag
   * @param {string} value
   * @param {number} count
   */
  value(tag, value, count) {
    return make(
      'li',
      {},
      make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          onclick: (/** @type {MouseEvent} */ event) =>
            this.choose(
              `seriesByTag(${quoteText(`${tag}=${value}`)})`,
              event.shiftKey || event.ctrlKey || event.metaKey,
            ),
        },
        value,
      ),
      make('small', {}, whole(count)),
    );
  }
}
