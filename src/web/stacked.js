/** Lines on top of each other, as Graphite's areaMode=stacked; those of each axis by themselves. */

/**
 * Each column with all before it added that are of the same axis; what has no value adds nothing and
 * stays without one.
 *
 * @param {readonly (readonly (number | null | undefined)[])[]} columns
 * @param {readonly { isRight: boolean }[]} lines
 * @returns {(number | null | undefined)[][]}
 */
export function stackColumns(columns, lines) {
  /** @type {Record<string, number[]>} */
  const sums = { true: [], false: [] };
  return columns.map((column, line) => {
    const below = sums[String(lines[line]?.isRight === true)] ?? [];
    return column.map((value, i) => {
      below[i] = (below[i] ?? 0) + (value ?? 0);
      return value === null || value === undefined ? value : below[i];
    });
  });
}

/**
 * The line that a line stands on; -1 for the axis.
 *
 * @param {readonly { isRight: boolean }[]} lines
 * @param {number} line
 */
export function lineBelow(lines, line) {
  return lines.slice(0, line).findLastIndex(({ isRight }) => isRight === lines[line]?.isRight);
}
