/** The last moment that tallyd stores: times are 32 bits in the data file and on the wire. */
export const LAST_SECOND = 0xffffffff;

/** Epoch seconds as text, `2106-02-07 06:28:15 UTC`; those that no date has as a number. */
export function utcText(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}
