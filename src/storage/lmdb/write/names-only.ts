/**
 * Flush frames whose values are given up: what is left are the names that ids stand for. Frames that
 * follow each other are joined, so that what is kept grows with the ids and not with time.
 */
import type { FlushFrame } from '../../../wire/sample-batch.ts';

/** The frame without values and sketches. */
export function namesOnly(frame: FlushFrame): FlushFrame {
  return {
    ...frame,
    ids: new Uint32Array(0),
    values: new Float64Array(0),
    sketchTimers: new Uint32Array(0),
    sketchBytes: new Uint8Array(0),
    sketchEnds: new Uint32Array(0),
  };
}

/** One frame that teaches what `first` and then `second` would. */
export function joinNames(first: FlushFrame, second: FlushFrame): FlushFrame {
  const again = new Set([...second.bornIds, ...second.deadIds]);
  const dead = new Set(second.deadIds);
  const born: Entry[] = [
    ...entriesOf(first).filter(({ frame, at }) => !again.has(frame.bornIds[at]!)),
    ...entriesOf(second).filter(({ frame, at }) => !dead.has(frame.bornIds[at]!)),
  ];
  const names = born.map(({ frame, at }) => nameAt(frame.bornNames, frame.bornNameEnds, at));
  return {
    ...second,
    bornIds: Uint32Array.from(born, ({ frame, at }) => frame.bornIds[at]!),
    ...packed('bornNames', 'bornNameEnds', names),
    bornMerge: Uint8Array.from(born, ({ frame, at }) => frame.bornMerge[at]!),
    bornStat: Uint8Array.from(born, ({ frame, at }) => frame.bornStat[at]!),
    bornArgument: Float64Array.from(born, ({ frame, at }) => frame.bornArgument[at]!),
    bornTimer: Uint32Array.from(born, ({ frame, at }) => frame.bornTimer[at]!),
    deadIds: Uint32Array.from([...first.deadIds.filter((id) => !again.has(id)), ...second.deadIds]),
    ...joinSketchNames(first, second),
  };
}

interface Entry {
  frame: FlushFrame;
  at: number;
}

function entriesOf(frame: FlushFrame): Entry[] {
  return Array.from(frame.bornIds, (_, at) => ({ frame, at }));
}

type SketchNames = Pick<
  FlushFrame,
  'bornSketches' | 'bornSketchKinds' | 'bornSketchNames' | 'bornSketchNameEnds'
>;

function joinSketchNames(first: FlushFrame, second: FlushFrame): SketchNames {
  const again = new Set(second.bornSketches);
  const born = [first, second].flatMap((frame) =>
    Array.from(frame.bornSketches, (_, at) => ({ frame, at })).filter(
      ({ at }) => frame === second || !again.has(frame.bornSketches[at]!),
    ),
  );
  const names = born.map(({ frame, at }) =>
    nameAt(frame.bornSketchNames, frame.bornSketchNameEnds, at),
  );
  return {
    bornSketches: Uint32Array.from(born, ({ frame, at }) => frame.bornSketches[at]!),
    bornSketchKinds: Uint8Array.from(born, ({ frame, at }) => frame.bornSketchKinds[at]!),
    ...packed('bornSketchNames', 'bornSketchNameEnds', names),
  };
}

function nameAt(names: Uint8Array, ends: Uint32Array, at: number): Uint8Array {
  return names.subarray(at === 0 ? 0 : ends[at - 1]!, ends[at]);
}

/** Names back to back, under the two keys of a frame. */
function packed<Names extends string, Ends extends string>(
  namesKey: Names,
  endsKey: Ends,
  names: Uint8Array[],
): Record<Names, Uint8Array> & Record<Ends, Uint32Array> {
  let end = 0;
  const ends = Uint32Array.from(names, (name) => (end += name.length));
  const bytes = new Uint8Array(end);
  names.forEach((name, i) => bytes.set(name, ends[i]! - name.length));
  return { [namesKey]: bytes, [endsKey]: ends } as Record<Names, Uint8Array> &
    Record<Ends, Uint32Array>;
}
