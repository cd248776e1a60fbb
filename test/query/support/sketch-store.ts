/**
 * A model store of timers and sets, for tests of the functions over them: values by slot, stored as
 * sketches as the real one stores them. Slot i covers `i * step` to the next; fetches are noted.
 */
import { compileGlob } from '../../../src/storage/index/glob.ts';
import type {
  FetchedSketches,
  SeriesInfo,
  SketchedRef,
  Store,
} from '../../../src/storage/roles.ts';
import { encodeSketch } from '../../../src/sketch/codec.ts';
import { encodeDistinct } from '../../../src/sketch/distinct-codec.ts';
import { DistinctSketch } from '../../../src/sketch/distinct.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { columnStore, type Column } from './column-store.ts';

/** Numbers of a timer, or words of a set, by slot; empty slots hold no sketch. */
export interface Sketched {
  step: number;
  slots: (readonly number[] | readonly string[])[];
  /** Slots before this epoch second are not kept any more. */
  keptFrom?: number;
}

export interface SketchStore extends Store {
  readonly sketchFetches: { names: string[]; from: number; until: number }[];
}

/** `statistics` says which columns are a statistic of which timer. */
export function sketchStore(
  sketched: Record<string, Sketched>,
  columns: Record<string, Column> = {},
  statistics: Record<string, SeriesInfo['timer']> = {},
  overrides: Partial<Store> = {},
): SketchStore {
  const names = Object.keys(sketched).sort();
  const sketchFetches: SketchStore['sketchFetches'] = [];
  const refs = (matches: (name: string) => boolean): SketchedRef[] =>
    names.flatMap((name, id) =>
      matches(name) ? [{ id, name, kind: isSet(sketched[name]!) ? 'set' : 'timer' }] : [],
    );
  const store = columnStore(columns, {
    info(id) {
      const name = Object.keys(columns).sort()[id]!;
      const archives = [{ step: columns[name]!.step, points: 1000 }];
      return {
        name,
        archives,
        aggregationMethod: 'average',
        xFilesFactor: 0,
        ...(statistics[name] === undefined ? {} : { timer: statistics[name] }),
      };
    },
    findSketched(pattern) {
      if (pattern === '**') return refs((name) => !name.includes(';'));
      const globs = pattern.split('.').map(compileGlob);
      return refs((name) => {
        const parts = name.split('.');
        return parts.length === globs.length && globs.every((glob, i) => glob.matches(parts[i]!));
      });
    },
    findSketchedByTags(expressions) {
      return refs((name) =>
        expressions.every(({ tag, value }) =>
          tag === 'name' ? name.startsWith(`${value};`) : name.includes(`;${tag}=${value}`),
        ),
      );
    },
    async fetchSketches(ids, from, until) {
      sketchFetches.push({ names: ids.map((id) => names[id]!), from, until });
      return ids.map((id) => windowOf(sketched[names[id]!]!, from, until));
    },
    ...overrides,
  });
  return Object.assign(store, { sketchFetches });
}

function isSet({ slots }: Sketched): boolean {
  return typeof slots.flat()[0] === 'string';
}

/** Whisper's window: (from, until] on the grid of the step. */
function windowOf(one: Sketched, from: number, until: number): FetchedSketches | undefined {
  const { step, slots, keptFrom = -Infinity } = one;
  const first = Math.max(from, keptFrom - step);
  if (until < keptFrom) return undefined;
  const start = first - (((first % step) + step) % step) + step;
  const end = until - (until % step) + step;
  const sketches: (Uint8Array | undefined)[] = [];
  for (let time = start; time < end; time += step) sketches.push(encoded(slots[time / step]));
  return { start, end, step, archiveIndex: 0, sketches };
}

function encoded(slot: readonly (number | string)[] | undefined): Uint8Array | undefined {
  if (slot === undefined || slot.length === 0) return undefined;
  if (typeof slot[0] === 'string') {
    const set = new DistinctSketch();
    for (const word of slot) set.add(new TextEncoder().encode(String(word)));
    return encodeDistinct(set);
  }
  const sketch = new Sketch();
  for (const value of slot) sketch.add(Number(value));
  return encodeSketch(sketch);
}
