/** How the store suite gets its stores, and what it often asks of them. */
import type { RetentionRules } from '../../src/storage/retention/rules.ts';
import type { Store } from '../../src/storage/roles.ts';
import { assert } from '../support/suite.ts';

export interface StoreMaker {
  open(rules: RetentionRules, options?: { maxSeries?: number }): Promise<Store>;
  /** The same data once more; undefined where nothing is kept. */
  reopen: ((store: Store, rules: RetentionRules) => Promise<Store>) | undefined;
  close(store: Store): Promise<void>;
}

/** Runs a body on a fresh store and closes it, or the one that the body returns in its place. */
export type Using = (
  rules: RetentionRules,
  body: (store: Store) => Promise<Store | void>,
  options?: { maxSeries?: number },
) => Promise<void>;

export function usingOf(maker: StoreMaker): Using {
  return async (rules, body, options) => {
    const store = await maker.open(rules, options);
    let last: Store = store;
    try {
      last = (await body(store)) ?? store;
    } finally {
      await maker.close(last);
    }
  };
}

/** Values of one series in (from, until], which must be there. */
export async function values(
  store: Store,
  name: string,
  from: number,
  until: number,
  now: number,
): Promise<Float64Array> {
  const found = store.lookup(name);
  assert.ok(found, `${name} is not there`);
  const [fetched] = await store.fetch([found.id], from, until, now);
  assert.ok(fetched, `${name} has no values in the range`);
  return fetched.values;
}
