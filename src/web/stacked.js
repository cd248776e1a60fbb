/** Lines on top of each other, as Graphite's areaMode=stacked. */

/**
 * Each column with all before it added; what has no value adds nothing and stays without one.
 *
 * @param {readonly (readonly (number | null | undefined)[])[]} columns
 * @returns {(number | null | undefined)[][]}
 */
export function stackColumns(columns) {
  /** @type {number[]} */
  const sums = [];
  return columns.map((column) =>
    column.map((value, i) => {
      sums[i] = (sums[i] ?? 0) + (value ?? 0);
      return value === null || value === undefined ? value : sums[i];
    }),
  );
}
