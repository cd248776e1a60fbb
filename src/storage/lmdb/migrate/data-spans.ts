/**
 * Where the previous retentions of series have points at all, so that a copy need not read years of
 * nothing. Chunks written after this was asked for are not in it.
 */
import { chunkOfRecord } from '../../ring/values/chunk-record.ts';
import { BLOCK_SERIES, CHUNK_ROWS, ROW_RING, chunkSlots } from '../../ring/ring.ts';
import { retentionsOf } from './history-groups.ts';
import type { Environment } from '../db/environment.ts';
import { ringReader, valueDatabases } from '../db/ring-records.ts';
import type { SeriesTable } from '../write/series-table.ts';

/** Epoch seconds, the end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** Ascending, none touching the next, of series with one history. */
export function spansOf(
  environment: Environment,
  table: SeriesTable,
  ids: readonly number[],
): Span[] {
  const spans: Span[] = [];
  const retentions = ids.map((id) => retentionsOf(table.columns, id).slice(1));
  retentions[0]?.forEach(({ classId }, level) => {
    const blocks = new Set(retentions.map((one) => Math.floor(one[level]!.column / BLOCK_SERIES)));
    const { archives, states } = table.classes[classId]!.rings;
    const records = ringReader(valueDatabases(environment), classId, archives);
    for (const [index, archive] of archives.entries()) {
      const { step } = archive;
      const chunks = new Set<number>();
      for (let slot = 0; slot < chunkSlots(archive); slot++) {
        for (const block of blocks) {
          const record = records.chunk(index, slot, block);
          if (record !== undefined) chunks.add(chunkOfRecord(record));
        }
      }
      const seconds = CHUNK_ROWS * step;
      for (const chunk of chunks)
        spans.push({ start: chunk * seconds, end: (chunk + 1) * seconds });
      // Rows that are in no chunk yet, and those that still grow.
      const { newestRow } = states[index]!;
      const newest = newestRow < 0 ? states[0]!.newestRow * archives[0]!.step : newestRow * step;
      if (newest >= 0) spans.push({ start: newest - ROW_RING * step, end: Infinity });
    }
  });
  return merged(spans);
}

/** The first time from `time` on that is in a span; Infinity when none is. */
export function nextInSpans(spans: readonly Span[], time: number): number {
  const span = spans.find(({ end }) => end > time);
  return span === undefined ? Infinity : Math.max(span.start, time);
}

function merged(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start);
  const all: Span[] = [];
  for (const { start, end } of spans) {
    const last = all.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}
