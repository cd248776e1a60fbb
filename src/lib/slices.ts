/** A list in parts of `size`, in its order; the last one may be shorter. */
export function* slices<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}
