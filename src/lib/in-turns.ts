/** Long work on a thread that has others to serve. */
import type { InSteps } from './in-steps.ts';
import { yieldInOrder } from './yield-in-order.ts';

/** Longest time before the event loop runs again. */
const SLICE_MS = 5;

/** Begins at once; what takes longer than a slice goes on in turns with others, and is a promise. */
export function inTurns(work: InSteps<void>): Promise<void> | undefined {
  return runSlice(work) ? undefined : goOn(work);
}

async function goOn(work: InSteps<void>): Promise<void> {
  do await yieldInOrder();
  while (!runSlice(work));
}

/** Whether it is done. */
function runSlice(work: InSteps<void>): boolean {
  const end = performance.now() + SLICE_MS;
  do if (work.next().done === true) return true;
  while (performance.now() < end);
  return false;
}
