/**
 * Names that are kept otherwise than they were sent, so that two of them may have become one: by what
 * was changed, with the last example. A spelling is noted when it is new, not with every line.
 */
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import type { Cursor } from '../protocol/cursor.ts';
import type { RejectedSeries } from './rejected-series.ts';
import type { SourceLimit } from './source-limit.ts';

/** In the order of the bits of `NameWriter.changes`. */
const CHANGES = ['dropped', 'replaced', 'repeatedTag', 'tagOfName'];

export class ChangedNames {
  private readonly changed = new Rejections('names.changed', CHANGES);
  private readonly clock: RejectedSeries;
  private readonly sources: SourceLimit;

  constructor(clock: RejectedSeries, sources: SourceLimit) {
    this.clock = clock;
    this.sources = sources;
  }

  note(changes: number, { bytes, lineFrom, lineTo }: Cursor): void {
    const { nowSeconds } = this.clock;
    const { sender } = this.sources;
    for (let i = 0; i < CHANGES.length; i++) {
      if ((changes & (1 << i)) === 0) continue;
      this.changed.note(i, bytes, lineFrom, lineTo, nowSeconds, sender);
    }
  }

  list(): Rejection[] {
    return this.changed.list();
  }
}
