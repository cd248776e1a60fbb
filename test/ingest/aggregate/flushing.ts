/** Flushes an aggregator to the end and reads the frame as names and values. */
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import type { FlushFrame } from '../../../src/wire/sample-batch.ts';

export interface Emitted {
  values: Map<string, number[]>;
  metricCount: number;
  frame: FlushFrame;
}

/** `names` is what the other side knows: it learns born names and forgets dead ones. */
export function flushOf(aggregator: Aggregator, time: number, names: Map<number, string>): Emitted {
  aggregator.beginFlush(time);
  let frame: FlushFrame | undefined;
  while (frame === undefined) frame = aggregator.continueFlush(5, () => performance.now());
  return readFrame(frame, names);
}

export function readFrame(frame: FlushFrame, names: Map<number, string>): Emitted {
  let start = 0;
  frame.bornIds.forEach((id, i) => {
    const end = frame.bornNameEnds[i]!;
    if (names.has(id)) throw new Error(`series ${id} was born twice`);
    names.set(id, Buffer.from(frame.bornNames.subarray(start, end)).toString());
    start = end;
  });
  const values = new Map<string, number[]>();
  frame.ids.forEach((id, i) => {
    const name = names.get(id);
    if (name === undefined) throw new Error(`series ${id} has no name`);
    values.set(name, [...(values.get(name) ?? []), frame.values[i]!]);
  });
  for (const id of frame.deadIds) {
    if (!names.delete(id)) throw new Error(`series ${id} died but never lived`);
  }
  return { values, metricCount: frame.metricCount, frame };
}
