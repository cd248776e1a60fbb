/** Long work on a thread that has others to serve. */
import type { InSteps } from './in-steps.ts';
import { SLICE_MS, yieldInOrder } from './yield-in-order.ts';

/** Begins at once; what takes longer than a slice goes on in turns with others, and is a promise. */
export function inTurns<T>(work: InSteps<T>): T | Promise<T> {
  const slice = runSlice(work);
  return slice.done === true ? slice.value : goOn(work);
}

async function goOn<T>(work: InSteps<T>): Promise<T> {
  for (;;) {
    await yieldInOrder();
    const slice = runSlice(work);
    if (slice.done === true) return slice.value;
  }
}

function runSlice<T>(work: InSteps<T>): IteratorResult<number, T> {
  const end = performance.now() + SLICE_MS;
  for (;;) {
    const step = work.next();
    if (step.done === true || performance.now() >= end) return step;
  }
}
