/** Builds flush frames for tests and benches: series without timers or sketches. */
import type { FlushFrame } from '../../src/wire/sample-batch.ts';
import { MERGE_LAST } from '../../src/wire/merge.ts';
import { NO_TIMER, STAT_NONE } from '../../src/wire/statistics.ts';

/** Names to values, every name born in the frame. */
export function frameOf(
  time: number,
  series: Record<string, number>,
  options: { firstId?: number; merge?: number; intervalMs?: number; sequence?: number } = {},
): FlushFrame {
  const { firstId = 0, merge = MERGE_LAST, intervalMs = 10_000, sequence = 1 } = options;
  const names = Object.keys(series);
  const ids = Uint32Array.from(names, (_, i) => firstId + i);
  const at = { time, step: intervalMs / 1000, sequence };
  const frame = flushFrame(at, ids, Float64Array.from(Object.values(series)), names);
  return { ...frame, bornIds: ids.slice(), bornMerge: frame.bornMerge.fill(merge) };
}

/** Time in epoch seconds, `step` too; `born` are the names of the series 0, 1, 2 … that are new. */
export function flushFrame(
  at: { time: number; step: number; sequence: number },
  ids: Uint32Array,
  values: Float64Array,
  born: readonly string[],
): FlushFrame {
  const encoded = born.map((name) => Buffer.from(name));
  let end = 0;
  return {
    kind: 'flush',
    sequence: at.sequence,
    time: at.time,
    intervalMs: at.step * 1000,
    ids,
    values,
    bornIds: Uint32Array.from(born.keys()),
    bornNames: new Uint8Array(Buffer.concat(encoded)),
    bornNameEnds: Uint32Array.from(encoded, (bytes) => (end += bytes.length)),
    bornMerge: new Uint8Array(born.length).fill(MERGE_LAST),
    bornStat: new Uint8Array(born.length).fill(STAT_NONE),
    bornArgument: new Float64Array(born.length),
    bornTimer: new Uint32Array(born.length).fill(NO_TIMER),
    deadIds: new Uint32Array(0),
    bornSketches: new Uint32Array(0),
    bornSketchKinds: new Uint8Array(0),
    bornSketchNames: new Uint8Array(0),
    bornSketchNameEnds: new Uint32Array(0),
    sketchTimers: new Uint32Array(0),
    sketchBytes: new Uint8Array(0),
    sketchEnds: new Uint32Array(0),
    metricCount: ids.length,
    processingMs: 0,
  };
}
