/** What the check of one database is to `verify`. One file a database; the list is in verify.ts. */

/** Called for each record in key order; keys and values are copies of their own. */
export interface Check {
  readonly database: string;
  /** The record as an operator would look for it: `class 0, archive 1 (1m:7d), slot 17, …`. */
  where(key: Uint8Array): string;
  /** What is wrong, the end of a sentence; undefined when nothing is. */
  fault(key: Uint8Array, value: Uint8Array): string | undefined;
  /** What is lost with a damaged record when it is dropped or mended. */
  loss(key: Uint8Array, value: Uint8Array): string;
  /** The record with what is whole in it; undefined where it has to be dropped. */
  mend?(key: Uint8Array, value: Uint8Array): Uint8Array | undefined;
  /** Faults that are no single record's, after the last one. */
  rest?(): { where: string; what: string }[];
}

/** Text of bytes that are UTF-8; undefined when they are not. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The start of a name or text, with what a terminal must not get shown as escapes. */
export function shown(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return JSON.stringify(short);
}
