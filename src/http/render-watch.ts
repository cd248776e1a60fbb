/**
 * Watches what the answer of one render depends on, so that the cache knows which other windows
 * have the same one. Archives answer whole steps: while no function looks at the clock itself, all
 * times within one step of the finest archive get the same datapoints.
 */
import type { StoreReader } from '../storage/roles.ts';

export class RenderWatch {
  /** The store to evaluate with: the real one, seen at its fetches. */
  readonly store: StoreReader;
  private steps = 0;
  private exact = false;

  constructor(store: StoreReader) {
    this.store = new Proxy(store, {
      get: (target, key: keyof StoreReader) => {
        if (key === 'fetch') return this.fetch.bind(this, target);
        // How fine the sketches of a timer can be is not told: each second counts.
        if (key === 'fetchSketches') this.exact = true;
        const member: unknown = target[key];
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  /** A function read the window or the clock. */
  readonly onClock = (): void => {
    this.exact = true;
  };

  /** Seconds within which the times of a request may differ without changing its answer. */
  get grain(): number {
    return this.exact || this.steps === 0 ? 1 : this.steps;
  }

  private fetch(
    store: StoreReader,
    ...args: Parameters<StoreReader['fetch']>
  ): ReturnType<StoreReader['fetch']> {
    for (const id of args[0]) {
      // Coarser steps of a series are multiples of its finest one.
      const finest = store.info(id)?.archives[0]?.step;
      this.steps = finest === undefined ? 1 : commonDivisor(this.steps, finest);
      if (this.steps === 1) break;
    }
    return store.fetch(...args);
  }
}

function commonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
