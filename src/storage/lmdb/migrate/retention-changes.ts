/**
 * Changes of retention as the main thread drives them: pages, copies part by part, and cleaning up
 * behind them. The work itself is the writer's (retainer.ts, copier.ts, sweeper.ts).
 */
import { slices } from '../../../lib/slices.ts';
import { lookupName } from '../../../wire/series-name.ts';
import type { SeriesInfo } from '../../roles.ts';
import type { Environment } from '../db/environment.ts';
import type { JobResult, Request } from '../write/messages.ts';
import { readProgress } from '../db/meta.ts';
import type { Reader } from '../read/reader.ts';

/** Series changed in one transaction. */
const CHANGES_PAGE = 1000;
/** Series whose history is copied together: they share blocks. */
const COPY_PAGE = 128;
/** Previous retentions that a series keeps; before there are more, its history is copied. */
const PREVIOUS_KEPT = 4;
const SWEEP_EVERY_MS = 60_000;

export class RetentionChanges {
  /** Series changed since the start. */
  retained = 0;
  private readonly environment: Environment;
  private readonly reader: Reader;
  private readonly ask: (request: Request) => Promise<JobResult>;
  private readonly isOk: () => boolean;
  private sweeping = false;
  /** Columns of series were left, and wait to be given to others. */
  private columnsLeft = false;
  private sweptMs = -SWEEP_EVERY_MS;

  constructor(
    environment: Environment,
    reader: Reader,
    store: { ask: (request: Request) => Promise<JobResult>; isOk: () => boolean },
  ) {
    this.environment = environment;
    this.reader = reader;
    this.ask = store.ask;
    this.isOk = store.isOk;
  }

  /** As Store.retain. */
  async retain(changes: readonly SeriesInfo[], rewrite: boolean): Promise<number> {
    let count = 0;
    for (const some of slices(changes, CHANGES_PAGE)) {
      const page = some.map((change) => ({ ...change, name: lookupName(change.name) }));
      const names = page.map(({ name }) => name);
      // One more previous retention would be too many for these.
      await this.copyHistory(
        names.filter((name) => this.reader.previousCount(name) >= PREVIOUS_KEPT),
      );
      const request = { kind: 'retain', job: 0, changes: page, clean: rewrite } as const;
      count += (await this.ask(request)) as number;
      if (rewrite) await this.copyHistory(names);
    }
    this.retained += count;
    return count;
  }

  /** Leaves a series one retention, so that points can be put by their archive. */
  async keepOneRetention(name: string): Promise<void> {
    if (this.reader.previousCount(name) > 0) await this.copyHistory([name]);
  }

  /**
   * Forgets what has aged out of series whose retention was changed, and removes records that no
   * series needs any more.
   */
  async sweep(): Promise<void> {
    if (this.sweeping || !this.isOk()) return;
    this.sweeping = true;
    try {
      const agedOut = [...this.reader.agedOut(readProgress(this.environment).newest)];
      for (const names of slices(agedOut, CHANGES_PAGE)) {
        await this.ask({ kind: 'sweep', job: 0, names });
        this.columnsLeft = true;
      }
      if (!this.columnsLeft && !this.reader.hasEmptyClass()) return;
      this.columnsLeft = false;
      while (((await this.ask({ kind: 'sweep', job: 0, names: [] })) as number) > 0) {
        if (!this.isOk()) return;
      }
    } finally {
      this.sweeping = false;
    }
  }

  /** A part a transaction, so that flushes go on in between. */
  private async copyHistory(names: readonly string[]): Promise<void> {
    for (const page of slices(names, COPY_PAGE)) {
      while (((await this.ask({ kind: 'copy', job: 0, names: page })) as number) > 0);
      this.columnsLeft = true;
    }
  }

  /** Once a minute; whoever waits for nothing need not know of its end. */
  sweepSoon(): void {
    const now = performance.now();
    if (now - this.sweptMs < SWEEP_EVERY_MS) return;
    this.sweptMs = now;
    this.sweep().catch(() => {}); // health tells why; the next one tries again
  }
}
