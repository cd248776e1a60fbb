/**
 * What becomes of a batch of ready-made points before it is stored, in carbon's order: blacklist and
 * whitelist, [pre] rewriting, aggregation, [post] rewriting. The rules are asked once about a name,
 * the answer is remembered by its ref. What passes has refs of its own. As in carbon rules see names
 * as they were sent; what comes out of them is brought to a name's one form.
 */
import { Rejections } from '../rejections/rejections.ts';
import { NamedBatch } from '../wire/named-batch.ts';
import { PRODUCER_RULES, type SampleBatch, type SenderRuns } from '../wire/sample-batch.ts';
import { canonicalName } from '../wire/series-name.ts';
import type { SeriesNames } from '../wire/series-names.ts';
import { CarbonAggregator, type Outputs } from './carbon-aggregator.ts';
import type { CarbonRules, RewriteRule } from './carbon-rules.ts';

/** What the rules say of a name. */
interface Answer {
  /** After [pre] rewriting. */
  name: string;
  /** The sums, averages … that it goes into. */
  outputs: Outputs;
  /** The ref that it is stored under, once it is; NO_NAME: rewriting made no name of it. */
  ref: number | undefined;
}

const NO_NAME = -1;

/** The lists reject the name. */
const REJECTED = null;

/** Reasons of `ruleRejections`. */
export const BY_LISTS = 0;
export const BY_AGGREGATION = 1;
const BY_NAME = 2;

/**
 * Points that carbon's lists reject, values that its aggregation has no place for, and points of
 * what rules made and is no name.
 */
export function ruleRejections(): Rejections {
  return new Rejections('rules.refused', ['lists', 'aggregation', 'names']);
}

export class CarbonPipeline {
  private readonly rejected: Rejections;
  private readonly rules: CarbonRules;
  private readonly aggregator: CarbonAggregator;
  /** There are no rules: all points pass as they are. */
  readonly isIdle: boolean;
  private readonly passed = new NamedBatch(PRODUCER_RULES);
  /** By the ref that a name came with. */
  private answers: (Answer | typeof REJECTED | undefined)[] = [];
  /** Of the refs in the answers. */
  private generation = 0;

  /** `rejected`: of `ruleRejections`, which goes on when the rules change. */
  constructor(rules: CarbonRules, rejected: Rejections) {
    this.rules = rules;
    this.rejected = rejected;
    this.aggregator = new CarbonAggregator(rules.aggregations, {
      finalNameOf: (output) => canonicalName(rewritten(rules.rewritePost, output)),
      reject: (output, isName, now) => {
        rejected.noteText(isName ? BY_AGGREGATION : BY_NAME, output, now);
      },
    });
    const { whitelist, blacklist, rewritePre, rewritePost, aggregations } = rules;
    this.isIdle =
      whitelist === undefined &&
      [blacklist, rewritePre, rewritePost, aggregations].every(({ length }) => length === 0);
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
    const senders: SenderRuns = { starts: [], senders: [] };
    let [run, noted] = [-1, -1];
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]!;
      let answer = this.answers[ref];
      if (answer === undefined) answer = this.answers[ref] = this.answerOf(names.name(ref));
      if (answer === REJECTED) {
        this.rejected.noteText(BY_LISTS, names.name(ref), now);
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
      answer.ref ??= this.refOf(rewritten(this.rules.rewritePost, answer.name));
      if (answer.ref === NO_NAME) {
        this.rejected.noteText(BY_NAME, names.name(ref), now);
        continue;
      }
      // A run past the last one starts nowhere.
      while (batch.senders !== undefined && batch.senders.starts[run + 1]! <= i) run += 1;
      if (run !== noted) {
        senders.starts.push(passed.length);
        senders.senders.push(batch.senders?.senders[run]);
        noted = run;
      }
      passed.put(answer.ref, time, value);
    }
    return { ...passed.finish(), senders };
  }

  /** The name of a ref of its batches, undefined when it is gone. */
  nameOf(ref: number): string | undefined {
    return this.passed.nameOf(ref);
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

  private refOf(text: string): number {
    const name = canonicalName(text);
    return name === undefined ? NO_NAME : this.passed.refOf(name);
  }

  private answerOf(given: string): Answer | typeof REJECTED {
    const { whitelist, blacklist, rewritePre } = this.rules;
    if (blacklist.some((pattern) => pattern.search(given))) return REJECTED;
    // An empty whitelist rejects nothing, as in carbon.
    const wanted = whitelist ?? [];
    if (wanted.length > 0 && !wanted.some((pattern) => pattern.search(given))) return REJECTED;
    const name = rewritten(rewritePre, given);
    return { name, outputs: this.aggregator.outputsOf(name), ref: undefined };
  }
}

function rewritten(rules: readonly RewriteRule[], name: string): string {
  return rules.reduce((text, { pattern, replacement }) => {
    return pattern.replaceAll(text, replacement);
  }, name);
}
