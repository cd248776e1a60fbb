/**
 * Waiting for whole turns of the event loop: how `stop` knows that the kernel has handed over
 * everything it held. In each turn libuv takes what every socket has to give.
 */
const IDLE_TURNS = 3;
/** A datagram takes more of a receive buffer, however short it is: its header in the kernel alone. */
const HELD_BYTES_MIN = 256;

/** Resolves after the event loop has polled its sockets once more. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Datagrams that a receive buffer may hold: whoever has read so many since the stop has all that were
 * sent before it, however slow the machine is, and is through in the middle of a flood too.
 */
export function heldAtMost(receiveBufferBytes: number): number {
  return Math.ceil(receiveBufferBytes / HELD_BYTES_MIN);
}

/**
 * Waits until `progress` stands still for a few turns; where it does not (a flood), until it has
 * grown by `most`.
 */
export async function untilDrained(progress: () => number, most: number): Promise<void> {
  let seen = progress();
  const end = seen + most;
  for (let idleTurns = 0; idleTurns < IDLE_TURNS && seen < end; idleTurns++) {
    await nextTurn();
    const now = progress();
    if (now !== seen) idleTurns = -1;
    seen = now;
  }
}
