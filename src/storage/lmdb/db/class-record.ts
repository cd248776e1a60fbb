/**
 * Records of classes in database `meta` (FORMAT.md, "Meta"): `class/N` of series, `sketchClass/N` of
 * sketches, each with the state of its rings. The JSON keys are those of the first version, whatever
 * the properties are called here.
 */
import { UserError } from '../../../lib/errors.ts';
import { SKETCH_SET, SKETCH_TIMER, type SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { BLOCK_SERIES, chunkOfRow } from '../../ring/ring.ts';
import { NEVER_WRITTEN, type RingState } from '../../ring/ring-clock.ts';
import { BLOCK_TIMERS } from '../../ring/sketches/sketch-columns.ts';
import { type ArchiveState, NO_STATE } from '../../ring/values/columns.ts';
import type { Binary } from './database.ts';
import { openJson, sealJson } from './sealed-text.ts';
import { isCount, isObject } from './text.ts';
import type { WriteBatch } from './write-batch.ts';

export interface ClassRecord<State extends RingState = RingState> {
  archives: Archive[];
  /** Columns used so far. */
  columnCount: number;
  states: readonly State[];
}

export interface SeriesClassRecord extends ClassRecord<ArchiveState> {
  /** Classes of imported series are apart, so that their rings turn with their own data. */
  imported: boolean;
}

export interface SketchClassRecord extends ClassRecord {
  kind: SketchKind;
}

/** What sets the classes of series apart from those of sketches. */
export interface ClassKind<Own extends ClassRecord = ClassRecord> {
  /** Of the key; the id of the class follows. */
  prefix: string;
  /** Of the class in sentences. */
  suffix: string;
  /** Series, or sketches, in the unit that compaction goes by. */
  blockSize: number;
  /** Of a ring that nothing was written to. */
  noState: Own['states'][number];
  /** Whether a store goes on without a class that cannot be read. */
  isOptional: boolean;
  /** What is wrong in the fields that only these classes have. */
  fault(stored: Stored): string | undefined;
  /** Those fields as they are, or as they are made up. */
  own(stored: Stored | undefined): Omit<Own, keyof ClassRecord>;
}

export const SERIES_CLASSES: ClassKind<SeriesClassRecord> = {
  prefix: 'class/',
  suffix: '',
  blockSize: BLOCK_SERIES,
  noState: NO_STATE,
  isOptional: false,
  fault: ({ imported }) =>
    typeof imported === 'boolean' ? undefined : 'it does not say whether it was imported',
  own: (stored) => ({ imported: stored?.['imported'] === true }),
};

export const SKETCH_CLASSES: ClassKind<SketchClassRecord> = {
  prefix: 'sketchClass/',
  suffix: ' of sketches',
  blockSize: BLOCK_TIMERS,
  noState: NEVER_WRITTEN,
  isOptional: true,
  fault: ({ kind }) => (isSketchKind(kind) ? undefined : `its kind is ${JSON.stringify(kind)}`),
  own: (stored) => ({ kind: isSketchKind(stored?.['kind']) ? stored['kind'] : SKETCH_TIMER }),
};

/** A record as its JSON has it. */
export type Stored = Record<string, unknown>;

interface WithMeta {
  meta: Binary;
}

/** All classes by id. Throws `badFile` where one is lost that is not optional. */
export function readClasses<Own extends ClassRecord>(
  { meta }: WithMeta,
  kind: ClassKind<Own>,
): Map<number, Own> {
  const found: [number, Own][] = [];
  const start = Buffer.from(kind.prefix);
  for (const { key, value } of meta.getRange({ start })) {
    const name = Buffer.from(key).toString('utf8');
    if (!name.startsWith(kind.prefix)) break;
    const record = decodeClass<Own>(openJson(key, value));
    if (record !== undefined) found.push([Number(name.slice(kind.prefix.length)), record]);
    else if (!kind.isOptional) throw lostRecord(name);
  }
  found.sort(([one], [other]) => one - other);
  const gap = found.findIndex(([classId], i) => classId !== i);
  if (gap >= 0 && !kind.isOptional) throw lostRecord(kind.prefix + String(gap));
  return new Map(found);
}

export function putClass<Own extends ClassRecord>(
  batch: WriteBatch,
  { meta }: WithMeta,
  kind: ClassKind<Own>,
  classId: number,
  record: Own,
): void {
  const key = classKey(kind, classId);
  batch.put(meta, key, encodeClass(key, record));
}

export function classKey({ prefix }: Pick<ClassKind, 'prefix'>, classId: number): Uint8Array {
  return Buffer.from(prefix + String(classId));
}

export function encodeClass(
  key: Uint8Array,
  { archives, columnCount, states, ...own }: ClassRecord,
): Uint8Array {
  const stored = { archives, ...own, sidCount: columnCount, states: states.map(storedState) };
  return sealJson(key, stored);
}

/** Undefined when the JSON is no such record; its numbers may be wrong (storedFault). */
export function decodeClass<Own extends ClassRecord>(stored: unknown): Own | undefined {
  if (!isObject(stored) || !Array.isArray(stored['states'])) return undefined;
  const { sidCount, states, ...own } = stored as Stored & { states: StoredState[] };
  return { ...own, columnCount: sidCount, states: states.map(stateOf) } as unknown as Own;
}

/** Whether there can be a class of these archives. */
export function areArchives(value: unknown): value is Archive[] {
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

/** What is wrong with the numbers of a record whose archives can be. */
export function storedFault(stored: Stored, kind: ClassKind): string | undefined {
  const { sidCount, states } = stored;
  const archives = stored['archives'] as Archive[]; // areArchives
  const own = kind.fault(stored);
  if (own !== undefined) return own;
  if (!isCount(sidCount)) return `it has ${JSON.stringify(sidCount)} series`;
  if (!Array.isArray(states) || states.length !== archives.length) {
    return `it has no state for each of its ${archives.length} archives`;
  }
  const blocks = Math.ceil(sidCount / kind.blockSize);
  for (const [index, state] of (states as unknown[]).entries()) {
    const fault = stateFault(state, blocks);
    if (fault !== undefined) return `archive ${index}: ${fault}`;
  }
  return undefined;
}

/** The state of a ring as its JSON has it; sketches have no `headMs` and no `revision`. */
interface StoredState {
  head: number;
  cursorChunk: number;
  cursorBlock: number;
  headMs?: number | undefined;
  ahead?: number | undefined;
  revision?: number | undefined;
}

function storedState(state: RingState & Partial<ArchiveState>): StoredState {
  return {
    head: state.newestRow,
    cursorChunk: state.compactedUpTo,
    cursorBlock: state.compactedBlocks,
    headMs: state.newestRowMs,
    ahead: state.trustedRow,
    revision: state.revision,
  };
}

function stateOf(stored: StoredState): RingState & Partial<ArchiveState> {
  const { head, cursorChunk, cursorBlock, headMs, ahead, revision } = stored;
  return {
    newestRow: head,
    compactedUpTo: cursorChunk,
    compactedBlocks: cursorBlock,
    ...(headMs === undefined ? {} : { newestRowMs: headMs }),
    ...(ahead === undefined ? {} : { trustedRow: ahead }),
    ...(revision === undefined ? {} : { revision }),
  };
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

/** Of database `meta`, without which nothing can be opened. */
export function lostRecord(name: string): UserError {
  return new UserError(
    'badFile',
    `record "${name}" of the data file is damaged or not there; ` +
      'see what is left with "tallyd verify --repair --dry-run", or restore a backup',
  );
}
