/**
 * What a store was given and what became of it, flush by flush: for runs in which flushes are given
 * up. Acknowledged ones must be there exactly, given up ones not at all, and sums of minutes as well.
 */
import type { Fetched, Store } from '../../src/storage/roles.ts';
import type { FlushBatch } from '../../src/wire/sample-batch.ts';
import { frameOf } from '../support/frame.ts';
import { COARSE_STEP, EPOCH, FINE_ROWS, STEP, timeOf } from './history.ts';

export type Fate = 'waiting' | 'acknowledged' | 'given up';

export class Ledger {
  readonly fates: Fate[] = [];
  /** Series that a flush has, by flush. */
  private readonly widths: number[] = [];
  /** Names that crossed so far in this process. */
  private known = 0;

  get next(): number {
    return this.fates.length;
  }

  count(fate: Fate): number {
    return this.fates.filter((one) => one === fate).length;
  }

  /** The next flush, handed to the store; resolves when its fate is known. */
  async append(store: Store, width: number): Promise<void> {
    const n = this.next;
    this.fates[n] = 'waiting';
    this.widths[n] = width;
    try {
      await store.append(this.frame(n, width));
      this.fates[n] = 'acknowledged';
    } catch {
      this.fates[n] = 'given up';
    }
  }

  /** A new process: names cross again. */
  restarted(): void {
    this.known = 0;
  }

  /** Acknowledged flushes that are not there exactly, in every `stride`th series; the first in words. */
  async lostIn(store: Store, stride = 1): Promise<{ lost: number; complaint?: string }> {
    const width = Math.max(...this.widths);
    const now = timeOf(this.next);
    const names = Array.from({ length: Math.ceil(width / stride) }, (_, i) => nameOf(i * stride));
    const known = names.filter((name) => store.lookup(name) !== undefined);
    const positions = new Map(known.map((name, position) => [name, position]));
    const ids = known.map((name) => store.lookup(name)!.id);
    const fine = await store.fetch(ids, now - FINE_ROWS * STEP, now, now);
    const coarse = await store.fetch(ids, now - 2 * FINE_ROWS * STEP, now, now);
    const lost = new Set<number>();
    let complaint: string | undefined;
    names.forEach((name, index) => {
      const i = index * stride;
      const at = positions.get(name) ?? -1;
      for (let n = Math.max(0, this.next - FINE_ROWS + 1); n < this.next; n++) {
        const expected = this.valueOf(n, i);
        const actual = at < 0 ? NaN : valueAt(fine[at]!, timeOf(n));
        if (Object.is(actual, expected)) continue;
        lost.add(n);
        complaint ??= `${name}, flush ${n} (${this.fates[n]}): ${actual}, not ${expected}`;
      }
      if (at < 0) return;
      const { start, values } = coarse[at]!;
      values.forEach((sum, j) => {
        const expected = this.sumOf(start + j * COARSE_STEP, i);
        if (Object.is(sum, expected)) return;
        lost.add(Math.floor((start + j * COARSE_STEP - EPOCH) / STEP));
        complaint ??= `${name}, minute ${start + j * COARSE_STEP}: ${sum}, not ${expected}`;
      });
    });
    return { lost: lost.size, ...(complaint === undefined ? {} : { complaint }) };
  }

  private valueOf(n: number, i: number): number {
    if (this.fates[n] !== 'acknowledged' || i >= this.widths[n]!) return NaN;
    return n * 1000 + i;
  }

  private sumOf(from: number, i: number): number {
    let sum = NaN;
    for (let time = from; time < from + COARSE_STEP; time += STEP) {
      const value = this.valueOf((time - EPOCH) / STEP, i);
      if (!Number.isNaN(value)) sum = (Number.isNaN(sum) ? 0 : sum) + value;
    }
    return sum;
  }

  private frame(n: number, width: number): FlushBatch {
    const fresh: Record<string, number> = {};
    for (let i = this.known; i < width; i++) fresh[nameOf(i)] = 0;
    const options = { firstId: this.known, intervalMs: STEP * 1000, sequence: n };
    this.known = Math.max(this.known, width);
    return {
      ...frameOf(timeOf(n), fresh, options),
      refs: Uint32Array.from({ length: width }, (_, i) => i),
      values: Float64Array.from({ length: width }, (_, i) => n * 1000 + i),
    };
  }
}

function valueAt({ start, step, values }: Fetched, time: number): number {
  return values[(time - start) / step] ?? NaN;
}

function nameOf(i: number): string {
  return `ledger.s${i}`;
}
