/**
 * The times of datapoints in JSON with all that stands around them, written once for the series of
 * an answer, which mostly share them. Sixteen bytes each, copied as two doubles: byte by byte the
 * times would cost nearly as much as the values.
 *
 *     [1.0, 1700000000], [2.5, 1700000060], [
 *         `--------------´   `--------------´
 */
import { writeWhole } from './number-bytes.ts';

/** Bytes of a tail, and of its last `, [` that the end of a list does without. */
export const TAIL_BYTES = 16;
export const TAIL_REST_BYTES = 3;

/** Longer series write their times themselves; shared times take 16 bytes a datapoint. */
const COUNT_MAX = 20_000;
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export class TimeTails {
  private start = NaN;
  private step = NaN;
  private count = 0;
  /** Two a datapoint. No text reads as a NaN, whose bits might not survive a copy. */
  private words = new Float64Array(0);

  /** Makes the tails of a series; false where its times do not have ten digits. */
  hold(start: number, step: number, count: number): boolean {
    if (start !== this.start || step !== this.step) {
      this.count = 0;
      this.start = start;
      this.step = step;
    }
    if (count <= this.count) return true;
    const isWhole = Number.isInteger(start) && Number.isInteger(step) && step >= 0;
    if (!isWhole || start < 1e9 || start + count * step >= 1e10 || count > COUNT_MAX) return false;
    this.extend(count);
    return true;
  }

  /** Writes the tail of datapoint `index`, which is held. */
  write(view: DataView, at: number, index: number): void {
    const { words } = this;
    view.setFloat64(at, words[2 * index]!, LITTLE_ENDIAN);
    view.setFloat64(at + 8, words[2 * index + 1]!, LITTLE_ENDIAN);
  }

  private extend(count: number): void {
    if (count * 2 > this.words.length) {
      const { words } = this;
      this.words = new Float64Array(Math.max(count * 2, 1024));
      this.words.set(words.subarray(0, this.count * 2));
    }
    const bytes = Buffer.from(this.words.buffer);
    for (let i = this.count; i < count; i++) {
      bytes.write(', ', i * TAIL_BYTES, 'latin1');
      const end = writeWhole(bytes, i * TAIL_BYTES + 2, this.start + i * this.step);
      bytes.write('], [', end, 'latin1');
    }
    this.count = count;
  }
}
