/**
 * Lets the event loop go. Whoever waits is woken in the order of asking, one in each round of the
 * loop: what came in meanwhile is seen to between any two of them, however many there are.
 */

/** Longest time that work may hold the event loop before it lets it go. */
export const SLICE_MS = 5;

const waiting: (() => void)[] = [];

export function yieldInOrder(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(wake);
  });
}

function wake(): void {
  const resolve = waiting.shift();
  // Asked for here, it comes in the next round.
  if (waiting.length > 0) setImmediate(wake);
  resolve?.();
}
