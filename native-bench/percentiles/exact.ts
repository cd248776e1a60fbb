/** Exact percentiles of the raw values, by the same rule as both: the value at round(p % of n). */
import { DAY, FLUSH, type HostDay } from './traffic.ts';

/** By step and percentile, a column of exact values; NaN where there were none. */
export function exactOf(
  hosts: readonly HostDay[],
  step: number,
  percents: readonly number[],
): Float64Array[] {
  const rows = DAY / step;
  const columns = percents.map(() => new Float64Array(rows).fill(NaN));
  const flushes = step / FLUSH;
  for (let row = 0; row < rows; row++) {
    const sorted = valuesOf(hosts, row * flushes, (row + 1) * flushes).sort();
    if (sorted.length === 0) continue;
    for (const [i, percent] of percents.entries()) {
      const rank = Math.max(Math.round((percent / 100) * sorted.length), 1);
      columns[i]![row] = sorted[rank - 1]!;
    }
  }
  return columns;
}

/** All values of flushes `from` up to `to`. */
function valuesOf(hosts: readonly HostDay[], from: number, to: number): Float64Array {
  const parts = hosts.map(({ values, ends }) =>
    values.subarray(from === 0 ? 0 : ends[from - 1]!, ends[to - 1]),
  );
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
