/** The series that `export whisper <glob>` writes. */
import { metricQueries, queryNames } from '../../../src/storage/index/name-query.ts';
import type { Store } from '../../../src/storage/roles.ts';

export function selectSeries(store: Store, glob: string): { name: string }[] {
  const names = new Set(metricQueries(glob).flatMap((query) => queryNames(store, query)));
  return Array.from(names, (name) => ({ name }));
}
