/** Whether the server is well, in a word at the head of the page; a click tells more. */
import { ask } from './ask.js';
import { fill, make } from './dom.js';
import { whole } from './format.js';

const AGAIN_MS = 10_000;

export class Health {
  constructor() {
    this.element = make('a', { class: 'health', href: '#page=overview', role: 'status' });
    void this.look();
    setInterval(() => document.hidden || void this.look(), AGAIN_MS);
  }

  async look() {
    try {
      const { status, reason, store } = await ask('health');
      this.element.dataset['status'] = status;
      this.element.title = reason ?? 'all is well';
      fill(
        this.element,
        make('i', {}, ''),
        status,
        make('small', {}, store === undefined ? '' : ` ${whole(store.seriesCount)} series`),
      );
    } catch (error) {
      this.element.dataset['status'] = 'failing';
      fill(this.element, make('i'), /** @type {Error} */ (error).message);
    }
  }
}
