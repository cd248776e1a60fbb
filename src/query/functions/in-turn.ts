/**
 * Work on one series after the other, or on one part of a long series after the other, with pauses
 * in which other requests run: for functions that need their whole list at once, which `isPerSeries`
 * would cut in parts, and for those that take long over one series.
 */
import type { InSteps } from '../../lib/in-steps.ts';
import type { CallContext } from './spec.ts';

type Pausing = Pick<CallContext, 'pause'>;

/** Values of a part: some milliseconds of work on each. */
const PART_VALUES = 50_000;

/** What `each` makes of every item, in their order. */
export async function inTurn<Item, Made>(
  context: Pausing,
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

/** Does a long work, and charges what it takes. */
export async function inSteps<T>(
  context: Pick<CallContext, 'pause' | 'spend'>,
  work: InSteps<T>,
): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    context.spend(value);
    await context.pause();
  }
}

/** Does `each` over the places 0 to `length` in parts; `cost` is how many values stand at a place. */
export async function inParts(
  context: Pausing,
  length: number,
  each: (from: number, to: number) => void,
  cost = 1,
): Promise<void> {
  const places = Math.max(1, Math.floor(PART_VALUES / cost));
  for (let from = 0; from < length; from += places) {
    await context.pause();
    each(from, Math.min(from + places, length));
  }
}

/** A column of what `valueAt` makes of each place, in parts. */
export async function columnInParts(
  context: Pausing,
  length: number,
  valueAt: (place: number) => number,
  cost = 1,
): Promise<Float64Array> {
  const values = new Float64Array(length);
  const fill = (from: number, to: number): void => {
    for (let i = from; i < to; i++) values[i] = valueAt(i);
  };
  await inParts(context, length, fill, cost);
  return values;
}
