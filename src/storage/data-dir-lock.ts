/**
 * One process a data folder. On Linux the lock is an abstract unix socket named by the folder's
 * device and inode: the kernel gives it to one process and takes it back when that one dies, however
 * it dies. The file `tallyd.lock` beside the data says who it is; where there are no abstract
 * sockets it is the lock itself, and stale once its process is gone or was started at another time.
 */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../lib/errors.ts';

const LOCK_FILE = 'tallyd.lock';

interface Owner {
  pid: number;
  /** Where it serves HTTP, `http://127.0.0.1:8080`; absent for one that does not, or not yet. */
  url?: string;
  /** Tells a process from a later one with the same number; '' where it cannot be known. */
  started: string;
}

export interface DataDirLock {
  release(): Promise<void>;
}

/** Throws `dataDirTaken` while another process, or another store of this one, has the folder. */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const file = path.join(dataDir, LOCK_FILE);
  const server = process.platform === 'linux' ? await listen(dataDir) : undefined;
  if (server === 'taken') throw taken(dataDir, readOwner(file));
  const owner = readOwner(file);
  if (server === undefined || owner?.pid !== process.pid) {
    if (owner !== undefined && isAlive(owner)) {
      server?.close();
      throw taken(dataDir, owner);
    }
  }
  try {
    writeOwner(file, { pid: process.pid, started: startOf(process.pid) });
  } catch (error) {
    server?.close();
    throw new UserError(
      'badFile',
      `data folder ${dataDir} cannot be written: ${sentenceOf(error)}`,
    );
  }
  return {
    async release() {
      fs.rmSync(file, { force: true });
      if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Tells others where the process that has the folder, this one, can be asked over HTTP. */
export function announceServer(dataDir: string, url: string): void {
  const file = path.join(dataDir, LOCK_FILE);
  const owner = readOwner(file);
  if (owner?.pid === process.pid) writeOwner(file, { ...owner, url });
}

/** Where the process that has the folder serves HTTP; undefined when it does not. */
export function findServer(dataDir: string): string | undefined {
  const owner = readOwner(path.join(dataDir, LOCK_FILE));
  return owner !== undefined && isAlive(owner) ? owner.url : undefined;
}

/** Whole or not at all, for those who read it meanwhile. */
function writeOwner(file: string, owner: Owner): void {
  const partial = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(partial, JSON.stringify(owner));
    fs.renameSync(partial, file);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function listen(dataDir: string): Promise<net.Server | 'taken'> {
  const { dev, ino } = fs.statSync(dataDir);
  const server = net.createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else reject(error);
    });
    server.listen(`\0tallyd-data-${dev}-${ino}`, () => {
      server.unref();
      resolve(server);
    });
  });
}

function taken(dataDir: string, owner: Owner | undefined): UserError {
  const process = owner === undefined ? 'another process' : `process ${owner.pid}`;
  return new UserError(
    'dataDirTaken',
    `data folder ${dataDir} is in use by another tallyd (${process}), expected one to itself`,
  );
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) === started;
}

/** Start of a process in clock ticks since boot, with the boot; '' where there is no /proc. */
function startOf(pid: number): string {
  if (os.platform() !== 'linux') return '';
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the 22nd field, the 20th after it.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}
