/** Batches of points as they cross threads, read back by name; and made of names. */
import { NumberedNames } from '../../src/storage/index/series-refs.ts';
import type { NumberedPoints, PointBatch } from '../../src/wire/sample-batch.ts';

/** All batches since the start, in their order, as one. */
export function namedPoints(batches: readonly NumberedPoints[]): PointBatch {
  const names = new NumberedNames();
  const all: string[] = [];
  for (const batch of batches) {
    names.learn(batch);
    for (const number of batch.numbers) {
      const name = names.names[number];
      if (name === undefined) throw new Error(`number ${number} has no name`);
      all.push(name);
    }
  }
  return {
    kind: 'points',
    names: all,
    times: Float64Array.from(batches.flatMap(({ times }) => [...times])),
    values: Float64Array.from(batches.flatMap(({ values }) => [...values])),
  };
}

/** A batch that brings all of its names along. */
export function numberedPoints(
  names: readonly string[],
  times: readonly number[],
  values: readonly number[],
): NumberedPoints {
  const born = [...new Set(names)];
  return {
    kind: 'points',
    slot: 0,
    isReset: true,
    born,
    numbers: Uint32Array.from(names, (name) => born.indexOf(name)),
    times: Float64Array.from(times),
    values: Float64Array.from(values),
  };
}

/** As it is now: its columns are used again once it is acknowledged. */
export function copyOf(batch: NumberedPoints): NumberedPoints {
  const { numbers, times, values } = batch;
  return { ...batch, numbers: numbers.slice(), times: times.slice(), values: values.slice() };
}
