/**
 * Database `meta`, JSON under plain keys (FORMAT.md, "Meta"): the format, the progress, and one
 * record a class (class-record.ts). Its check reads the classes for all others.
 */
import { UserError } from '../../../lib/errors.ts';
import { classKey, encodeClass, lostRecord } from './class-record.ts';
import type { Binary, Root } from './database.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { AllClasses, KnownClasses } from './known-classes.ts';
import { openJson, sealJson } from './sealed-text.ts';
import { encodeJson, isCount, isObject, parseJson, shown, textOf } from './text.ts';
import { type WriteBatch, commitBatch } from './write-batch.ts';

/**
 * Raised when an older tallyd could not read what this one writes. 3: names are in the form of
 * wire/series-name.ts, which an older one would not look for.
 */
const FORMAT_VERSION = 3;
export const FORMAT_KEY = Buffer.from('format');
const PROGRESS_KEY = Buffer.from('progress');
const OWNER_KEY = Buffer.from('owner');

export const META: DatabaseSpec = { name: 'meta', check: (classes) => new MetaCheck(classes) };

interface MetaEnvironment {
  root: Root;
  meta: Binary;
}

export interface Progress {
  /** Epoch seconds of the newest flush. */
  lastFlush: number;
  /** Newest time of any point. */
  newest: number;
}

/**
 * Whether the folder is of this format; one that is new or older is to be brought there, and
 * `putFormat` says that it was. Throws `badFile` where a newer tallyd wrote.
 */
export function isOfFormat(environment: MetaEnvironment, dataDir: string): boolean {
  const found = readJson(environment, FORMAT_KEY) as { version: number } | undefined;
  if (found === undefined || found.version < FORMAT_VERSION) return false;
  if (found.version === FORMAT_VERSION) return true;
  throw new UserError(
    'badFile',
    `data folder ${dataDir} has format ${found.version}, which a newer tallyd wrote; ` +
      `this one reads up to format ${FORMAT_VERSION}`,
  );
}

/** From now on an older tallyd, which would not find what this format says, is kept out. */
export function putFormat(environment: MetaEnvironment): void {
  commitBatch(environment, (batch) => {
    batch.put(environment.meta, FORMAT_KEY, formatRecord(FORMAT_VERSION));
  });
}

/** Who committed last (write/fence.ts). */
export interface Committer {
  /** As in the record of the folder's owner. */
  token: string;
  /** Of all owners. */
  commits: number;
}

export function readCommitter(environment: MetaEnvironment): Committer {
  const found = readJson(environment, OWNER_KEY) as Committer | undefined;
  return found ?? { token: '', commits: 0 };
}

export function putCommitter(
  batch: WriteBatch,
  { meta }: MetaEnvironment,
  { token, commits }: Committer,
): void {
  batch.put(meta, OWNER_KEY, sealJson(OWNER_KEY, { token, commits }));
}

export function readProgress(environment: MetaEnvironment): Progress {
  const found = readJson(environment, PROGRESS_KEY) as Progress | undefined;
  return found ?? { lastFlush: 0, newest: 0 };
}

export function putProgress(
  batch: WriteBatch,
  { meta }: MetaEnvironment,
  { lastFlush, newest }: Progress,
): void {
  batch.put(meta, PROGRESS_KEY, sealJson(PROGRESS_KEY, { lastFlush, newest }));
}

/** What must be there and is not, or could not be read at all, as far as it is known. */
export function completeMeta(environment: MetaEnvironment, classes: AllClasses): void {
  const { meta } = environment;
  commitBatch(environment, (batch) => {
    const put = (key: Uint8Array, record: () => Uint8Array): void => {
      if (meta.get(key) === undefined) batch.put(meta, key, record());
    };
    // Nothing tells whether its names were brought into their form: the next start looks.
    put(FORMAT_KEY, () => formatRecord(FORMAT_VERSION - 1));
    for (const all of [classes.series, classes.sketches]) {
      for (let classId = 0; classId < all.end; classId++) {
        put(classKey(all.kind, classId), () =>
          encodeClass(classKey(all.kind, classId), all.mended(classId)),
        );
      }
    }
  });
}

/** Without a checksum, so that every version can read it. */
function formatRecord(version: number): Uint8Array {
  return encodeJson({ version });
}

function readJson(environment: MetaEnvironment, key: Uint8Array): unknown {
  const bytes = environment.meta.get(key);
  if (bytes === undefined) return undefined;
  const found = openJson(key, bytes);
  if (!isObject(found)) throw lostRecord(Buffer.from(key).toString());
  return found;
}

class MetaCheck implements Check {
  private readonly classes: AllClasses;
  private readonly found = new Set<string>();

  constructor(classes: AllClasses) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    return `record ${shown(textOf(key) ?? 'not UTF-8')}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const name = textOf(key);
    if (name === undefined) return 'its key is not UTF-8';
    this.found.add(name);
    if (FORMAT_KEY.equals(key)) {
      const fault = formatFault(value);
      this.classes.hasOldNames = fault !== undefined || isOlder(value);
      return fault;
    }
    if (PROGRESS_KEY.equals(key)) return progressFault(value);
    if (OWNER_KEY.equals(key)) return ownerFault(value);
    const found = this.classOf(key);
    if (found === undefined) return 'it is none that this tallyd knows';
    return found.classes.take(found.classId, value);
  }

  loss(key: Uint8Array): string {
    if (FORMAT_KEY.equals(key)) return 'nothing can be read without it';
    if (PROGRESS_KEY.equals(key)) return 'nothing: it is computed anew from the rows';
    if (OWNER_KEY.equals(key)) return 'nothing: the next commit writes it';
    const found = this.classOf(key);
    if (found === undefined) return 'nothing that is used';
    return found.classes.known.has(found.classId)
      ? 'nothing: its state is computed anew from the rows'
      : 'all series of the class';
  }

  /** Names and rows must have come by for it. */
  mend(key: Uint8Array): Uint8Array | undefined {
    const found = this.classOf(key);
    if (found !== undefined) return encodeClass(key, found.classes.mended(found.classId));
    if (!PROGRESS_KEY.equals(key)) return undefined;
    const newest = this.classes.series.newestTime();
    return sealJson(PROGRESS_KEY, { lastFlush: newest, newest });
  }

  rest(): { where: string; what: string }[] {
    const faults: { where: string; what: string }[] = [];
    if (!this.found.has('format')) {
      faults.push({ where: 'record "format"', what: 'it is not there' });
    }
    for (const { known, unreadable, end, kind } of this.all()) {
      for (let classId = 0; classId < end; classId++) {
        if (known.has(classId) || unreadable.has(classId)) continue;
        faults.push({ where: `record "${kind.prefix}${classId}"`, what: 'it is not there' });
      }
    }
    return faults;
  }

  private classOf(key: Uint8Array): { classes: KnownClasses; classId: number } | undefined {
    for (const classes of this.all()) {
      const classId = classes.idOf(textOf(key) ?? '');
      if (classId !== undefined) return { classes, classId };
    }
    return undefined;
  }

  private all(): KnownClasses[] {
    return [this.classes.series, this.classes.sketches];
  }
}

function formatFault(value: Uint8Array): string | undefined {
  const format = parseJson(value);
  if (!isObject(format) || !isCount(format['version'])) return 'it has no version';
  const { version } = format;
  if (version >= 1 && version <= FORMAT_VERSION) return undefined;
  return `it is format ${version}, this tallyd reads up to ${FORMAT_VERSION}`;
}

/** Whether the record says that the file is of this format, and so has all databases. */
export function saysFormat(key: Uint8Array, value: Uint8Array): boolean {
  return FORMAT_KEY.equals(key) && formatFault(value) === undefined && !isOlder(value);
}

function isOlder(format: Uint8Array): boolean {
  return (parseJson(format) as { version: number }).version < FORMAT_VERSION;
}

function progressFault(value: Uint8Array): string | undefined {
  const progress = openJson(PROGRESS_KEY, value);
  if (!isObject(progress)) return 'its checksum is wrong, or it is no JSON object';
  const { lastFlush, newest } = progress;
  if (!isCount(lastFlush) || !isCount(newest)) return 'its times are none';
  return newest < lastFlush ? `its newest time ${newest} is before flush ${lastFlush}` : undefined;
}

function ownerFault(value: Uint8Array): string | undefined {
  const owner = openJson(OWNER_KEY, value);
  if (!isObject(owner)) return 'its checksum is wrong, or it is no JSON object';
  const { token, commits } = owner;
  return typeof token === 'string' && isCount(commits) ? undefined : 'it names no owner';
}
