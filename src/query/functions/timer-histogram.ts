/**
 * Timers as a histogram over time, for Grafana's heatmap panel (data format "time series buckets"):
 * one series a bucket, named by its upper bound, which the tag `le` holds as well; its values are
 * how many fell into that bucket alone. Bounds that tallyd chooses are bounds of the sketches'
 * bins, so those counts are exact.
 */
import { badTarget } from '../../lib/errors.ts';
import type { Sketch } from '../../sketch/log-linear.ts';
import { histogramOf, leastPositive, weightUpTo } from '../../sketch/quantile.ts';
import { mergeOnto, readOnto } from '../series/distribution.ts';
import { derive, type Series } from '../series/series.ts';
import { any, type FunctionSpec, timers, type Value } from './spec.ts';
import { mergedTimer } from './timer-merge.ts';
import { hasSlots } from './timer-values.ts';

const BUCKETS = 20;
const BUCKETS_MAX = 200;

export const timerHistogram: FunctionSpec = {
  name: 'timerHistogram',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'How the values of all these timers together lie, for a heatmap: one series a bucket, named ' +
    'by its upper bound. Buckets: about how many (20), or the bounds as text, "10,50,100,500".',
  params: [timers(), any('buckets', { default: BUCKETS })],
  async call(context, seriesList: Series[], buckets: Value) {
    const wanted = readBuckets(buckets);
    if (!seriesList.some(hasSlots)) return [];
    const merged = await mergedTimer(context, seriesList, 'timerHistogram');
    const grid = { start: merged.start, step: merged.step, count: merged.values.length };
    const { pause } = context;
    let bounds = wanted;
    if (typeof bounds === 'number') {
      let [min, max, least] = [Infinity, -Infinity, Infinity];
      const extent = (sketch: Sketch): number => {
        min = Math.min(min, sketch.min);
        max = Math.max(max, sketch.max);
        least = Math.min(least, leastPositive(sketch));
        return 0;
      };
      await readOnto(grid, [merged], { kind: 'timer', read: extent }, pause);
      bounds = boundsBetween(min, max, least, bounds);
    }
    context.reserve(grid.count * bounds.length);
    const columns = bounds.map(() => new Float64Array(grid.count).fill(NaN));
    const all = bounds;
    const fill = (sketch: Sketch, _seconds: number, slot: number): number => {
      for (const [i, inside] of histogramOf(sketch, all).entries()) columns[i]![slot] = inside;
      return 0;
    };
    const { sketches } = await mergeOnto(grid, [merged], { kind: 'timer', read: fill }, pause);
    return bounds.map((bound, i) => {
      const le = bound === Infinity ? '+Inf' : String(bound);
      const read = between(bounds[i - 1], bound);
      const distribution = { kind: 'timer', sketches, read } as const;
      return derive(merged, {
        name: le,
        tags: { name: le, le },
        values: columns[i]!,
        distribution,
      });
    });
  },
};

function between(over: number | undefined, upTo: number): (sketch: Sketch) => number {
  return (sketch) => weightUpTo(sketch, upTo) - (over === undefined ? 0 : weightUpTo(sketch, over));
}

/** A number of buckets, or ascending bounds. */
function readBuckets(buckets: Value): number | number[] {
  if (Array.isArray(buckets)) {
    throw badTarget('series read for buckets, expected a number or bounds');
  }
  const text = String(buckets).trim();
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    if (count >= 1 && count <= BUCKETS_MAX) return count;
    throw badTarget(`${text} buckets read, expected 1 to ${BUCKETS_MAX}`);
  }
  const words = text.split(',').map((word) => word.trim());
  const bounds = words.map((word) => (/^\+?inf$/i.test(word) ? Infinity : Number(word)));
  const ascend = bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!);
  const isWrong = words.includes('') || bounds.some((bound) => Number.isNaN(bound)) || !ascend;
  if (isWrong || bounds.length > BUCKETS_MAX) {
    throw badTarget(
      `buckets "${text.slice(0, 40)}" read, expected a number of them or at most ${BUCKETS_MAX} ` +
        'ascending bounds such as "10,50,100,inf"',
    );
  }
  return bounds;
}

/**
 * At most about `count` bounds that cover a range: equal parts of octaves (or several octaves
 * each), which are bounds of bins. The last one is above all values; what is not over 0 has a bucket
 * of its own before those from `least` on, the least value over 0.
 */
function boundsBetween(min: number, max: number, least: number, count: number): number[] {
  if (!(max > 0)) return min <= max ? [0] : [];
  const top = octaveOf(max) + 1;
  // Values far below the largest share the first bucket.
  const bottom = Math.max(octaveOf(least), top - Math.max(count, 32));
  const octaves = top - bottom;
  let parts = 1;
  while (parts < 64 && octaves * parts * 2 <= count) parts *= 2;
  const stride = parts === 1 ? Math.ceil(octaves / count) : 1;
  const bounds: number[] = [];
  for (let octave = bottom; octave < top; octave += stride) {
    for (let part = 1; part <= parts; part++) {
      const bound =
        parts === 1 ? 2 ** Math.min(octave + stride, top) : 2 ** octave * (1 + part / parts);
      bounds.push(bound);
    }
  }
  // Whole parts below the least and above the greatest value stay empty in every slot.
  const first = bounds.findIndex((bound) => bound >= least);
  const last = bounds.findIndex((bound) => bound >= max);
  return [...(min > 0 ? [] : [0]), ...bounds.slice(first, last + 1)];
}

function octaveOf(value: number): number {
  return Math.floor(Math.log2(value));
}
