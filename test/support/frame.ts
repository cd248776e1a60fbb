/** Builds flush frames for tests: names to values, every name born in the frame. */
import { type FlushFrame, MERGE_LAST, NO_TIMER } from '../../src/wire.ts';

export function frameOf(
  time: number,
  series: Record<string, number>,
  options: { firstId?: number; merge?: number; intervalMs?: number; sequence?: number } = {},
): FlushFrame {
  const names = Object.keys(series);
  const encoded = names.map((name) => Buffer.from(name));
  const firstId = options.firstId ?? 0;
  let end = 0;
  return {
    kind: 'flush',
    sequence: options.sequence ?? 1,
    time,
    intervalMs: options.intervalMs ?? 10_000,
    ids: Uint32Array.from(names, (_, i) => firstId + i),
    values: Float64Array.from(Object.values(series)),
    bornIds: Uint32Array.from(names, (_, i) => firstId + i),
    bornNames: new Uint8Array(Buffer.concat(encoded)),
    bornNameEnds: Uint32Array.from(encoded, (bytes) => (end += bytes.length)),
    bornMerge: new Uint8Array(names.length).fill(options.merge ?? MERGE_LAST),
    bornStat: new Uint8Array(names.length),
    bornArgument: new Float64Array(names.length),
    bornTimer: new Uint32Array(names.length).fill(NO_TIMER),
    deadIds: new Uint32Array(0),
    bornSketches: new Uint32Array(0),
    bornSketchKinds: new Uint8Array(0),
    bornSketchNames: new Uint8Array(0),
    bornSketchNameEnds: new Uint32Array(0),
    sketchTimers: new Uint32Array(0),
    sketchBytes: new Uint8Array(0),
    sketchEnds: new Uint32Array(0),
    metricCount: names.length,
    processingMs: 0,
  };
}
