/**
 * Counts the series that are kept otherwise than the rules say: after a start, when the rules
 * change, and every hour, in slices of a few milliseconds. Nothing is changed: that is for
 * `retention plan` and `apply`. `daemon.ts` runs it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { changeOf } from '../storage/retention/plan.ts';
import type { RetentionRules } from '../storage/retention/rules.ts';
import type { SeriesReader } from '../storage/roles.ts';

/** Some two milliseconds of matching patterns. */
const SLICE = 100;

/** What is needed of the store. */
type CountedStore = Pick<SeriesReader, 'seriesFrom' | 'info'>;

export class SchemaMismatch {
  /** Of the last complete count; undefined before there is one. */
  count: number | undefined;
  private readonly store: CountedStore;
  private rules: RetentionRules;
  /** Grows with each count, and ends the one before. */
  private round = 0;

  constructor(store: CountedStore, rules: RetentionRules) {
    this.store = store;
    this.rules = rules;
  }

  /** Other rules; the count under way ends without a result. */
  setRules(rules: RetentionRules): void {
    this.rules = rules;
    this.round += 1;
  }

  /** Counts once; resolves when that is done, or was given up for a newer count or a stop. */
  async run(): Promise<void> {
    this.round += 1;
    const { round, rules } = this;
    let count = 0;
    let id: number | undefined = 0;
    while (id !== undefined) {
      const { series, next } = this.store.seriesFrom(id, SLICE);
      for (const one of series) {
        const info = this.store.info(one.id);
        if (info !== undefined && changeOf(rules, info) !== undefined) count += 1;
      }
      await turn();
      if (round !== this.round) return;
      id = next;
    }
    this.count = count;
  }

  stop(): void {
    this.round += 1;
  }

  /** What to do about it; undefined when there is nothing. */
  get hint(): string | undefined {
    if (this.count === undefined || this.count === 0) return undefined;
    return (
      `${this.count} series are kept otherwise than the rules say: ` +
      '"tallyd retention plan" shows how, "tallyd retention apply" changes it'
    );
  }
}
