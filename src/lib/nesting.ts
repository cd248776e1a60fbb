/**
 * How deep a value that JSON described is nested. `JSON.stringify` needs stack for it in some
 * engines and none in others; what is refused must not depend on that.
 */

/** Below what each engine's `JSON.stringify` has stack for. */
const DEPTH_MAX = 3000;

export function isNestedTooDeeply(value: unknown, depthMax = DEPTH_MAX): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : [],
    );
  }
  return false;
}
