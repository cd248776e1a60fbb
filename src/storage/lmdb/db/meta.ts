/**
 * The meta records of a data folder, as JSON under plain keys (ring/FORMAT.md, "Meta"): format
 * version, progress, and one record a class with the state of its rings.
 */
import { UserError } from '../../../lib/errors.ts';
import type { ArchiveState } from '../../ring/values/columns.ts';
import type { Archive } from '../../retention/archives.ts';
import { FORMAT_VERSION, type Environment } from './environment.ts';

export interface ClassMeta {
  archives: Archive[];
  /** Classes of imported series are apart, so that their rings turn with their own data. */
  imported: boolean;
  /** Columns used so far. */
  sidCount: number;
  states: ArchiveState[];
}

export interface Progress {
  /** Epoch seconds of the newest flush. */
  lastFlush: number;
  /** Newest time of any point. */
  newest: number;
}

const FORMAT_KEY = metaKey('format');
const PROGRESS_KEY = metaKey('progress');
const CLASS_PREFIX = 'class/';

/**
 * Writes the version into a folder that is new or older; throws `badFile` where a newer tallyd
 * wrote. What format 1 has, format 2 has as well: from then on an older tallyd, which would not
 * find what the rest of format 2 says, is kept out.
 */
export function checkFormat(environment: Environment, dataDir: string): void {
  const found = readJson(environment, FORMAT_KEY) as { version: number } | undefined;
  if (found === undefined || found.version < FORMAT_VERSION) {
    environment.root.transactionSync(() => {
      environment.meta.putSync(FORMAT_KEY, json({ version: FORMAT_VERSION }));
    });
  } else if (!(found.version <= FORMAT_VERSION)) {
    throw new UserError(
      'badFile',
      `data folder ${dataDir} has format ${found.version}, which a newer tallyd wrote; ` +
        `this one reads up to format ${FORMAT_VERSION}`,
    );
  }
}

export function readProgress(environment: Environment): Progress {
  return (
    (readJson(environment, PROGRESS_KEY) as Progress | undefined) ?? { lastFlush: 0, newest: 0 }
  );
}

export function readClass(environment: Environment, classId: number): ClassMeta | undefined {
  return readJson(environment, classKey(classId)) as ClassMeta | undefined;
}

/** All classes by id. */
export function readClasses(environment: Environment): Map<number, ClassMeta> {
  const classes = new Map<number, ClassMeta>();
  for (let classId = 0; ; classId++) {
    const meta = readClass(environment, classId);
    if (meta === undefined) return classes;
    classes.set(classId, meta);
  }
}

/** Within a transaction. */
export function putProgress(environment: Environment, progress: Progress): void {
  environment.meta.putSync(PROGRESS_KEY, json(progress));
}

/** Within a transaction. */
export function putClass(environment: Environment, classId: number, meta: ClassMeta): void {
  environment.meta.putSync(classKey(classId), json(meta));
}

function classKey(classId: number): Uint8Array {
  return metaKey(CLASS_PREFIX + classId);
}

function metaKey(text: string): Uint8Array {
  return Buffer.from(text);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function readJson(environment: Environment, key: Uint8Array): unknown {
  const bytes = environment.meta.get(key);
  if (bytes === undefined) return undefined;
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
