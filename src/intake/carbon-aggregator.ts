/**
 * Carbon's aggregator: values of points by output name and interval, computed when the interval's
 * seconds have passed, and again with all of its values when late ones come. An interval is kept for
 * five more after the last value that came for it, however old it is: values that are late together
 * add up. Source: carbon's `aggregator/buffers.py` (MAX_AGGREGATION_INTERVALS = 5, IntervalBuffer's
 * last activity). Time is an argument.
 */
import type { AggregationRule } from './carbon-rules.ts';

const INTERVALS_KEPT = 5;
/** Output series under way at once. */
const BUFFERS_MAX = 100_000;
/** Values of one interval: what comes after is counted, not taken. */
const VALUES_MAX = 100_000;

interface Interval {
  values: number[];
  /** Has values that were not computed yet. */
  active: boolean;
  /** Epoch seconds at which a value last came. */
  lastActive: number;
}

interface Buffer {
  rule: AggregationRule;
  /** Its output is stored under. */
  finalName: string;
  /** Epoch seconds at which it is computed next. */
  due: number;
  intervals: Map<number, Interval>;
}

/** Where values of a name go. */
export interface Outputs {
  any: boolean;
  /** By rule; undefined where a rule does not want the name. */
  names: (string | undefined)[];
  /** The name is itself one of its outputs. */
  isOutput: boolean;
}

interface AggregatedPoint {
  name: string;
  time: number;
  value: number;
}

interface OutputEvents {
  /** Undefined for what is no name. */
  finalNameOf(output: string): string | undefined;
  /** A value of this output is over a limit, or goes to what is no name. */
  reject(output: string, isName: boolean, now: number): void;
}

export class CarbonAggregator {
  private readonly rules: readonly AggregationRule[];
  private readonly buffers = new Map<string, Buffer>();
  private readonly outputs: OutputEvents;

  constructor(rules: readonly AggregationRule[], outputs: OutputEvents) {
    this.rules = rules;
    this.outputs = outputs;
  }

  outputsOf(name: string): Outputs {
    const names = this.rules.map((rule) => outputOf(rule, name));
    const any = names.some((output) => output !== undefined);
    return { any, names, isOutput: names.includes(name) };
  }

  /** Takes a point in, into every output of its name. */
  take(outputs: Outputs, time: number, value: number, now: number): void {
    outputs.names.forEach((output, i) => {
      if (output !== undefined) this.add(output, this.rules[i]!, time, value, now); // one a rule
    });
  }

  /** What is due; all that has values for `now` Infinity. */
  *compute(now: number): Generator<AggregatedPoint> {
    for (const [output, buffer] of this.buffers) {
      if (now < buffer.due) continue;
      const { seconds, aggregate } = buffer.rule;
      buffer.due = now + seconds;
      const oldest = (Math.floor(now / seconds) - INTERVALS_KEPT) * seconds;
      for (const [time, interval] of buffer.intervals) {
        if (interval.active) {
          yield { name: buffer.finalName, time, value: aggregate(interval.values) };
        }
        interval.active = false;
        if (interval.lastActive < oldest) buffer.intervals.delete(time);
      }
      if (buffer.intervals.size === 0) this.buffers.delete(output);
    }
  }

  private add(
    output: string,
    rule: AggregationRule,
    time: number,
    value: number,
    now: number,
  ): void {
    let buffer = this.buffers.get(output);
    if (buffer === undefined) {
      if (this.buffers.size >= BUFFERS_MAX) {
        this.outputs.reject(output, true, now);
        return;
      }
      const finalName = this.outputs.finalNameOf(output);
      if (finalName === undefined) {
        this.outputs.reject(output, false, now);
        return;
      }
      // The first rule that makes an output governs it, as in carbon.
      buffer = { rule, finalName, due: now + rule.seconds, intervals: new Map() };
      this.buffers.set(output, buffer);
    }
    const start = time - (time % buffer.rule.seconds);
    const interval = buffer.intervals.get(start) ?? { values: [], active: true, lastActive: now };
    buffer.intervals.set(start, interval);
    if (interval.values.length >= VALUES_MAX) {
      this.outputs.reject(output, true, now);
      return;
    }
    interval.values.push(value);
    interval.active = true;
    interval.lastActive = now;
  }
}

function outputOf({ input, outputTexts, outputFields }: AggregationRule, name: string) {
  const fields = input.namedGroups(name, outputFields);
  if (fields === undefined) return undefined;
  return outputTexts.reduce((text, next, i) => text + fields[i - 1]! + next); // one more text
}
