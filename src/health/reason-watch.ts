/**
 * What is wrong, over time: when a loss was last counted, and what the log says, a line when
 * something begins to be wrong and one when it is over, of what no other part tells the log.
 */
import type { Log } from '../lib/log.ts';
import { type Alert, type Lately, type Reason, RECENT_MS } from './reasons.ts';

/** Told by whoever notices first: the store, the backends, ingest. */
const TOLD_ELSEWHERE: ReadonlySet<Alert> = new Set<Alert>([
  'TallydStoreFailing',
  'TallydFlushesLost',
  'TallydGraphiteAway',
  'TallydRepeaterAway',
  'TallydNamesRefused',
  'TallydSlowRenders',
]);

type Loss = Parameters<Lately['isRecent']>[0];

export class ReasonWatch {
  private readonly log: Log;
  private readonly monotonicMs: () => number;
  private readonly losses = new Map<Loss, { count: number; ms: number }>();
  private told = new Map<Alert, string>();

  constructor(log: Log, monotonicMs: () => number) {
    this.log = log;
    this.monotonicMs = monotonicMs;
  }

  /** How many there were until now. */
  count(loss: Loss, count: number): void {
    if (count > (this.losses.get(loss)?.count ?? 0)) {
      this.losses.set(loss, { count, ms: this.monotonicMs() });
    }
  }

  isRecent(loss: Loss): boolean {
    const last = this.losses.get(loss);
    return last !== undefined && this.monotonicMs() - last.ms <= RECENT_MS;
  }

  tell(reasons: readonly Reason[]): void {
    const now = new Map<Alert, string>();
    for (const { alert, reason, todo } of reasons) {
      if (TOLD_ELSEWHERE.has(alert)) continue;
      now.set(alert, reason);
      if (!this.told.has(alert)) this.log('warn', `${reason}: ${todo}`, { alert });
    }
    for (const [alert, reason] of this.told) {
      if (!now.has(alert)) this.log('info', `over: ${reason}`, { alert });
    }
    this.told = now;
  }
}
