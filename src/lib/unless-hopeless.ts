/** Waiting for what may never come to an end: a write while the disk takes none. */
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 50;
/** A disk that is full may be given room; not for longer than an end may take. */
const PATIENCE_MS = 1000;

/** Resolves when the work has ended, or `isHopeless` has said yes for a moment on end. */
export async function unlessHopeless(
  work: Promise<unknown>,
  isHopeless: () => boolean,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  let hasEnded = false;
  const ended = work.finally(() => (hasEnded = true));
  // Whoever tracks the work hears of its failure, also when it is given up here.
  ended.catch(() => {});
  let hopefulMs = performance.now();
  while (!hasEnded && performance.now() - hopefulMs < patienceMs) {
    if (!isHopeless()) hopefulMs = performance.now();
    await Promise.race([ended, delay(LOOK_MS)]);
  }
}
