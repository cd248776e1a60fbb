/** What a data folder answers, series by series, as text to compare. */
import { createHash } from 'node:crypto';
import { formatRetentions } from '../../src/storage/retention/retentions.ts';
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { openFaultStore } from './open-fault-store.ts';

/** Series read in one call. */
const PAGE = 500;

/** By name: how the series is kept, and a digest of every point that can be asked for. */
export type Snapshot = Map<string, string>;

/** `now` in epoch seconds, `ages` are how far back the questions go. */
export async function snapshotOf(
  dataDir: string,
  now: number,
  ages: readonly number[],
): Promise<Snapshot> {
  const store = await openFaultStore(dataDir);
  try {
    return await readAll(store, now, ages);
  } finally {
    await store.close();
  }
}

async function readAll(store: LmdbStore, now: number, ages: readonly number[]): Promise<Snapshot> {
  const snapshot: Snapshot = new Map();
  const names = store.allNames();
  for (let first = 0; first < names.length; first += PAGE) {
    const page = names.slice(first, first + PAGE);
    const ids = page.map((name) => store.lookup(name)!.id);
    const hashes = page.map(() => createHash('sha1'));
    for (const age of ages) {
      const fetched = await store.fetch(ids, now - age, now, now);
      fetched.forEach((one, i) => {
        if (one === undefined) return;
        hashes[i]!.update(`${one.start} ${one.step} ${one.values.length} `);
        hashes[i]!.update(one.values);
      });
    }
    page.forEach((name, i) => {
      const { archives, aggregationMethod } = store.info(ids[i]!)!;
      const digest = hashes[i]!.digest('hex');
      snapshot.set(name, `${formatRetentions(archives)} ${aggregationMethod} ${digest}`);
    });
  }
  const { corruptRecords } = store.health();
  if (corruptRecords > 0) throw new Error(`${corruptRecords} records could not be read`);
  return snapshot;
}

/** Series that are not as in one of the snapshots, where that may also mean not there; one line each. */
export function strangersIn(found: Snapshot, allowed: readonly Snapshot[]): string[] {
  const names = new Set([found, ...allowed].flatMap((snapshot) => [...snapshot.keys()]));
  return [...names].flatMap((name) => {
    const is = found.get(name);
    if (allowed.some((snapshot) => snapshot.get(name) === is)) return [];
    const could = allowed.map((snapshot) => snapshot.get(name) ?? 'not there');
    return `${name}: ${is ?? 'not there'}; expected ${could.join(', or ')}`;
  });
}
