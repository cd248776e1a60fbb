/**
 * Counts the series whose retention is not that of the rules: after a start, when the rules
 * change, and every hour, in slices of a few milliseconds. Nothing is changed: that is for
 * `retention plan` and `apply`.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { changeOf } from '../storage/retention/plan.ts';
import type { RetentionRules } from '../storage/retention/rules.ts';
import type { SeriesAdmin, SeriesReader } from '../storage/roles.ts';
import type { Job } from './job-runner.ts';
import { counted } from '../lib/counted.ts';

/** How often it is seen whether a count is due, and how long one holds. */
const EVERY_MS = 60_000;
const HOLDS_SECONDS = 3600;
/** Some two milliseconds of matching patterns. */
const SLICE = 100;

/** What is needed of the store. */
type CountedStore = Pick<SeriesReader, 'seriesFrom' | 'info'> & Pick<SeriesAdmin, 'retained'>;

export class SchemaMismatch implements Job {
  readonly name = 'schema mismatch';
  readonly everyMs = EVERY_MS;
  readonly firstMs = 0;
  readonly failure = 'series were not compared with the rules';
  /** Of the last complete count; undefined before there is one. */
  count: number | undefined;
  private readonly store: CountedStore;
  private rules: RetentionRules;
  /** When the last count began, and how many retentions had been changed then; undefined: one is due. */
  private begun: { seconds: number; retained: number } | undefined;

  constructor(store: CountedStore, rules: RetentionRules) {
    this.store = store;
    this.rules = rules;
  }

  /** Other rules: a count is due. */
  setRules(rules: RetentionRules): void {
    this.rules = rules;
    this.begun = undefined;
  }

  /** Counts once if that is due; a run that is given up leaves the last count as it is. */
  async run(now: number, signal: AbortSignal): Promise<void> {
    if (!this.isDue(now)) return;
    this.begun = { seconds: now, retained: this.store.retained };
    const { rules } = this;
    let count = 0;
    let id: number | undefined = 0;
    while (id !== undefined) {
      const { series, next } = this.store.seriesFrom(id, SLICE);
      for (const one of series) {
        const info = this.store.info(one.id);
        if (info !== undefined && changeOf(rules, info) !== undefined) count += 1;
      }
      await turn();
      if (signal.aborted) return;
      id = next;
    }
    this.count = count;
  }

  private isDue(now: number): boolean {
    if (this.begun === undefined || this.begun.retained !== this.store.retained) return true;
    // A clock that was set counts as time that passed.
    return Math.abs(now - this.begun.seconds) >= HOLDS_SECONDS;
  }

  /** What to do about it; undefined when there is nothing. */
  get hint(): string | undefined {
    if (this.count === undefined || this.count === 0) return undefined;
    return (
      `${counted(this.count, 'series is', 'series are')} kept otherwise than the rules say: ` +
      '"tallyd retention plan" shows how, "tallyd retention apply" changes it'
    );
  }
}
