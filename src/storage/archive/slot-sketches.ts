/**
 * Sketches of the slot that is still open, by timer, where a slot is longer than the flush
 * interval.
 */
import type { FlushFrame } from '../../wire.ts';

export class SlotSketches {
  addFrame(_row: number, _frame: FlushFrame): void {}

  value(_row: number, _timer: number, _stat: number, _argument: number): number | undefined {
    return undefined;
  }
}
