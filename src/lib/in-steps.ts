/**
 * Long work in parts: a generator that yields how many steps it took since it last yielded, some
 * thousand at a time, and returns its result. Whoever runs it may let others run in between.
 */
export type InSteps<T> = Generator<number, T, undefined>;

/** Steps between two yields: well below a millisecond of plain work. */
export const STEPS_AT_ONCE = 4096;

/** Runs it to its end without a pause. */
export function atOnce<T>(work: InSteps<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** A list sorted as `sort` does it, a long one in runs that are then merged. */
export function* sortInSteps<T>(items: T[], compare: (a: T, b: T) => number): InSteps<T[]> {
  if (items.length <= STEPS_AT_ONCE) return items.sort(compare);
  if (yield* isSorted(items, compare)) return items;
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += STEPS_AT_ONCE) {
    runs.push(items.slice(from, from + STEPS_AT_ONCE).sort(compare));
    yield STEPS_AT_ONCE;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [first, second] = [runs[i]!, runs[i + 1]]; // i < length
      merged.push(second === undefined ? first : yield* merge(first, second, compare));
    }
    runs = merged;
  }
  return runs[0]!; // the list was not empty
}

function* isSorted<T>(items: readonly T[], compare: (a: T, b: T) => number): InSteps<boolean> {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1]!, items[i]!) > 0) return false; // both are there
    if (i % STEPS_AT_ONCE === 0) yield STEPS_AT_ONCE;
  }
  return true;
}

function* merge<T>(first: T[], second: T[], compare: (a: T, b: T) => number): InSteps<T[]> {
  // What was nearly sorted comes in runs that follow one another.
  if (compare(first.at(-1)!, second[0]!) <= 0) return first.concat(second); // none is empty
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < first.length || j < second.length) {
    const isFirst =
      j === second.length || (i < first.length && compare(first[i]!, second[j]!) <= 0);
    merged.push(isFirst ? first[i++]! : second[j++]!); // of the one that has some left
    if (merged.length % STEPS_AT_ONCE === 0) yield STEPS_AT_ONCE;
  }
  return merged;
}
