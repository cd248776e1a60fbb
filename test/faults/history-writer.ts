/** Gives a store the operations of the history (history.ts), as tallyd's daemon would. */
import type { Store } from '../../src/storage/roles.ts';
import type { FlushBatch } from '../../src/wire/sample-batch.ts';
import { MERGE_LAST } from '../../src/wire/merge.ts';
import { dictionaryOf } from '../../src/wire/dictionary.ts';
import { packTexts } from '../../src/wire/packed-strings.ts';
import { points } from '../support/points.ts';
import { frameOf } from '../support/frame.ts';
import {
  DELETE,
  FRAME,
  type HistorySeries,
  LATE,
  STEP,
  deletedNames,
  hasDelete,
  hasLate,
  historySeries,
  latePoints,
  operationOf,
  timeOf,
} from './history.ts';

export class HistoryWriter {
  private readonly store: Store;
  private readonly steadyCount: number;
  private readonly series: HistorySeries[];
  /** By ref: its name has crossed in a batch of this process. */
  private readonly known: boolean[] = [];

  constructor(store: Store, steadyCount: number) {
    this.store = store;
    this.steadyCount = steadyCount;
    this.series = historySeries(steadyCount);
  }

  /** Hands all of step n over at once; reports each operation when it is durable. */
  async step(n: number, onDurable: (operation: number) => void): Promise<void> {
    const report = async (done: Promise<unknown>, kind: number): Promise<void> => {
      if ((await done) !== false) onDurable(operationOf(n, kind));
    };
    await Promise.all([
      report(this.store.append(this.frame(n)), FRAME),
      report(this.extra(n, LATE), LATE),
      report(this.extra(n, DELETE), DELETE),
    ]);
  }

  /** The late points or the deletion of step n; false when the step has none. */
  async extra(n: number, kind: number): Promise<boolean> {
    if (kind === LATE && hasLate(n)) {
      const late = latePoints(n, this.steadyCount);
      const batch = points(
        late.map(([i]) => this.series[i]!.name),
        late.map(([, of]) => timeOf(of)),
        late.map(([, , value]) => value),
      );
      const report = await this.store.append(batch, timeOf(n));
      if (report.stored !== late.length) throw new Error(`points: ${JSON.stringify(report)}`);
      return true;
    }
    if (kind === DELETE && hasDelete(n)) {
      await this.store.delete(deletedNames(n));
      return true;
    }
    return false;
  }

  private frame(n: number): FlushBatch {
    const { series, known } = this;
    const sent = series.map((one) => one.sent(n));
    const ids = [...series.keys()].filter((id) => !Number.isNaN(sent[id]!));
    // A series that was there before the process started may be late: its name crosses with it.
    const born = ids.filter((id) => known[id] !== true);
    const dead = hasDelete(n) ? series.flatMap(({ name }, id) => (isDead(name, n) ? id : [])) : [];
    for (const id of born) known[id] = true;
    for (const id of dead) known[id] = false;
    const names = packTexts(born.map((id) => series[id]!.name));
    return {
      ...frameOf(timeOf(n), {}, { intervalMs: STEP * 1000, sequence: n }),
      refs: Uint32Array.from(ids),
      values: Float64Array.from(ids, (id) => sent[id]!),
      series: {
        ...dictionaryOf(Uint32Array.from(born), names, MERGE_LAST),
        retired: Uint32Array.from(dead),
      },
    };
  }
}

function isDead(name: string, n: number): boolean {
  return name.startsWith('temp.') && deletedNames(n).includes(name);
}
