/** The model store as most tests want it: with names at once, and some methods answered otherwise. */
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import type { RetentionRules } from '../../src/storage/retention/rules.ts';
import type { Store, StoreHealth } from '../../src/storage/roles.ts';
import { MemoryStore } from './memory-store.ts';

export interface ModelOptions extends Partial<Store> {
  /** Series without datapoints. */
  names?: Iterable<string>;
  rules?: RetentionRules;
}

export const HEALTHY: StoreHealth = {
  state: 'ok',
  seriesCount: 3,
  lastDurableFlush: 1_700_000_000,
  pendingFlushes: 0,
  droppedFlushes: 0,
  refusedSeries: 0,
  fileBytes: 4096,
  lastCommitMs: 1,
  pointsStored: 10,
  lateMerged: 0,
  corruptRecords: 0,
  searchBytes: 0,
};

/** Options beside `names` and `rules` take the place of the store's own methods. */
export function modelStore(options: ModelOptions = {}): MemoryStore {
  const { names = [], rules = DEFAULT_RULES, ...overrides } = options;
  const store = new MemoryStore(rules);
  store.declare(names);
  return Object.assign(store, overrides);
}
