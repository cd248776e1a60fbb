/** How many names are new: declared for the first time since the start, or again after they had gone. */
import { MERGE_LAST, MERGE_POINT, MERGE_SUM } from '../wire/merge.ts';
import type { SeriesDictionary } from '../wire/sample-batch.ts';
import { STAT_COUNT, STAT_DISTINCT, STAT_NONE } from '../wire/statistics.ts';
import { counter, type OwnMetric } from './own-metric.ts';

const WINDOW_MS = 60_000;

export class NewNames {
  private total = 0;
  private readonly monotonicMs: () => number;
  private readonly lately: { ms: number; count: number }[] = [];

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** Of a batch; the series of one timer are one name. */
  take({ merges, stats }: SeriesDictionary): void {
    let count = 0;
    for (let i = 0; i < merges.length; i++) if (isFirst(merges[i]!, stats[i]!)) count += 1;
    if (count === 0) return;
    this.total += count;
    this.lately.push({ ms: this.monotonicMs(), count });
    this.lastMinute();
  }

  lastMinute(): number {
    const from = this.monotonicMs() - WINDOW_MS;
    const { lately } = this;
    while (lately.length > 0 && lately[0]!.ms <= from) lately.shift();
    return lately.reduce((sum, { count }) => sum + count, 0);
  }

  metrics(): OwnMetric[] {
    const help = 'Names that came for the first time, or again after they had gone.';
    return [counter('names.new', help, this.total)];
  }
}

/** Whether this one of the series of a metric stands for all of them. */
function isFirst(merge: number, stat: number): boolean {
  if (stat === STAT_NONE)
    return merge === MERGE_SUM || merge === MERGE_LAST || merge === MERGE_POINT;
  return stat === STAT_COUNT || stat === STAT_DISTINCT;
}
