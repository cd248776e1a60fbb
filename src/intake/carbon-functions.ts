/** What carbon's aggregation rules may compute of an interval's values, as its aggregator does. Pure. */

/** Of at least one value, which it may sort. */
export type AggregationFunction = (values: number[]) => number;

const FUNCTIONS: Record<string, AggregationFunction> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  p50: percentile(0.5),
  p75: percentile(0.75),
  p80: percentile(0.8),
  p90: percentile(0.9),
  p95: percentile(0.95),
  p99: percentile(0.99),
  p999: percentile(0.999),
  count: (values) => values.length,
};

export const FUNCTION_NAMES = Object.keys(FUNCTIONS);

export function functionNamed(name: string): AggregationFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}

/** Between the two nearest ranks, as carbon weighs them. */
function percentile(factor: number): AggregationFunction {
  return (values) => {
    const sorted = values.sort((a, b) => a - b);
    const rank = factor * (sorted.length - 1);
    const [left, right] = [Math.floor(rank), Math.ceil(rank)];
    if (left === right) return sorted[left]!; // a rank within the values
    return sorted[left]! * (right - rank) + sorted[right]! * (rank - left);
  };
}
