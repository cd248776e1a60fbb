/** What sketch-kill-child.ts writes and sketch-kill.test.ts expects. */
export const EPOCH = 1_699_999_200;
export const TIMERS = Array.from({ length: 60 }, (_, i) => `kill.t${i}`);

/** Values of timer `i` in flush `number`: none to three. */
export function valuesOf(number: number, i: number): number[] {
  return Array.from({ length: (number + i) % 4 }, (_, j) => number * 10 + i + j);
}
