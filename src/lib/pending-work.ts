/** Promises that nobody waits for at once: a failure is told, and an end can wait for all of them. */
export class PendingWork {
  /** How many failed. */
  failed = 0;
  private readonly onError: (error: unknown, what: string) => void;
  private readonly pending = new Set<Promise<void>>();

  constructor(onError: (error: unknown, what: string) => void) {
    this.onError = onError;
  }

  /** `what` is said of a failure: `flush not stored`. */
  track(work: Promise<unknown>, what: string): void {
    const tracked = work
      .then(
        () => {},
        (error: unknown) => {
          this.failed += 1;
          this.onError(error, what);
        },
      )
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  /** Resolves when all that was tracked up to now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.pending);
  }
}
