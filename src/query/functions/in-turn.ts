/**
 * Work on one series after the other, with pauses in which other requests run: for functions that
 * need their whole list at once, which `isPerSeries` would cut in parts.
 */
import type { CallContext } from './spec.ts';

/** What `each` makes of every item, in their order. */
export async function inTurn<Item, Made>(
  context: Pick<CallContext, 'pause'>,
  items: Iterable<Item>,
  each: (item: Item, index: number) => Made | Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const item of items) {
    await context.pause();
    made.push(await each(item, made.length));
  }
  return made;
}
