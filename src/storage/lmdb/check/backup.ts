/**
 * A consistent copy of an open environment in one file, without free pages. LMDB copies a snapshot
 * of its own thread while writes go on; the file that is open is never touched or swapped. The copy
 * grows as `<file>.partial/data.mdb` and gets its name when it is durable, so that a file of that
 * name is always whole. To restore, put it into an empty folder as `data.mdb`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { lockDataDir } from '../../data-dir-lock.ts';
import { syncFile, syncFolder } from '../db/durable-file.ts';
import { DATA_FILE, type Environment, bytesInUse, openEnvironment } from '../db/environment.ts';
import { requireSound } from './sound-file.ts';

/** Where the copy is while it grows: its size is the progress. */
export function partialFile(file: string): string {
  return path.join(partialFolder(file), DATA_FILE);
}

/**
 * Throws `badFile` when the file is there already, its folder is not, or has too little room. The
 * caller sees to it that the environment stays open and that there is one backup at a time.
 */
export async function backupEnvironment(
  environment: Environment,
  file: string,
): Promise<{ bytes: number }> {
  const target = path.resolve(file);
  const needed = bytesInUse(environment);
  requireTarget(target, needed);
  const folder = partialFolder(target);
  try {
    fs.rmSync(partialFile(target), { force: true }); // what a backup that was killed left
    fs.mkdirSync(folder, { recursive: true });
    await environment.root.backup(folder, true);
    const copy = partialFile(target);
    syncFile(copy);
    const { size } = fs.statSync(copy);
    giveName(copy, target);
    return { bytes: size };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('badFile', `backup to ${target} failed: ${reason}`);
  } finally {
    fs.rmSync(partialFile(target), { force: true });
    if (fs.existsSync(folder)) fs.rmdirSync(folder);
    syncFolder(path.dirname(target));
  }
}

/** Of a folder that no server has: as it is, without a look at what is in it. */
export async function backupFolder(
  dataDir: string,
  mapSizeBytes: number,
  file: string,
): Promise<{ bytes: number }> {
  if (!fs.existsSync(path.join(dataDir, DATA_FILE))) {
    throw new UserError('notFound', `no data file in "${dataDir}", expected a store there`);
  }
  const lock = await lockDataDir(dataDir);
  try {
    requireSound(dataDir);
    const environment = openEnvironment(dataDir, mapSizeBytes);
    try {
      return await backupEnvironment(environment, file);
    } finally {
      await environment.root.close();
    }
  } finally {
    await lock.release();
  }
}

function partialFolder(file: string): string {
  return `${path.resolve(file)}.partial`;
}

function requireTarget(target: string, needed: number): void {
  const folder = path.dirname(target);
  requireName(target);
  if (fs.existsSync(target)) throw there(target);
  if (!fs.existsSync(folder)) {
    throw new UserError('badFile', `no folder "${folder}", expected it for the backup`);
  }
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = bavail * bsize;
  if (free < needed) {
    throw new UserError(
      'badFile',
      `${folder} has ${free} bytes free, expected ${needed} for the backup`,
    );
  }
}

/** Whether the system takes such a path at all: a NUL, or a part that is too long, it does not. */
function requireName(target: string): void {
  try {
    fs.lstatSync(partialFile(target));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    const shown = JSON.stringify(target.length > 80 ? `${target.slice(0, 80)}…` : target);
    throw new UserError('badFile', `backup to ${shown}: expected the path of a new file (${code})`);
  }
}

/** Never over a file that is there: a link fails then, where a rename would not. */
function giveName(copy: string, target: string): void {
  try {
    fs.linkSync(copy, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw there(target);
    // File systems without links.
    fs.renameSync(copy, target);
  }
}

function there(target: string): UserError {
  return new UserError('badFile', `${target} is there already, expected a name that is free`);
}
