/**
 * What a program is made of, started in order and stopped in reverse. When one service cannot start,
 * those that did are stopped, and the caller gets the error. One that does not stop holds up none of
 * the others; the end says which ones that were.
 */
export interface Service<T = void> {
  /** For the report of a stop that failed: `store`. */
  name: string;
  start?(): T | Promise<T>;
  /** Called once, and only after a start that succeeded. */
  stop?(started: T): void | Promise<void>;
}

export class Services {
  private readonly running: { name: string; stop(): void | Promise<void> }[] = [];
  private stopping: Promise<void> | undefined;
  /** The one whose stop is under way. */
  waitsFor: string | undefined;

  /** Starts the next one; resolves to what its `start` returned. */
  async start<T>(service: Service<T>): Promise<T> {
    try {
      const started = (await service.start?.()) as T; // without `start` T is void
      this.running.push({ name: service.name, stop: () => service.stop?.(started) });
      return started;
    } catch (error) {
      // What started is stopped; why it was is the error to tell.
      await this.stop().catch(() => {});
      throw error;
    }
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Stops all, the last one first; a second call waits for the first. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInReverse();
    return this.stopping;
  }

  private async stopInReverse(): Promise<void> {
    const failures: { name: string; error: unknown }[] = [];
    for (const { name, stop } of this.running.toReversed()) {
      this.waitsFor = name;
      try {
        await stop();
      } catch (error) {
        failures.push({ name, error });
      }
    }
    this.waitsFor = undefined;
    if (failures.length === 0) return;
    throw new AggregateError(
      failures.map(({ error }) => error),
      failures.map(({ name, error }) => `${name} did not stop: ${String(error)}`).join('; '),
    );
  }
}
