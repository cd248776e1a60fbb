/**
 * `verify` of a store that goes on: some records a call, each call in a snapshot of its own, so that
 * none is held for long and the file does not grow for it. Every part reads the classes of its own
 * snapshot; what changes between parts is no fault. Ids are compared within a part only.
 */
import { UserError } from '../../../lib/errors.ts';
import type { VerifiedPart } from '../../roles.ts';
import type { Binary } from '../db/database.ts';
import { type Environment, databaseNames, databaseOf } from '../db/environment.ts';
import type { Check } from '../db/database-spec.ts';
import { checksOf } from '../db/databases.ts';
import { type AllClasses, noClasses } from '../db/known-classes.ts';

/** A part is some ten milliseconds of the main thread. */
const PART_RECORDS = 2000;
const PART_BYTES = 2 ** 21;
const PART_FAULTS = 100;

export function verifyPart(environment: Environment, after?: string): VerifiedPart {
  // Before anything is read: opening one ends the snapshot that was there.
  const sources = new Map(
    databaseNames(environment).map((name) => [name, databaseOf(environment, name)]),
  );
  environment.root.resetReadTxn();
  try {
    const checks = checksOf(readAllClasses(environment));
    const order = [...checks].filter(([database]) => sources.has(database));
    const { index, key } = readCursor(order, after);
    return walkPart(sources, order, index, key);
  } finally {
    environment.root.resetReadTxn();
  }
}

function walkPart(
  sources: ReadonlyMap<string, Binary>,
  checks: readonly [database: string, check: Check][],
  index: number,
  after: Uint8Array | undefined,
): VerifiedPart {
  const [database, check] = checks[index]!; // of readCursor
  const source = sources.get(database)!; // those in order are there
  const total = (source.getStats() as { entryCount: number }).entryCount;
  const part: VerifiedPart = { database, records: 0, bytes: 0, total, faultCount: 0, faults: [] };
  const report = (where: string, what: string, loss: string): void => {
    part.faultCount += 1;
    if (part.faults.length < PART_FAULTS) part.faults.push({ where, what, loss });
  };
  const start = after === undefined ? {} : { start: after };
  for (const entry of source.getRange({ ...start, limit: PART_RECORDS + 1 })) {
    const key = copyOf(entry.key);
    if (after !== undefined && Buffer.compare(key, after) === 0) continue;
    const value = copyOf(entry.value);
    const what = check.fault(key, value);
    if (what !== undefined) report(check.where(key), what, check.loss(key, value));
    part.records += 1;
    part.bytes += key.length + value.length;
    if (part.records < PART_RECORDS && part.bytes < PART_BYTES) continue;
    return { ...part, next: `${database}/${Buffer.from(key).toString('hex')}` };
  }
  // Told of all the records of the database, which only a part without a start has seen.
  if (after === undefined)
    for (const { where, what } of check.rest?.() ?? []) report(where, what, '');
  const next = checks[index + 1]?.[0];
  return next === undefined ? part : { ...part, next: `${next}/` };
}

/** Throws `badRequest` for a cursor that is none. */
function readCursor(
  checks: readonly [database: string, check: Check][],
  cursor: string | undefined,
): { index: number; key: Uint8Array | undefined } {
  if (cursor === undefined) return { index: 0, key: undefined };
  const slash = cursor.indexOf('/');
  const index = checks.findIndex(([database]) => database === cursor.slice(0, slash));
  const hex = cursor.slice(slash + 1);
  if (index < 0 || !/^([0-9a-f]{2})*$/.test(hex)) {
    throw new UserError('badRequest', `read part "${cursor}", expected the next of the one before`);
  }
  return { index, key: hex === '' ? undefined : Buffer.from(hex, 'hex') };
}

function readAllClasses({ meta }: Environment): AllClasses {
  const all = noClasses();
  all.hasOldNames = false; // the start of the store has brought them to their form
  for (const { key, value } of meta.getRange()) {
    const name = Buffer.from(copyOf(key)).toString('utf8');
    for (const classes of [all.series, all.sketches]) {
      const classId = classes.idOf(name);
      if (classId !== undefined) classes.take(classId, copyOf(value));
    }
  }
  return all;
}

/** Of lmdb's own buffers only `length` is to be trusted. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let i = 0; i < copy.length; i++) copy[i] = bytes[i]!;
  return copy;
}
