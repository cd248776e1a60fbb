/** Promises that nobody waits for at once: a failure is told, and an end can wait for all of them. */
import { UserError } from './errors.ts';
import { timesText } from './counted.ts';

/** The same failure of the same work is told again after so long, with how often it came. */
const AGAIN_MS = 60_000;
const TOLD_MAX = 100;

/** Of pino's logger. */
interface FaultLog {
  error(fields: { err?: unknown }, message: string): void;
}

export class PendingWork {
  /** How many failed. */
  failed = 0;
  private readonly told = new Map<string, { ms: number; untold: number }>();
  private readonly logger: FaultLog;
  private readonly pending = new Set<Promise<void>>();

  constructor(logger: FaultLog) {
    this.logger = logger;
  }

  /** `what` is said of a failure: `flush not stored`. */
  track(work: Promise<unknown>, what: string): void {
    const tracked = work
      .then(
        () => {},
        (error: unknown) => {
          this.failed += 1;
          this.tell(error, what);
        },
      )
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  /** Resolves when all that was tracked up to now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.pending);
  }

  /** A store that takes nothing fails each flush with the same words: those are said once a minute. */
  private tell(error: unknown, what: string): void {
    if (!(error instanceof UserError)) {
      this.logger.error({ err: error }, what);
      return;
    }
    const now = performance.now();
    const key = `${what}: ${error.message}`;
    const before = this.told.get(key);
    if (before !== undefined && now - before.ms < AGAIN_MS) {
      before.untold += 1;
      return;
    }
    const again =
      before === undefined || before.untold === 0 ? '' : ` (${timesText(before.untold)} more)`;
    if (this.told.size >= TOLD_MAX) this.told.clear();
    this.told.set(key, { ms: now, untold: 0 });
    this.logger.error({}, `${key}${again}`);
  }
}
