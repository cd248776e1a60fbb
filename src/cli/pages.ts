/** A list in pages of at most so many items, for calls that take no more. */
export function* pagesOf<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}
