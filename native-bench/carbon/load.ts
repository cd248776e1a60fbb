/**
 * What `bench:carbon` sends: plaintext points of hosts with 50 metrics each, a point every ten
 * seconds. The same texts at each run but for their times, so every value can be told on the way
 * back. A quarter of the series are counts, the rest are decimals, large whole numbers and rates.
 */
import { nameOf } from '../store-load.ts';

export { nameOf };

export const STEP = 10;
/** Of both sides: a realistic pair, small enough for ten thousand whisper files. */
export const RETENTIONS = '10s:6h,1m:7d';

export interface Shape {
  name: string;
  /** Number of the first series: others have other names. */
  first: number;
  series: number;
  /** Points of each series. */
  slots: number;
  /** Time of the first point: epoch seconds, a multiple of STEP. */
  start: number;
  /** As a relay sends: all series of one time, then the next; or one series' history after another. */
  order: 'by time' | 'by series';
}

/** The value as it is written on the wire; three to eight bytes. */
export function textOf(series: number, slot: number): string {
  const noise = (Math.imul(series + 1, 0x9e3779b1) ^ Math.imul(slot + 1, 0x85ebca6b)) >>> 0;
  switch (series % 4) {
    case 0:
      return String(noise % 1000);
    case 1:
      return ((noise % 100_000) / 1000).toFixed(3);
    case 2:
      return String(1_048_576 + (noise % 65_536));
    default:
      return ((noise % 1000) / 10).toFixed(1);
  }
}

/** The whole stream as buffers of whole lines, made before the clock runs. */
export function linesOf({ first, series, slots, start, order }: Shape): Buffer[] {
  const names = Array.from({ length: series }, (_, i) => nameOf(first + i));
  const [outer, inner] = order === 'by time' ? [slots, series] : [series, slots];
  const buffers: Buffer[] = [];
  let text: string[] = [];
  for (let a = 0; a < outer; a++) {
    for (let b = 0; b < inner; b++) {
      const [one, slot] = order === 'by time' ? [b, a] : [a, b];
      text.push(`${names[one]} ${textOf(one, slot)} ${start + slot * STEP}\n`);
    }
    if (text.length < 10_000 && a + 1 < outer) continue;
    buffers.push(Buffer.from(text.join('')));
    text = [];
  }
  return buffers;
}
