/** The series that `export whisper <glob>` writes. */
import { metricQueries, queryNames } from '../../../src/storage/name-query.ts';
import type { Store } from '../../../src/storage/store.ts';

export function selectSeries(store: Store, glob: string): { name: string }[] {
  const names = new Set(metricQueries(glob).flatMap((query) => queryNames(store, query)));
  return Array.from(names, (name) => ({ name }));
}
