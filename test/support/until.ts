/** Waits of tests for what comes in its own time. */
/** Between two looks at a condition at most; the first ones come sooner. */
const PAUSE_MS_MAX = 25;

/** Waits for a condition, bounded: what is waited for is named when it does not come. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
  limitMs = 40_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  let pauseMs = 1;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 1.5);
  }
}
