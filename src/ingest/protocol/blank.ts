/**
 * Blanks as JavaScript sees them, in UTF-8: what `\s`, `trim()` and `Number()` skip. StatsD's
 * behaviour hangs on them (a no-break space around a number is valid there).
 *
 *     tab \n \v \f \r space | C2 A0 | E1 9A 80 | E2 80 80..8A A8 A9 AF | E2 81 9F | E3 80 80 | EF BB BF
 */

/** Bytes of the blank that starts at `at`, 0 when there is none. */
export function blankLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first === 0x20 || (first >= 0x09 && first <= 0x0d) ? 1 : 0;
  if (first === 0xc2) return at + 1 < to && bytes[at + 1]! === 0xa0 ? 2 : 0;
  if (at + 2 >= to) return 0;
  return isWideBlank(first, bytes[at + 1]!, bytes[at + 2]!) ? 3 : 0;
}

function isWideBlank(first: number, second: number, third: number): boolean {
  if (first === 0xe2) {
    if (second === 0x81) return third === 0x9f;
    if (second !== 0x80) return false;
    return (third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf;
  }
  if (first === 0xe1) return second === 0x9a && third === 0x80;
  if (first === 0xe3) return second === 0x80 && third === 0x80;
  return first === 0xef && second === 0xbb && third === 0xbf;
}

/** Where the text starts once leading blanks are cut. */
export function trimStart(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const length = blankLength(bytes, at, to);
    if (length === 0) break;
    at += length;
  }
  return at;
}

/** Where the text ends once trailing blanks are cut. */
export function trimEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from) {
    if (bytes[end - 1]! < 0x80) {
      if (blankLength(bytes, end - 1, end) === 0) break;
      end -= 1;
    } else if (end - 2 >= from && blankLength(bytes, end - 2, end) === 2) end -= 2;
    else if (end - 3 >= from && blankLength(bytes, end - 3, end) === 3) end -= 3;
    else break;
  }
  return end;
}
