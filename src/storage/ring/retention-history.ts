/**
 * Reads series whose retention was changed: all retentions that they had, the newest first, each
 * with the rings of its class (FORMAT.md, "Changed retention"). What is older than the change is
 * converted to the step that is asked for, as whisper-resize would: finer points are rolled up by
 * the series' method and xFilesFactor, a coarser point stands in the slot of its own time. Used by
 * the reader and, over its unwritten changes, by the writer.
 */
import type { Archive } from '../retention/archives.ts';
import { type RingSeries, type RingSource, readColumns } from './values/columns.ts';
import { type RowSpan, longestRetention, retentionSeconds } from './ring.ts';
import { Rollup } from './rollup/rollup.ts';

/** One retention of some series that share their classes and the times of their changes. */
interface HistoryPart {
  source: RingSource;
  /** Ascending by column. */
  series: RingSeries;
  /** Which of the history's series each of `series` is. */
  order: Uint32Array;
  /** In the history's order: how points become this retention's. */
  methods: Uint8Array;
  xFilesFactors: Float64Array;
  /**
   * Epoch seconds of the newest point when the retention above took over; Infinity for the first.
   */
  until: number;
}

export interface RetentionHistory {
  seriesCount: number;
  parts: readonly HistoryPart[];
}

/** What is to be read: `count` rows from `firstRow`, of archives as they reach at `now`. */
interface Rows {
  firstRow: number;
  count: number;
  now: number;
}

/** Sorts what stands in a class by column, as its rings are read. */
export function historyPart(source: RingSource, standing: RingSeries, until: number): HistoryPart {
  const { columns, since, methods, xFilesFactors } = standing;
  const order = Uint32Array.from(columns, (_, i) => i).sort((a, b) => columns[a]! - columns[b]!);
  const series: RingSeries = {
    columns: order.map((i) => columns[i]!),
    since: order.map((i) => since[i]!),
    methods: Uint8Array.from(order, (i) => methods[i]!),
    xFilesFactors: Float64Array.from(order, (i) => xFilesFactors[i]!),
  };
  return { source, series, order, methods, xFilesFactors, until };
}

/**
 * The first row of an archive that the newer retention has when it takes over at `until`: the first
 * that the partial row of the next coarser archive is made of. So whatever is rolled up from there on
 * finds all its points in one retention.
 */
export function firstOwnRow(
  archives: readonly Archive[],
  archiveIndex: number,
  until: number,
): number {
  const { step } = archives[archiveIndex]!;
  const coarser = archives[archiveIndex + 1]?.step ?? step;
  return (Math.floor(until / coarser) * coarser) / step;
}

/**
 * The first row of a step that the archives of a previous retention reach back to: before it, the
 * newer one may have points (late ones) that the previous one never took.
 */
export function firstReachedRow(archives: readonly Archive[], step: number, now: number): number {
  return Math.floor((now - longestRetention(archives)) / step) + 1;
}

/**
 * Rows of one archive of a retention (0: the newest), series by series, joined with previous ones.
 */
export function readHistory(
  history: RetentionHistory,
  partIndex: number,
  archiveIndex: number,
  { firstRow, count, now }: Rows,
): Float64Array {
  const part = history.parts[partIndex]!;
  const previous = history.parts[partIndex + 1];
  const out = new Float64Array(history.seriesCount * count).fill(NaN);
  const end = firstRow + count;
  const { archives } = part.source;
  const { step } = archives[archiveIndex]!;
  let ownFrom = firstRow;
  if (previous !== undefined) {
    const reached = firstReachedRow(previous.source.archives, step, now);
    const own = firstOwnRow(archives, archiveIndex, previous.until);
    const from = Math.min(end, Math.max(firstRow, reached));
    ownFrom = Math.min(end, Math.max(from, own));
    if (from > firstRow) {
      readOwn(part, { archiveIndex, firstRow, count: from - firstRow }, out, count, 0);
    }
    if (ownFrom > from) {
      const rows = { firstRow: from, count: ownFrom - from, now };
      const converted = convertHistory(history, partIndex + 1, step, rows);
      spread(converted, ownFrom - from, out, count, from - firstRow);
    }
  }
  if (ownFrom < end) {
    const rows = { archiveIndex, firstRow: ownFrom, count: end - ownFrom };
    readOwn(part, rows, out, count, ownFrom - firstRow);
  }
  return out;
}

/**
 * Rows of the step of a newer archive, out of a retention (1: the one before) and previous ones.
 */
export function convertHistory(
  history: RetentionHistory,
  partIndex: number,
  step: number,
  { firstRow, count, now }: Rows,
): Float64Array {
  const { archives } = history.parts[partIndex]!.source;
  const { methods, xFilesFactors } = history.parts[partIndex - 1]!; // there is a newer one
  const out = new Float64Array(history.seriesCount * count).fill(NaN);
  const begin = firstRow * step;
  const join = { methods, xFilesFactors, step, begin, out, stride: count };
  let end = begin + count * step;
  for (let index = sourceArchive(archives, step); index < archives.length; index++) {
    const archive = archives[index]!;
    const from = Math.max(begin, reachedFrom(archive, step, now));
    if (from < end) {
      const first = Math.ceil(from / archive.step);
      const rows = { firstRow: first, count: Math.ceil(end / archive.step) - first, now };
      if (rows.count > 0) {
        const found = readHistory(history, partIndex, index, rows);
        if (archive.step === step) spread(found, rows.count, out, count, first - firstRow);
        else if (archive.step < step) rollUpInto(join, archive.step, rows, found);
        else placeInto(join, archive.step, rows, found);
      }
      end = from;
    }
    if (end <= begin) break;
  }
  return out;
}

/**
 * What has come in the newest slot of a longer step, out of the finest points of the retention
 * before: whatever its share is, for the slot goes on to be filled.
 */
export function joinHistory(
  history: RetentionHistory,
  step: number,
  row: number,
  now: number,
): Float64Array {
  const finer = history.parts[1]!.source.archives[0]!.step; // it has a previous retention
  const { methods } = history.parts[0]!;
  const out = new Float64Array(history.seriesCount).fill(NaN);
  const xFilesFactors = new Float64Array(history.seriesCount);
  const begin = row * step;
  const first = Math.ceil(begin / finer);
  const rows = { firstRow: first, count: Math.ceil((begin + step) / finer) - first, now };
  const found = readHistory(history, 1, 0, rows);
  rollUpInto({ methods, xFilesFactors, step, begin, out, stride: 1 }, finer, rows, found);
  return out;
}

/** The coarsest archive that is not coarser than a step; the finest when all are. */
function sourceArchive(archives: readonly Archive[], step: number): number {
  return Math.max(
    0,
    archives.findLastIndex((archive) => archive.step <= step && step % archive.step === 0),
  );
}

/**
 * The first slot, of the step or of the archive's, whichever is longer, that it reaches back to.
 */
function reachedFrom(archive: Archive, step: number, now: number): number {
  const slot = Math.max(step, archive.step);
  return (Math.floor((now - retentionSeconds(archive)) / slot) + 1) * slot;
}

interface Join {
  methods: Uint8Array;
  xFilesFactors: Float64Array;
  step: number;
  /** Epoch seconds of the first slot of `out`. */
  begin: number;
  out: Float64Array;
  stride: number;
}

function rollUpInto(join: Join, finerStep: number, rows: Rows, found: Float64Array): void {
  const { methods, xFilesFactors, step, begin, out, stride } = join;
  const rollup = new Rollup(1);
  const total = step / finerStep;
  for (let i = 0; i < methods.length; i++) {
    const method = methods[i]!;
    let slot = -1;
    const close = (): void => {
      if (slot < 0) return;
      const value = rollup.result(0, method, xFilesFactors[i]!, total);
      if (value === value) out[i * stride + slot] = value;
    };
    for (let j = 0; j < rows.count; j++) {
      const next = Math.floor(((rows.firstRow + j) * finerStep - begin) / step);
      if (next !== slot) {
        close();
        rollup.clear();
        slot = next;
      }
      rollup.add(0, method, found[i * rows.count + j]!);
    }
    close();
  }
}

function placeInto(join: Join, coarserStep: number, rows: Rows, found: Float64Array): void {
  const { methods, step, begin, out, stride } = join;
  for (let j = 0; j < rows.count; j++) {
    const slot = Math.floor(((rows.firstRow + j) * coarserStep - begin) / step);
    for (let i = 0; i < methods.length; i++) {
      out[i * stride + slot] = found[i * rows.count + j]!;
    }
  }
}

function readOwn(
  { source, series, order }: HistoryPart,
  rows: RowSpan,
  out: Float64Array,
  stride: number,
  at: number,
): void {
  const { count } = rows;
  const found = readColumns(source, series, rows);
  for (let k = 0; k < order.length; k++) {
    out.set(found.subarray(k * count, (k + 1) * count), order[k]! * stride + at);
  }
}

/** Copies a matrix of `width` columns to column `at` of a wider one. */
function spread(
  from: Float64Array,
  width: number,
  to: Float64Array,
  stride: number,
  at: number,
): void {
  const seriesCount = from.length / width;
  for (let i = 0; i < seriesCount; i++) {
    to.set(from.subarray(i * width, (i + 1) * width), i * stride + at);
  }
}
