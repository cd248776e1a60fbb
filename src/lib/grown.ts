/** Columns as typed arrays that have become too short. */

type Column = Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float64Array;

/** The items of `old` at the start of `larger`, which takes its place. */
export function grown<T extends Column>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
