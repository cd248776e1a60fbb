/**
 * Positions in a request by the class of their series, ascending by column, so that neighbours are
 * read together. Ids whose class is undefined are not known.
 */
export function positionsByClass(
  ids: readonly number[],
  classOf: (id: number) => number | undefined,
  columnOf: (id: number) => number,
): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  ids.forEach((id, position) => {
    const classId = classOf(id);
    if (classId === undefined) return;
    const known = groups.get(classId);
    if (known === undefined) groups.set(classId, [position]);
    else known.push(position);
  });
  for (const positions of groups.values()) {
    positions.sort((a, b) => columnOf(ids[a]!) - columnOf(ids[b]!));
  }
  return groups;
}
