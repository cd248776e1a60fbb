/**
 * Waiting for whole turns of the event loop: how `stop` knows that the kernel has handed over
 * everything it held. In each turn libuv takes what every socket has to give.
 */
const IDLE_TURNS = 3;
const WAIT_MS_MAX = 1_000;

/** Resolves after the event loop has polled its sockets once more. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until `progress` stands still for a few turns, at most one second (under a flood). */
export async function untilDrained(progress: () => number): Promise<void> {
  const endMs = performance.now() + WAIT_MS_MAX;
  let seen = progress();
  for (let idleTurns = 0; idleTurns < IDLE_TURNS && performance.now() < endMs; idleTurns++) {
    await nextTurn();
    const now = progress();
    if (now !== seen) idleTurns = -1;
    seen = now;
  }
}
