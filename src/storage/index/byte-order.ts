/**
 * Order of names by their UTF-8 bytes, as graphite-web sorts them. JavaScript's own `<` compares
 * UTF-16 units, which differs only where a surrogate pair meets U+E000…U+FFFF.
 */
const SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for the highest code points, behind everything else. */
function rank(unit: number): number {
  if (unit < SURROGATE) return unit;
  return unit < AFTER_SURROGATES ? unit + 0x2000 : unit - 0x800;
}
