/** Flushes an aggregator to the end and reads the batch as names and values. */
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { eachText } from '../../../src/wire/packed-strings.ts';
import type { FlushBatch } from '../../../src/wire/sample-batch.ts';

export interface Emitted {
  values: Map<string, number[]>;
  metricCount: number;
  frame: FlushBatch;
}

/** `names` is what the other side knows: it learns declared names and forgets retired ones. */
export function flushOf(aggregator: Aggregator, time: number, names: Map<number, string>): Emitted {
  aggregator.beginFlush(time);
  let frame: FlushBatch | undefined;
  while (frame === undefined) frame = aggregator.continueFlush(5, () => performance.now());
  return readFrame(frame, names);
}

export function readFrame(frame: FlushBatch, names: Map<number, string>): Emitted {
  const { series } = frame;
  eachText(series.names, (name, i) => {
    const ref = series.refs[i]!;
    if (names.has(ref)) throw new Error(`series ${ref} was declared twice`);
    names.set(ref, name);
  });
  const values = new Map<string, number[]>();
  frame.refs.forEach((id, i) => {
    const name = names.get(id);
    if (name === undefined) throw new Error(`series ${id} has no name`);
    values.set(name, [...(values.get(name) ?? []), frame.values[i]!]);
  });
  for (const id of series.retired) {
    if (!names.delete(id)) throw new Error(`series ${id} retired but was never declared`);
  }
  return { values, metricCount: frame.flush.metricCount, frame };
}
