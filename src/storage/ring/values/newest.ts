/**
 * Where the points of a series end, found in the rings themselves: imported archives have no newest
 * row of their own in the state of their class. Called by the reader, for exports.
 */
import { type RingSeries, type RingSource, blockOf, readColumns } from './columns.ts';
import { chunkOfRecord } from './chunk-record.ts';
import type { RecordReader } from '../ring-records.ts';
import type { RetentionHistory } from '../retention-history.ts';
import { CHUNK_ROWS, ROW_RING, chunkOfRow, chunkSlots } from '../ring.ts';
import { partialRow } from '../ring-clock.ts';

/**
 * By archive of the newest retention of the (only) series, epoch seconds of its newest point, which
 * may be in a previous one; 0 where there is none.
 */
export function newestOfHistory(
  { parts }: RetentionHistory,
  recordsOf: (partIndex: number) => RecordReader,
): number[] {
  const newest = parts.map(({ source, series }, partIndex) =>
    source.archives.map(({ step }, archiveIndex) => {
      const row = newestRow(source, recordsOf(partIndex), archiveIndex, series);
      return Math.max(0, row * step);
    }),
  );
  const inOlder = Math.max(0, ...newest.slice(1).flat());
  const { archives } = parts[0]!.source; // a history has a part
  return archives.map(({ step }, archiveIndex) => {
    const own = newest[0]![archiveIndex]!;
    return Math.max(own, Math.floor(inOlder / step) * step);
  });
}

/** The newest row of one archive in which the (only) series has a value, -1 when there is none. */
export function newestRow(
  source: RingSource,
  records: RecordReader,
  archiveIndex: number,
  series: RingSeries,
): number {
  const chunks = new Set<number>();
  const block = blockOf(series.columns[0]!); // one series
  const slots = chunkSlots(source.archives[archiveIndex]!);
  for (let slot = 0; slot < slots; slot++) {
    const record = records.chunk(archiveIndex, slot, block);
    if (record !== undefined) chunks.add(chunkOfRecord(record));
  }
  const { newestRow } = source.state(archiveIndex);
  for (const row of [newestRow, newestRow - ROW_RING / 2, newestRow - ROW_RING + 1])
    chunks.add(chunkOfRow(row));
  if (archiveIndex > 0) chunks.add(chunkOfRow(partialRow(source, archiveIndex)));
  for (const chunk of [...chunks].sort((a, b) => b - a)) {
    if (chunk < 0) continue;
    const firstRow = chunk * CHUNK_ROWS;
    const values = readColumns(source, series, { archiveIndex, firstRow, count: CHUNK_ROWS });
    const last = values.findLastIndex((value) => !Number.isNaN(value));
    if (last >= 0) return firstRow + last;
  }
  return -1;
}
