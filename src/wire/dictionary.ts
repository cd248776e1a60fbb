/**
 * Dictionaries made and joined. Of a batch whose values are given up the dictionary stays: later
 * batches rely on it. Those that follow each other are joined, so that what is kept grows with the
 * refs and not with time (storage/lmdb/write/write-queue.ts).
 */
import { bytesAt, NO_STRINGS, packBytes, type PackedStrings } from './packed-strings.ts';
import type { SeriesDictionary, SketchDictionary } from './sample-batch.ts';
import { NO_TIMER, STAT_NONE } from './statistics.ts';

/** Of series that are no timer's statistics and are joined in one way; none retires. */
export function dictionaryOf(
  refs: Uint32Array,
  names: PackedStrings,
  merge: number,
  isReset = false,
): SeriesDictionary {
  const count = refs.length;
  return {
    isReset,
    refs,
    names,
    merges: new Uint8Array(count).fill(merge),
    stats: new Uint8Array(count).fill(STAT_NONE),
    arguments: new Float64Array(count),
    timers: new Uint32Array(count).fill(NO_TIMER),
    retired: new Uint32Array(0),
  };
}

/** Nothing is new in it, nothing retired. */
export function isEmptyDictionary({ isReset, refs, retired, sketches }: SeriesDictionary): boolean {
  return !isReset && refs.length + retired.length + (sketches?.refs.length ?? 0) === 0;
}

/** One dictionary that says what `first` and then `second` would. */
export function joinDictionaries(
  first: SeriesDictionary,
  second: SeriesDictionary,
): SeriesDictionary {
  if (second.isReset) return second;
  const again = new Set([...second.refs, ...second.retired]);
  const retired = new Set(second.retired);
  const declared = [
    ...entriesOf(first).filter(({ from, at }) => !again.has(from.refs[at]!)),
    ...entriesOf(second).filter(({ from, at }) => !retired.has(from.refs[at]!)),
  ];
  return {
    isReset: first.isReset,
    refs: Uint32Array.from(declared, ({ from, at }) => from.refs[at]!),
    names: packBytes(declared.map(({ from, at }) => bytesAt(from.names, at))),
    merges: Uint8Array.from(declared, ({ from, at }) => from.merges[at]!),
    stats: Uint8Array.from(declared, ({ from, at }) => from.stats[at]!),
    arguments: Float64Array.from(declared, ({ from, at }) => from.arguments[at]!),
    timers: Uint32Array.from(declared, ({ from, at }) => from.timers[at]!),
    retired: Uint32Array.from([...first.retired.filter((ref) => !again.has(ref)), ...retired]),
    sketches: joinSketches(first.sketches ?? NO_SKETCHES, second.sketches ?? NO_SKETCHES),
  };
}

const NO_SKETCHES: SketchDictionary = {
  refs: new Uint32Array(0),
  kinds: new Uint8Array(0),
  names: NO_STRINGS,
};

function joinSketches(first: SketchDictionary, second: SketchDictionary): SketchDictionary {
  const again = new Set(second.refs);
  const declared = [
    ...entriesOf(first).filter(({ from, at }) => !again.has(from.refs[at]!)),
    ...entriesOf(second),
  ];
  return {
    refs: Uint32Array.from(declared, ({ from, at }) => from.refs[at]!),
    kinds: Uint8Array.from(declared, ({ from, at }) => from.kinds[at]!),
    names: packBytes(declared.map(({ from, at }) => bytesAt(from.names, at))),
  };
}

function entriesOf<T extends { refs: Uint32Array }>(from: T): { from: T; at: number }[] {
  return Array.from(from.refs, (_, at) => ({ from, at }));
}
