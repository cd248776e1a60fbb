/**
 * Columns for imported series, whose archives come as they are, whatever their age. The series of a
 * block share the slots of its chunk rings and a slot holds one chunk, so series whose points end at
 * other times would take each other's oldest ones. A block therefore gets only series that leave
 * each other's slots alone: those of one age, in practice those of one host. Blocks begun before a
 * restart are not gone on with.
 */
import { BLOCK_SERIES, chunkOfRow, chunkSlots } from '../../ring/ring.ts';
import type { Archive } from '../../retention/archives.ts';
import type { ImportedArchive } from '../../roles.ts';

/** Blocks of a class that may have room: as many ages as take turns in an import. */
const OPEN_BLOCKS_MAX = 512;

/** First and last chunk by archive; Infinity and -Infinity where there are no points. */
type ChunkSpans = readonly (readonly [first: number, last: number])[];

interface OpenBlock {
  nextColumn: number;
  spans: ChunkSpans;
}

export class ImportBlocks {
  /** The one taken from last comes first. */
  private readonly open: OpenBlock[] = [];

  /** The column for a series; `end` is the first that nobody had. */
  take(archives: readonly Archive[], spans: ChunkSpans, end: number): number {
    const { open } = this;
    let index = open.findIndex((block) => isRoomFor(archives, joined(block.spans, spans)));
    if (index < 0) {
      const nextColumn = Math.ceil(end / BLOCK_SERIES) * BLOCK_SERIES;
      index = open.push({ nextColumn, spans }) - 1;
    }
    const [block] = open.splice(index, 1) as [OpenBlock];
    const column = block.nextColumn++;
    block.spans = joined(block.spans, spans);
    if (block.nextColumn % BLOCK_SERIES !== 0) open.unshift(block);
    if (open.length > OPEN_BLOCKS_MAX) open.pop();
    return column;
  }

  clear(): void {
    this.open.length = 0;
  }
}

export function chunkSpansOf(
  archives: readonly Archive[],
  imported: readonly ImportedArchive[],
): ChunkSpans {
  return archives.map(({ step, points }) => {
    let oldest = Infinity;
    let newest = -Infinity;
    const { times = [], values = [] } = imported.find((one) => one.step === step) ?? {};
    for (let i = 0; i < times.length; i++) {
      if (Number.isNaN(values[i])) continue;
      oldest = Math.min(oldest, times[i]!);
      newest = Math.max(newest, times[i]!);
    }
    const last = Math.floor(newest / step);
    // What whisper left lying from earlier rounds of its ring counts for nothing.
    const first = Math.max(Math.floor(oldest / step), last - points + 1);
    return [chunkOfRow(first), chunkOfRow(last)];
  });
}

/** The chunks of full archives whose points end at `newest`, in epoch seconds. */
export function chunkSpansUpTo(archives: readonly Archive[], newest: number): ChunkSpans {
  return archives.map(({ step, points }) => {
    const last = Math.floor(newest / step);
    return [chunkOfRow(Math.max(0, last - points + 1)), chunkOfRow(last)];
  });
}

function joined(one: ChunkSpans, other: ChunkSpans): ChunkSpans {
  return one.map(([first, last], i) => {
    const [otherFirst, otherLast] = other[i]!; // both are of the class's archives
    return [Math.min(first, otherFirst), Math.max(last, otherLast)];
  });
}

/** Whether no two of the chunks share a slot. */
function isRoomFor(archives: readonly Archive[], spans: ChunkSpans): boolean {
  return spans.every(([first, last], i) => last - first < chunkSlots(archives[i]!));
}
