/** How often something was rejected, by `what reason`: `series.refused prefix`. */
import type { Rejection } from '../../src/rejections/rejections.ts';

export function countOf(rejections: readonly Rejection[], key: string): number {
  const found = rejections.find(({ what, reason }) => `${what} ${reason}` === key);
  if (found === undefined) throw new Error(`${key} is none of the reasons`);
  return found.count;
}
