/** Builds the batches of flushes for tests and benches: series without timers or sketches. */
import { dictionaryOf } from '../../src/wire/dictionary.ts';
import { packTexts } from '../../src/wire/packed-strings.ts';
import { type FlushBatch, PRODUCER_STATSD } from '../../src/wire/sample-batch.ts';
import { MERGE_LAST } from '../../src/wire/merge.ts';

/** Names to values, every name declared in the batch. */
export function frameOf(
  time: number,
  series: Record<string, number>,
  options: { firstId?: number; merge?: number; intervalMs?: number; sequence?: number } = {},
): FlushBatch {
  const { firstId = 0, merge = MERGE_LAST, intervalMs = 10_000, sequence = 1 } = options;
  const names = Object.keys(series);
  const refs = Uint32Array.from(names, (_, i) => firstId + i);
  const at = { time, step: intervalMs / 1000, sequence };
  const batch = flushFrame(at, refs, Float64Array.from(Object.values(series)), []);
  return { ...batch, series: dictionaryOf(refs.slice(), packTexts(names), merge) };
}

/** Time in epoch seconds, `step` too; `declared` are the names of the refs 0, 1, 2 … that are new. */
export function flushFrame(
  at: { time: number; step: number; sequence: number },
  refs: Uint32Array,
  values: Float64Array,
  declared: readonly string[],
): FlushBatch {
  return {
    producer: PRODUCER_STATSD,
    sequence: at.sequence,
    times: at.time,
    intervalMs: at.step * 1000,
    how: 'merge',
    refs,
    values,
    series: dictionaryOf(Uint32Array.from(declared.keys()), packTexts(declared), MERGE_LAST),
    flush: { metricCount: refs.length, processingMs: 0 },
  };
}

/** As an ingest worker's later flushes: what the refs stand for came before. */
export function withoutNames(batch: FlushBatch): FlushBatch {
  const series = dictionaryOf(new Uint32Array(0), packTexts([]), MERGE_LAST);
  return { ...batch, series };
}
