/**
 * What becomes of a batch of ready-made points before it is stored, in carbon's order: blacklist and
 * whitelist, [pre] rewriting, aggregation, [post] rewriting. The rules are asked once about a name,
 * the answer is remembered by its ref. What passes has refs of its own.
 */
import { type Rejection, Rejections } from '../rejections/rejections.ts';
import { NamedBatch } from '../wire/named-batch.ts';
import { PRODUCER_RULES, type SampleBatch } from '../wire/sample-batch.ts';
import type { SeriesNames } from '../wire/series-names.ts';
import { CarbonAggregator, type Outputs } from './carbon-aggregator.ts';
import type { CarbonRules, RewriteRule } from './carbon-rules.ts';

/** What the rules say of a name. */
interface Answer {
  /** After [pre] rewriting. */
  name: string;
  /** The sums, averages … that it goes into. */
  outputs: Outputs;
  /** The ref that it is stored under, once it is. */
  ref: number | undefined;
}

/** The lists refuse the name. */
const REFUSED = null;

export class CarbonPipeline {
  /** The first reason has the names that the lists refuse. */
  private readonly refusedByRules = new Rejections('rules.refused', ['lists']);
  private readonly rules: CarbonRules;
  private readonly aggregator: CarbonAggregator;
  /** There are no rules: all points pass as they are. */
  readonly isIdle: boolean;
  private readonly passed = new NamedBatch(PRODUCER_RULES);
  /** By the ref that a name came with. */
  private answers: (Answer | typeof REFUSED | undefined)[] = [];
  /** Of the refs in the answers. */
  private generation = 0;

  constructor(rules: CarbonRules) {
    this.rules = rules;
    this.aggregator = new CarbonAggregator(rules.aggregations, (name) =>
      rewritten(rules.rewritePost, name),
    );
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

  /**
   * The points to store of a batch whose names were learned; aggregated ones come with `due`. `now`
   * in epoch seconds.
   */
  apply(batch: SampleBatch, names: SeriesNames, now: number): SampleBatch {
    if (this.isIdle) return batch;
    const { passed } = this;
    if (batch.series.isReset || passed.generation !== this.generation) this.answers = [];
    this.generation = passed.generation;
    const { refs, times, values } = batch;
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]!;
      let answer = this.answers[ref];
      if (answer === undefined) answer = this.answers[ref] = this.answerOf(names.name(ref));
      if (answer === REFUSED) {
        this.refusedByRules.noteText(0, names.name(ref), now);
        continue;
      }
      const time = typeof times === 'number' ? times : times[i]!;
      const value = values[i]!;
      const { outputs } = answer;
      if (outputs.any && Number.isFinite(value + time)) {
        this.aggregator.take(outputs, Math.trunc(time), value, now);
        // An output of the rules is computed, not taken over.
        if (outputs.isOutput) continue;
      }
      answer.ref ??= passed.refOf(rewritten(this.rules.rewritePost, answer.name));
      passed.put(answer.ref, time, value);
    }
    return passed.finish();
  }

  /** All aggregated points, of intervals that are not over too: for an end. */
  rest(): SampleBatch | undefined {
    return this.due(Infinity);
  }

  /** Aggregated points that are due; undefined when there are none. */
  due(now: number): SampleBatch | undefined {
    const { passed } = this;
    for (const { name, time, value } of this.aggregator.compute(now)) {
      passed.put(passed.refOf(name), time, value);
    }
    return passed.length === 0 ? undefined : passed.finish();
  }

  private answerOf(given: string): Answer | typeof REFUSED {
    const { whitelist, blacklist, rewritePre } = this.rules;
    if (blacklist.some((pattern) => pattern.search(given))) return REFUSED;
    // An empty whitelist refuses nothing, as in carbon.
    const wanted = whitelist ?? [];
    if (wanted.length > 0 && !wanted.some((pattern) => pattern.search(given))) return REFUSED;
    const name = rewritten(rewritePre, given);
    return { name, outputs: this.aggregator.outputsOf(name), ref: undefined };
  }
}

function rewritten(rules: readonly RewriteRule[], name: string): string {
  return rules.reduce((text, { pattern, replacement }) => {
    return pattern.replaceAll(text, replacement);
  }, name);
}
