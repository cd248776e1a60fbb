/**
 * The sketches' databases within the environment of a data folder, and their class records
 * (ring/FORMAT.md, "Sketches").
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import { ROW_RING, chunkSlots } from '../../ring/ring.ts';
import type { SketchState } from '../../ring/sketches/sketch-columns.ts';
import type { SketchRecordReader } from '../../ring/sketches/sketch-source.ts';
import type { Archive } from '../../retention/archives.ts';
import { type Environment, ringKey } from './environment.ts';

const CLASS_PREFIX = 'sketchClass/';

export interface SketchClassMeta {
  archives: Archive[];
  kind: SketchKind;
  /** Columns used so far. */
  sidCount: number;
  states: SketchState[];
}

export function sketchRowKey(
  classId: number,
  archiveIndex: number,
  row: number,
  block: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, row % ROW_RING, block);
}

export function sketchChunkKey(
  classId: number,
  archiveIndex: number,
  archive: Archive,
  chunk: number,
  column: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, chunk % chunkSlots(archive), column);
}

/** Records of one class; each is overwritten by the next that is read. */
export function sketchRecordsOf(
  { sketchRows, sketchChunks }: Environment,
  classId: number,
  archives: readonly Archive[],
): SketchRecordReader {
  return {
    row: (archiveIndex, row, block) =>
      sketchRows.getBinaryFast(sketchRowKey(classId, archiveIndex, row, block)),
    chunk(archiveIndex, chunk, column) {
      const archive = archives[archiveIndex]!; // asked for archives of the class only
      const key = sketchChunkKey(classId, archiveIndex, archive, chunk, column);
      return sketchChunks.getBinaryFast(key);
    },
  };
}

export function readSketchClass(
  environment: Environment,
  classId: number,
): SketchClassMeta | undefined {
  const bytes = environment.meta.get(classKey(classId));
  return bytes === undefined ? undefined : readMeta(bytes);
}

/** All classes by id; some may be missing from a folder that was repaired. */
export function readSketchClasses(environment: Environment): Map<number, SketchClassMeta> {
  const classes = new Map<number, SketchClassMeta>();
  for (const { key, value } of environment.meta.getRange({ start: Buffer.from(CLASS_PREFIX) })) {
    const name = Buffer.from(key).toString('utf8');
    if (!name.startsWith(CLASS_PREFIX)) break;
    const meta = readMeta(value);
    if (meta !== undefined) classes.set(Number(name.slice(CLASS_PREFIX.length)), meta);
  }
  return classes;
}

/** Undefined when it is damaged. */
function readMeta(bytes: Uint8Array): SketchClassMeta | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as SketchClassMeta;
  } catch {
    return undefined;
  }
}

/** Within a transaction. */
export function putSketchClass(
  environment: Environment,
  classId: number,
  meta: SketchClassMeta,
): void {
  environment.meta.putSync(classKey(classId), Buffer.from(JSON.stringify(meta)));
}

function classKey(classId: number): Uint8Array {
  return Buffer.from(CLASS_PREFIX + classId);
}
