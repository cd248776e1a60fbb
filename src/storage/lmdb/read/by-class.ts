/** Positions in a request by the class of their series, so that neighbours are read together. */
import { groupBy } from '../../../lib/group-by.ts';

/** Ascending by column; ids whose class is undefined are not known. */
export function positionsByClass(
  ids: readonly number[],
  classOf: (id: number) => number | undefined,
  columnOf: (id: number) => number,
): Map<number, number[]> {
  const known = [...ids.keys()].filter((position) => classOf(ids[position]!) !== undefined);
  const groups = groupBy(known, (position) => classOf(ids[position]!)!);
  for (const positions of groups.values()) {
    positions.sort((a, b) => columnOf(ids[a]!) - columnOf(ids[b]!));
  }
  return groups;
}
