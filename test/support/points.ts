/** Batches of samples with names as texts: made, and read back. */
import { dictionaryOf } from '../../src/wire/dictionary.ts';
import { MERGE_POINT } from '../../src/wire/merge.ts';
import { packTexts, textsOf } from '../../src/wire/packed-strings.ts';
import {
  addReport,
  emptyReport,
  PRODUCER_CARBON,
  type SampleBatch,
  type SampleCounts,
  type SampleReport,
} from '../../src/wire/sample-batch.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';

/** Ready-made points, with all of their names. */
export function points(
  names: readonly string[],
  times: readonly number[],
  values: readonly number[],
): SampleBatch {
  const declared = [...new Set(names)];
  const refOf = new Map(declared.map((name, ref) => [name, ref]));
  const refs = Uint32Array.from(declared.keys());
  return {
    producer: PRODUCER_CARBON,
    sequence: 1,
    slot: 0,
    series: dictionaryOf(refs, packTexts(declared), MERGE_POINT, true),
    refs: Uint32Array.from(names, (name) => refOf.get(name)!), // all are declared
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    intervalMs: 0,
    how: 'overwrite',
  };
}

export interface NamedPoints {
  names: string[];
  times: number[];
  values: number[];
}

/** All batches of a producer since its start, in their order, as one. */
export function namedPoints(batches: readonly SampleBatch[]): NamedPoints {
  const known = new SeriesNames();
  const all: NamedPoints = { names: [], times: [], values: [] };
  for (const { series, refs, times, values } of batches) {
    known.learn(series);
    all.names.push(...Array.from(refs, (ref) => known.name(ref)));
    all.times.push(...(typeof times === 'number' ? Array.from(refs, () => times) : times));
    all.values.push(...values);
  }
  return all;
}

/** A report without its examples. */
export function countsIn(report: SampleReport): SampleCounts {
  const counts = emptyReport();
  addReport(counts, report);
  return counts;
}

/** The names that a batch declares. */
export function declaredIn({ series }: SampleBatch): string[] {
  return textsOf(series.names);
}

/** As it is now: its columns are used again once it is acknowledged. */
export function copyOf(batch: SampleBatch): SampleBatch {
  const { refs, values, times } = batch;
  const copied = typeof times === 'number' ? times : times.slice();
  return { ...batch, refs: refs.slice(), values: values.slice(), times: copied };
}
