/**
 * Drops what `verify` found damaged, and nothing beside it. Where LMDB's trees are whole, damaged
 * records are dropped in place (a row keeps its whole blocks). Where pages of them are lost, all
 * records that can be read go into a new file, which then takes the place of the old one; that
 * stays beside it under another name. For a folder that nobody has open.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { UserError } from '../../../lib/errors.ts';
import { slices } from '../../../lib/slices.ts';
import { DATA_FILE, databaseOf, openEnvironment } from '../db/environment.ts';
import { PageFile } from './page-file.ts';
import { syncFolder } from '../db/durable-file.ts';
import type { Verified } from './verify.ts';
import { FORMAT_KEY, completeMeta } from '../db/meta.ts';

export interface Repaired {
  dropped: number;
  /** Kept in part, or computed anew. */
  mended: number;
  /** Where the file before the repair is, when there is a new one. */
  oldFile: string | undefined;
}

const BATCH = 1000;

export async function repairFolder(
  dataDir: string,
  mapSizeBytes: number,
  verified: Verified,
): Promise<Repaired> {
  requireFormat(verified);
  return verified.isSound
    ? repairInPlace(dataDir, mapSizeBytes, verified)
    : salvage(dataDir, mapSizeBytes, verified);
}

async function repairInPlace(
  dataDir: string,
  mapSizeBytes: number,
  verified: Verified,
): Promise<Repaired> {
  const environment = openEnvironment(dataDir, mapSizeBytes);
  try {
    let dropped = 0;
    let mended = 0;
    for (const [name, keys] of verified.damaged) {
      const database = databaseOf(environment, name);
      const check = verified.checks.get(name);
      for (const some of slices(keys, BATCH)) {
        environment.root.transactionSync(() => {
          for (const key of some) {
            const value = database.get(key);
            const whole = value === undefined ? undefined : check?.mend?.(key, value);
            if (whole === undefined) database.removeSync(key);
            else database.putSync(key, whole);
            if (whole === undefined) dropped += 1;
            else mended += 1;
          }
        });
        await turn();
      }
    }
    completeMeta(environment, verified.classes);
    return { dropped, mended, oldFile: undefined };
  } finally {
    await environment.root.close();
  }
}

async function salvage(
  dataDir: string,
  mapSizeBytes: number,
  verified: Verified,
): Promise<Repaired> {
  const file = path.join(dataDir, DATA_FILE);
  requireSpace(dataDir, verified.fileBytes);
  const folder = fs.mkdtempSync(path.join(dataDir, 'repair-'));
  try {
    const counts = await copyWhole(file, folder, mapSizeBytes, verified);
    const oldFile = unusedName(`${file}.damaged`);
    fs.renameSync(file, oldFile);
    fs.renameSync(path.join(folder, DATA_FILE), file);
    fs.rmSync(path.join(dataDir, 'lock.mdb'), { force: true });
    syncFolder(dataDir);
    return { ...counts, oldFile };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function copyWhole(
  file: string,
  folder: string,
  mapSizeBytes: number,
  verified: Verified,
): Promise<{ dropped: number; mended: number }> {
  const pages = new PageFile(file);
  const environment = openEnvironment(folder, mapSizeBytes);
  try {
    let dropped = 0;
    let mended = 0;
    for (const name of pages.databases()) {
      const database = databaseOf(environment, name);
      const check = verified.checks.get(name);
      const damaged = new Set(verified.damaged.get(name)?.map(textOfKey));
      let batch: { key: Uint8Array; value: Uint8Array }[] = [];
      const write = async (): Promise<void> => {
        environment.root.transactionSync(() => {
          for (const { key, value } of batch) database.putSync(key, value);
        });
        batch = [];
        await turn();
      };
      for (const { key, value } of pages.records(name)) {
        const isDamaged = damaged.has(textOfKey(key));
        const whole = isDamaged ? check?.mend?.(key, value) : value;
        if (whole === undefined) dropped += 1;
        else batch.push({ key, value: whole });
        if (isDamaged && whole !== undefined) mended += 1;
        if (batch.length >= BATCH) await write();
      }
      await write();
    }
    completeMeta(environment, verified.classes);
    return { dropped, mended };
  } finally {
    pages.close();
    await environment.root.close();
  }
}

/**
 * Without its format the store is taken to be of this version, when the names can be read as such;
 * else nobody knows what the rest is.
 */
function requireFormat({ damaged, databases }: Verified): void {
  const hasFormat = !damaged.get('meta')?.some((key) => textOfKey(key) === textOfKey(FORMAT_KEY));
  if (hasFormat) return;
  const names = databases.find(({ database }) => database === 'name');
  if (names !== undefined && names.faults === 0 && names.records > 0) return;
  throw new UserError(
    'badFile',
    'the record of the format is damaged and so are names: nothing tells what the data is, ' +
      'expected a store to repair; restore it from a backup',
  );
}

function requireSpace(dataDir: string, bytes: number): void {
  const { bavail, bsize } = fs.statfsSync(dataDir);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    'badFile',
    `${dataDir} has ${bavail * bsize} bytes free, expected ${bytes} for the file that takes what ` +
      'can be read',
  );
}

function unusedName(name: string): string {
  for (let number = 1; ; number++) {
    const file = number === 1 ? name : `${name}-${number}`;
    if (!fs.existsSync(file)) return file;
  }
}

function textOfKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
