/**
 * Numbers as the series verbs print them: the shortest text that reads back as the same double, -0
 * and infinities too, and factors that a whisper file has rounded to float32.
 */

/**
 * JSON for a value: null for NaN; infinity, which JSON lacks, as 1e9999, which reads as infinity.
 */
export function jsonNumber(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (value === Infinity) return '1e9999';
  if (value === -Infinity) return '-1e9999';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The decimal number with the fewest digits that rounds to the same float32: 0.1 for 0.1f. */
export function shortFloat32(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
