/** Waits for a condition, bounded: what is waited for is named when it does not come. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
  limitMs = 40_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
