/**
 * A model store of a few columns of datapoints that start at 0, for tests of evaluation; every fetch
 * is noted.
 */
import type { Fetched, Store } from '../../../src/storage/roles.ts';
import { modelStore } from '../../model/model-store.ts';

export interface Column {
  step: number;
  values: (number | null)[];
}

export interface ColumnStore extends Store {
  /** One entry a fetch: the names, from and until. */
  readonly fetches: { names: string[]; from: number; until: number }[];
}

/** Ids are places in the sorted names; `overrides` take the place of the store's own methods. */
export function columnStore(
  columns: Record<string, Column>,
  overrides: Partial<Store> = {},
): ColumnStore {
  const names = Object.keys(columns).sort();
  const fetches: ColumnStore['fetches'] = [];
  const store = modelStore({
    names,
    info: () => undefined,
    async fetch(ids, from, until) {
      fetches.push({ names: ids.map((id) => names[id]!), from, until });
      return ids.map((id) => windowOf(columns[names[id]!]!, from, until));
    },
    ...overrides,
  });
  return Object.assign(store, { fetches });
}

/** Whisper's window: (from, until] on the grid of the step. */
function windowOf({ step, values }: Column, from: number, until: number): Fetched {
  const start = from - (((from % step) + step) % step) + step;
  const end = until - (until % step) + step;
  const found = new Float64Array((end - start) / step);
  for (let i = 0; i < found.length; i++) found[i] = values[start / step + i] ?? NaN;
  return { start, end, step, values: found, archiveIndex: 0 };
}
