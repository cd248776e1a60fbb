/**
 * The sketch's `add` beside @datadog/sketches-js, of the same relative error, on the same values, in
 * a process of its own: what either takes depends on what was compiled before it. Prints one line of
 * JSON, `AddFigures`. Started by percentiles.ts, several times.
 */
import { DDSketch } from '@datadog/sketches-js';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { percentileOf } from '../../src/sketch/quantile.ts';
import { hostDay } from './traffic.ts';

export interface AddFigures {
  /** ns a value in the best slice. */
  ours: number;
  theirs: number;
  /** Greatest relative errors of percentiles from 50 to 99.99. */
  ourError: number;
  theirError: number;
}

/** Of each kind of traffic ten. */
const HOSTS = 30;
/** Values between two looks at the clock, and passes over all values. */
const SLICE = 10_000;
const PASSES = 30;
const PERCENTS = [50, 75, 90, 95, 99, 99.9, 99.99];

const hosts = Array.from({ length: HOSTS }, (_, host) => hostDay(host).values.subarray(0, SLICE));
const values = Float64Array.from(hosts.flatMap((one) => [...one]));
const sketch = new Sketch();
const peer = new DDSketch({ relativeAccuracy: 1 / 256 });
const ours = bestNs((from, to) => {
  for (let i = from; i < to; i++) sketch.add(values[i]!);
});
const theirs = bestNs((from, to) => {
  for (let i = from; i < to; i++) peer.accept(values[i]!);
});
const figures: AddFigures = {
  ours,
  theirs,
  ourError: worstError((percent) => percentileOf(sketch, percent)),
  theirError: worstError((percent) => {
    return peer.getValueAtQuantile(rankOf(percent) / (values.length - 1));
  }),
};
console.log(JSON.stringify(figures));

function bestNs(add: (from: number, to: number) => void): number {
  let best = Infinity;
  for (let from = 0; from < values.length * PASSES; from += SLICE) {
    const first = from % values.length;
    const started = performance.now();
    add(first, first + SLICE);
    best = Math.min(best, ((performance.now() - started) * 1e6) / SLICE);
  }
  return best;
}

function worstError(percentile: (percent: number) => number): number {
  const sorted = values.slice().sort();
  return Math.max(
    ...PERCENTS.map((percent) => Math.abs(percentile(percent) / sorted[rankOf(percent)]! - 1)),
  );
}

/** Position of the value at round(p % of n). */
function rankOf(percent: number): number {
  return Math.round((percent / 100) * values.length) - 1;
}
