/**
 * A store of a few columns of datapoints that start at 0, for tests of evaluation. Only what
 * evaluation reads is there; every fetch is noted.
 */
import { compileGlob } from '../../../src/storage/index/glob.ts';
import type { Fetched, Store } from '../../../src/storage/roles.ts';

export interface Column {
  step: number;
  values: (number | null)[];
}

export interface ColumnStore extends Store {
  /** One entry a fetch: the names, from and until. */
  readonly fetches: { names: string[]; from: number; until: number }[];
}

export function columnStore(columns: Record<string, Column>): ColumnStore {
  const names = Object.keys(columns).sort();
  const fetches: ColumnStore['fetches'] = [];
  const reading = {
    fetches,
    lookup(name: string) {
      const id = names.indexOf(name);
      return id === -1 ? undefined : { id, name };
    },
    find(pattern: string) {
      const globs = pattern.split('.').map(compileGlob);
      return names.flatMap((path, id) => {
        const parts = path.split('.');
        const matches =
          parts.length === globs.length && globs.every((glob, i) => glob.matches(parts[i]!));
        return matches ? [{ path, text: parts.at(-1)!, leaf: true, branch: false, id }] : [];
      });
    },
    findTagged: () => [],
    listRecords: () => [],
    info: () => undefined,
    async fetch(ids: readonly number[], from: number, until: number) {
      fetches.push({ names: ids.map((id) => names[id]!), from, until });
      return ids.map((id) => windowOf(columns[names[id]!]!, from, until));
    },
  };
  return reading as unknown as ColumnStore;
}

/** Whisper's window: (from, until] on the grid of the step. */
function windowOf({ step, values }: Column, from: number, until: number): Fetched {
  const start = from - (((from % step) + step) % step) + step;
  const end = until - (until % step) + step;
  const found = new Float64Array((end - start) / step);
  for (let i = 0; i < found.length; i++) found[i] = values[start / step + i] ?? NaN;
  return { start, end, step, values: found, archiveIndex: 0 };
}
