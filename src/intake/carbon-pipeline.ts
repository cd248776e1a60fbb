/**
 * What becomes of a batch of ready-made points before it is stored, in carbon's order: blacklist and
 * whitelist, [pre] rewriting, aggregation, [post] rewriting. Names that pass unchanged cost one look
 * into a cache.
 */
import { LRUCache } from 'lru-cache';
import { type Rejection, Rejections } from '../rejections/rejections.ts';
import type { PointBatch } from '../wire/sample-batch.ts';
import { CarbonAggregator } from './carbon-aggregator.ts';
import type { CarbonRules, RewriteRule } from './carbon-rules.ts';

const NAMES_REMEMBERED = 200_000;
/** A name that is refused by the lists. */
const REFUSED = '';

export class CarbonPipeline {
  /** The first reason has the names that the lists refuse. */
  private readonly refusedByRules = new Rejections('rules.refused', ['lists']);
  private readonly rules: CarbonRules;
  private readonly aggregator: CarbonAggregator;
  /** There are no rules: all points pass as they are. */
  readonly isIdle: boolean;
  private readonly firstNames = new LRUCache<string, string>({ max: NAMES_REMEMBERED });
  private readonly lastNames = new LRUCache<string, string>({ max: NAMES_REMEMBERED });

  constructor(rules: CarbonRules) {
    this.rules = rules;
    this.aggregator = new CarbonAggregator(rules.aggregations);
    const { whitelist, blacklist, rewritePre, rewritePost, aggregations } = rules;
    this.isIdle =
      whitelist === undefined &&
      [blacklist, rewritePre, rewritePost, aggregations].every(({ length }) => length === 0);
  }

  /** Points whose names the lists refuse. */
  get refused(): number {
    return this.refusedByRules.total;
  }

  refusals(): Rejection[] {
    const aggregated = { what: 'rules.refused', reason: 'aggregation', count: this.overLimit };
    return [...this.refusedByRules.list(), aggregated];
  }

  /** Values that aggregation refused at a limit. */
  get overLimit(): number {
    return this.aggregator.refused;
  }

  /** The points to store of a batch; aggregated ones come with `due`. `now` in epoch seconds. */
  apply(batch: PointBatch, now: number): PointBatch {
    if (this.isIdle) return batch;
    const names: string[] = [];
    const times: number[] = [];
    const values: number[] = [];
    batch.names.forEach((given, i) => {
      const name = this.firstName(given);
      if (name === REFUSED) {
        this.refusedByRules.noteText(0, given, now);
        return;
      }
      const time = Math.trunc(batch.times[i]!); // as long as names
      const value = batch.values[i]!;
      const takes = this.rules.aggregations.length > 0 && Number.isFinite(value + time);
      // An output of the rules is computed, not taken over.
      if (takes && this.aggregator.take(name, time, value, now)) return;
      names.push(this.lastName(name));
      times.push(batch.times[i]!);
      values.push(value);
    });
    return pointBatch(names, times, values);
  }

  /** All aggregated points, of intervals that are not over too: for an end. */
  rest(): PointBatch | undefined {
    return this.due(Infinity);
  }

  /** Aggregated points that are due; undefined when there are none. */
  due(now: number): PointBatch | undefined {
    const names: string[] = [];
    const times: number[] = [];
    const values: number[] = [];
    for (const { name, time, value } of this.aggregator.compute(now)) {
      names.push(this.lastName(name));
      times.push(time);
      values.push(value);
    }
    return names.length === 0 ? undefined : pointBatch(names, times, values);
  }

  private firstName(given: string): string {
    const { whitelist, blacklist, rewritePre } = this.rules;
    return remembered(this.firstNames, given, () => {
      if (blacklist.some((pattern) => pattern.search(given))) return REFUSED;
      // An empty whitelist refuses nothing, as in carbon.
      const wanted = whitelist ?? [];
      if (wanted.length > 0 && !wanted.some((pattern) => pattern.search(given))) return REFUSED;
      return rewritten(rewritePre, given);
    });
  }

  private lastName(name: string): string {
    const { rewritePost } = this.rules;
    if (rewritePost.length === 0) return name;
    return remembered(this.lastNames, name, () => rewritten(rewritePost, name));
  }
}

function rewritten(rules: readonly RewriteRule[], name: string): string {
  return rules.reduce((text, { pattern, replacement }) => {
    return pattern.replaceAll(text, replacement);
  }, name);
}

function remembered(cache: LRUCache<string, string>, key: string, make: () => string): string {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

function pointBatch(names: string[], times: number[], values: number[]): PointBatch {
  return {
    kind: 'points',
    names,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
  };
}
