/**
 * The classes as `verify` reads them from their records, shapes and cursors checked (FORMAT.md,
 * "Meta" and "Cursor"): what rows, chunks and names are held against.
 */
import { type ArchiveState, NO_STATE } from '../../ring/values/columns.ts';
import { BLOCK_SERIES, chunkOfRow } from '../../ring/ring.ts';
import type { Archive } from '../../retention/archives.ts';
import { SKETCH_SET, SKETCH_TIMER, type SketchKind } from '../../../wire/statistics.ts';
import { BLOCK_TIMERS } from '../../ring/sketches/sketch-columns.ts';
import type { Progress } from '../db/meta.ts';
import { textOf } from './check.ts';

/** What sets the classes of series apart from those of sketches. */
export interface ClassKind {
  /** Of the key of a class' record; its id follows. */
  prefix: string;
  /** Series, or sketches, in the unit that compaction goes by. */
  blockSize: number;
  /** What is wrong in the fields that only these classes have. */
  fault(meta: Record<string, unknown>): string | undefined;
  /** Those fields as they are, or as they are made up. */
  own(meta: Record<string, unknown> | undefined): Record<string, unknown>;
}

export const SERIES_CLASSES: ClassKind = {
  prefix: 'class/',
  blockSize: BLOCK_SERIES,
  fault: ({ imported }) =>
    typeof imported === 'boolean' ? undefined : 'it does not say whether it was imported',
  own: (meta) => ({ imported: meta?.['imported'] === true }),
};

export const SKETCH_CLASSES: ClassKind = {
  prefix: 'sketchClass/',
  blockSize: BLOCK_TIMERS,
  fault: ({ kind }) => (isSketchKind(kind) ? undefined : `its kind is ${JSON.stringify(kind)}`),
  own: (meta) => ({ kind: isSketchKind(meta?.['kind']) ? meta['kind'] : SKETCH_TIMER }),
};

/** What the checks use of a class of either kind. */
interface ClassNumbers {
  archives: Archive[];
  sidCount: number;
  states: ArchiveState[];
}

export class Classes {
  readonly kind: ClassKind;
  /** Those whose archives can be read; their states may be wrong. */
  readonly known = new Map<number, ClassNumbers>();
  /** Those whose record says nothing. */
  readonly unreadable = new Set<number>();
  /** Of the known ones those with a number that is wrong: none of their numbers is trusted. */
  readonly doubtful = new Set<number>();
  /** Of those what names, rows and chunks tell instead. */
  private readonly columnsFound = new Map<number, number>();
  private readonly seenRows = new Map<string, number>();

  constructor(kind: ClassKind) {
    this.kind = kind;
  }

  /** The number in the key of a class; undefined when it is no class of this kind. */
  idOf(name: string): number | undefined {
    const { prefix } = this.kind;
    if (!name.startsWith(prefix)) return undefined;
    const classId = Number(name.slice(prefix.length));
    return isCount(classId) && name === prefix + String(classId) ? classId : undefined;
  }

  /** Takes one over from its record; what is wrong with it, undefined when nothing is. */
  take(classId: number, value: Uint8Array): string | undefined {
    const meta = parseJson(value);
    if (!isObject(meta) || !areArchives(meta['archives'])) {
      this.unreadable.add(classId);
      return meta === undefined ? 'it is no JSON' : 'it has no archives that can be';
    }
    this.known.set(classId, meta as unknown as ClassNumbers);
    const fault = this.kind.fault(meta) ?? numbersFault(meta, this.kind.blockSize);
    if (fault !== undefined) this.doubtful.add(classId);
    return fault;
  }

  archive(classId: number, archiveIndex: number): Archive | undefined {
    return this.known.get(classId)?.archives[archiveIndex];
  }

  /** Columns used so far; a doubtful class does not tell. */
  sidCount(classId: number): number {
    if (this.doubtful.has(classId)) return Infinity;
    return this.known.get(classId)?.sidCount ?? 0;
  }

  /**
   * The newest row of an archive; undefined where the class does not tell, or where the clock was
   * set back once: then rows of later times lie in the ring.
   */
  head(classId: number, archiveIndex: number): number | undefined {
    if (this.doubtful.has(classId)) return undefined;
    const state = this.known.get(classId)?.states[archiveIndex];
    return state?.ahead === undefined ? state?.head : undefined;
  }

  /** Columns below `end` are there. */
  noteColumns(classId: number, end: number): void {
    if (!this.doubtful.has(classId)) return;
    this.columnsFound.set(classId, Math.max(end, this.columnsFound.get(classId) ?? 0));
  }

  /** A row that is there and whole. */
  seeRow(classId: number, archiveIndex: number, row: number): void {
    if (!this.doubtful.has(classId)) return;
    const at = `${classId}/${archiveIndex}`;
    this.seenRows.set(at, Math.max(row, this.seenRows.get(at) ?? -1));
  }

  /** A class as it should be: numbers of a doubtful one from its names and rows. */
  mended(classId: number): Record<string, unknown> & ClassNumbers {
    const meta = this.known.get(classId);
    const own = this.kind.own(meta as Record<string, unknown> | undefined);
    // In the place of one that is lost, because classes are numbered without gaps.
    const archives = meta?.archives ?? [{ step: 60, points: 60 }];
    if (meta !== undefined && !this.doubtful.has(classId)) return { ...meta };
    const states = archives.map((_, index) => {
      const head = this.seenRows.get(`${classId}/${index}`) ?? -1;
      // The rows of the chunk before are in the ring still, whatever was compacted.
      const cursorChunk = head < 0 ? 0 : Math.max(0, chunkOfRow(head) - 1);
      return { ...NO_STATE, head, cursorChunk };
    });
    return { archives, ...own, sidCount: this.columnsFound.get(classId) ?? 0, states };
  }

  /** What the rows tell of the newest times. */
  progress(): Progress {
    let newest = 0;
    for (const classId of this.known.keys()) {
      const { archives, states } = this.mended(classId);
      for (const [index, { step }] of archives.entries()) {
        newest = Math.max(newest, (states[index]?.head ?? 0) * step);
      }
    }
    return { lastFlush: newest, newest };
  }

  /** Ids that must be there: up to the highest that is known, without a gap. */
  get end(): number {
    return Math.max(-1, ...this.known.keys(), ...this.unreadable) + 1;
  }
}

export function parseJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(value) ?? '');
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** `10s:6h` in the spelling of steps and points, which needs no table of units. */
export function formatArchive({ step, points }: Archive): string {
  return `${step} s x ${points}`;
}

function areArchives(value: unknown): value is Archive[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 255) return false;
  let before = 0;
  for (const archive of value as unknown[]) {
    if (!isObject(archive)) return false;
    const { step, points } = archive;
    if (!isCount(step) || !isCount(points) || points === 0 || step <= before) return false;
    if (before > 0 && step % before !== 0) return false;
    before = step;
  }
  return true;
}

function numbersFault(meta: Record<string, unknown>, blockSize: number): string | undefined {
  const { archives, sidCount, states } = meta as unknown as ClassNumbers;
  if (!isCount(sidCount)) return `it has ${JSON.stringify(sidCount)} series`;
  if (!Array.isArray(states) || states.length !== archives.length) {
    return `it has no state for each of its ${archives.length} archives`;
  }
  const blocks = Math.ceil(sidCount / blockSize);
  for (const [index, state] of (states as unknown[]).entries()) {
    const fault = stateFault(state, blocks);
    if (fault !== undefined) return `archive ${index}: ${fault}`;
  }
  return undefined;
}

function isSketchKind(kind: unknown): kind is SketchKind {
  return kind === SKETCH_TIMER || kind === SKETCH_SET;
}

function stateFault(state: unknown, blocks: number): string | undefined {
  if (!isObject(state)) return 'it has no state';
  // Of sketches there is no headMs.
  const { head, ahead = -1, cursorChunk, cursorBlock, headMs = 0 } = state;
  for (const row of [head, ahead]) {
    if (row !== -1 && !isCount(row)) return `its newest row is ${JSON.stringify(row)}`;
  }
  if (typeof headMs !== 'number' || !(headMs >= 0)) return 'its newest row has no traffic';
  if (!isCount(cursorChunk) || !isCount(cursorBlock)) return 'its cursor is no place';
  const chunk = chunkOfRow(Number(head));
  if (chunk < 0) return undefined;
  if (cursorChunk > chunk || cursorChunk < chunk - 1) {
    return `its cursor is at chunk ${cursorChunk}, its newest row ${String(head)} in chunk ${chunk}`;
  }
  return cursorBlock > blocks ? `its cursor is at block ${cursorBlock} of ${blocks}` : undefined;
}
