/**
 * The bins of one sign as bytes, in whichever of two codings is shorter (FORMAT.md): pairs of a gap
 * and a weight in one byte, for bins that lie apart and hold little, or runs of weights. Part of
 * codec.ts.
 */
import { EXACT_MAX } from '../lib/admitted.ts';
import { BIN_LAST, type Bins, WINDOW_BINS_MAX } from './bins.ts';
import {
  damaged,
  putByte,
  putVarint,
  putVarints,
  readTo,
  room,
  takeByte,
  takeVarint,
  unread,
  varintBytes,
  wroteTo,
} from './bytes.ts';

const PAIRS = 0;
const RUNS = 1;
/** A gap of this much or more is told behind the byte of its pair. */
const GAP_MAX = 15;
/** So many empty bins or fewer do not end a run: a run costs two bytes. */
const GAP_IN_RUN = 2;

/** In place of a scale: weights are whole numbers below EXACT_MAX. */
export const AS_THEY_ARE = 0;

/** Writes bins; a weight is told as a whole multiple of 1 / `scale`. */
export function putBins(bins: Bins, scale: number): void {
  const first = bins.firstIndex();
  if (first === -1) {
    putVarint(0);
    return;
  }
  const last = bins.lastIndex();
  putVarint(last - first + 1);
  putVarint(bins.low + first);
  const { weights } = bins;
  const whole = scale === AS_THEY_ARE ? weights : scaled(weights, first, last, scale);
  if (pairsAreShorter(whole, first, last)) {
    putByte(PAIRS);
    putPairs(whole, first, last);
  } else {
    putByte(RUNS);
    putRuns(whole, first, last);
  }
}

/** Adds bins that were written with `bits` to those of `bins`, which have as many or fewer. */
export function mergeBins(bins: Bins, bits: number, scale: number): void {
  const span = takeVarint();
  if (span === 0) return;
  const first = takeVarint();
  if (span > WINDOW_BINS_MAX || first + span - 1 > BIN_LAST) {
    throw damaged(`${span} bins from bin ${first} on`);
  }
  const coding = takeByte();
  if (coding > RUNS) throw damaged(`coding ${coding} of bins`);
  const halving = bits - bins.bits;
  bins.reach(first >> halving, (first + span - 1) >> halving);
  const low = (first >> halving) - bins.low;
  const direct = halving === 0 && low >= 0 && low + span <= bins.weights.length;
  if (coding === RUNS) mergeRuns(bins, first, span, halving, 1 / scale);
  else if (direct && scale === 1) mergePairs(bins.weights, low, span);
  else mergePairsSlowly(bins, first, span, halving, 1 / scale);
}

/** Bins that hold something have 1 to EXACT_MAX: no bin is lost, none is too long to be read. */
function scaled(weights: Float64Array, first: number, last: number, scale: number): Float64Array {
  const whole = new Float64Array(last + 1);
  for (let i = first; i <= last; i++) {
    if (weights[i] === 0) continue;
    const weight = Math.round(weights[i]! * scale);
    whole[i] = weight >= 1 ? Math.min(weight, EXACT_MAX) : 1;
  }
  return whole;
}

function putPairs(weights: Float64Array, first: number, last: number): void {
  // A byte a bin and what is told behind it: at most two numbers of 8 bytes, and of these few.
  let { bytes, at } = room((last - first + 1) * 17);
  let gap = 0;
  for (let i = first; i <= last; i++) {
    const weight = weights[i]!;
    if (weight === 0) gap += 1;
    else if (weight < 16 && gap < GAP_MAX) {
      bytes[at++] = (gap << 4) | weight;
      gap = 0;
    } else {
      wroteTo(at);
      putByte((Math.min(gap, GAP_MAX) << 4) | (weight < 16 ? weight : 0));
      if (gap >= GAP_MAX) putVarint(gap - GAP_MAX);
      if (weight >= 16) putVarint(weight);
      ({ bytes, at } = room((last - i) * 17));
      gap = 0;
    }
  }
  wroteTo(at);
}

/** Counts the bytes of both codings in one pass; pairs when they are as many. */
function pairsAreShorter(weights: Float64Array, first: number, last: number): boolean {
  let pairs = 0;
  let runs = 0;
  let gap = 0;
  let runStart = first;
  for (let i = first; i <= last; i++) {
    const weight = weights[i]!;
    if (weight === 0) {
      gap += 1;
      continue;
    }
    const bytes = weight < 0x80 ? 1 : varintBytes(weight);
    pairs += weight < 16 ? 1 : 1 + bytes;
    if (gap >= GAP_MAX) pairs += varintBytes(gap - GAP_MAX);
    if (gap > GAP_IN_RUN) {
      runs += varintBytes(i - gap - runStart) + varintBytes(gap);
      runStart = i;
    } else runs += gap;
    runs += bytes;
    gap = 0;
  }
  runs += varintBytes(last + 1 - runStart);
  return pairs <= runs;
}

/** The whole of most sketches, so it keeps to local variables. */
function mergePairs(weights: Float64Array, low: number, span: number): void {
  const { bytes, from, to } = unread();
  const stop = low + span;
  let at = from;
  let index = low;
  // A gap that leads too far writes outside of the window, which is nowhere; the end is checked.
  while (index < stop && at < to) {
    const pair = bytes[at]!;
    at += 1;
    if (pair < GAP_MAX << 4 && (pair & 15) !== 0) {
      index += pair >>> 4;
      weights[index]! += pair & 15;
      index += 1;
      continue;
    }
    // What does not fit into its half mostly fits into one byte more.
    let gap = pair >>> 4;
    if (gap === GAP_MAX) {
      if (bytes[at]! < 0x80) gap += bytes[at++]!;
      else {
        readTo(at);
        gap += takeVarint();
        at = unread().from;
      }
    }
    let weight = pair & 15;
    if (weight === 0) {
      if (bytes[at]! < 0x80) weight = bytes[at++]!;
      else {
        readTo(at);
        weight = takeVarint();
        at = unread().from;
      }
    }
    index += gap;
    if (index >= stop) throw tooFar();
    weights[index]! += weight;
    index += 1;
  }
  readTo(at);
  if (index !== stop) throw damaged('another number of bins than told');
}

function mergePairsSlowly(
  bins: Bins,
  first: number,
  span: number,
  halving: number,
  unit: number,
): void {
  for (let at = 0; at < span; at++) {
    const pair = takeByte();
    const gap = pair >>> 4;
    at += gap < GAP_MAX ? gap : GAP_MAX + takeVarint();
    const weight = (pair & 15) !== 0 ? pair & 15 : takeVarint();
    if (at >= span) throw tooFar();
    addTo(bins, (first + at) >> halving, weight * unit);
  }
}

/** Length and weights of each run, and the gap to the next. */
function putRuns(weights: Float64Array, first: number, last: number): void {
  for (let from = first; from <= last;) {
    const to = runEnd(weights, from, last);
    putVarint(to - from);
    putVarints(weights, from, to);
    from = to;
    while (from <= last && weights[from] === 0) from += 1;
    if (from <= last) putVarint(from - to);
  }
}

/** A run ends before more than GAP_IN_RUN empty bins. */
function runEnd(weights: Float64Array, from: number, last: number): number {
  let to = from + 1;
  for (let next = to; next <= last && next - to <= GAP_IN_RUN; next++) {
    if (weights[next] !== 0) to = next + 1;
  }
  return to;
}

function mergeRuns(bins: Bins, first: number, span: number, halving: number, unit: number): void {
  let at = 0;
  for (;;) {
    const length = takeVarint();
    if (length === 0 || at + length > span) throw tooFar();
    const low = first + at - bins.low;
    if (halving === 0 && low >= 0 && low + length <= bins.weights.length) {
      mergeRun(bins.weights, low, length, unit);
    } else {
      for (let i = 0; i < length; i++) {
        addTo(bins, (first + at + i) >> halving, takeVarint() * unit);
      }
    }
    at += length;
    if (at === span) return;
    at += takeVarint();
    if (at >= span) throw tooFar();
  }
}

function mergeRun(weights: Float64Array, low: number, length: number, unit: number): void {
  const { bytes, from, to } = unread();
  let at = from;
  for (let i = low; i < low + length; i++) {
    const byte = at < to ? bytes[at]! : 0x80;
    if (byte < 0x80) {
      weights[i]! += byte * unit;
      at += 1;
      continue;
    }
    readTo(at);
    weights[i]! += takeVarint() * unit;
    at = unread().from;
  }
  readTo(at);
}

/** To a bin, or to the lowest of a window that is full; the pool may have had no window at all. */
function addTo(bins: Bins, bin: number, weight: number): void {
  if (weight !== 0 && bins.weights.length > 0) bins.addWithin(bin, weight);
}

function tooFar(): Error {
  return damaged('more bins than told');
}
