/**
 * The kernel's own lock on a file, `flock(2)`: one holder on a machine whatever namespaces it lives
 * in, gone with the holder however that dies. Node has no call for it, so `flock(1)` takes it on a
 * descriptor that it is handed: the lock belongs to the open file, and outlives the program.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export interface KernelLock {
  /**
   * `unknown`: there is no `flock(1)` on this machine, or the file system has no such locks; the
   * caller has to find out in another way whether it is alone.
   */
  state: 'held' | 'taken' | 'unknown';
  release(): void;
}

/** How `flock -n` says that another holds the lock; it says why where it is anything else. */
const TAKEN = 1;

/**
 * Opens the file, made where there is none, and tries once. Nobody but the file's owner can open it,
 * and with it take the lock. Throws what the file system says of a file that cannot be opened.
 */
export async function takeKernelLock(file: string): Promise<KernelLock> {
  const descriptor = openPrivate(file);
  const state = process.platform === 'win32' ? 'unknown' : await tryFlock(descriptor);
  let isOpen = true;
  const release = (): void => {
    if (isOpen) fs.closeSync(descriptor);
    isOpen = false;
  };
  if (state === 'taken') release();
  return { state, release };
}

/** A verb that root ran must not shut the server's user out. */
export function openPrivate(file: string, mode = 0o600): number {
  const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, mode);
  try {
    if (process.getuid?.() === 0) {
      const { uid, gid } = fs.statSync(path.dirname(file));
      fs.fchownSync(descriptor, uid, gid);
    }
    fs.fchmodSync(descriptor, mode);
  } catch {
    // A file system without owners, or a file of another user's that we may write all the same.
  }
  return descriptor;
}

function tryFlock(descriptor: number): Promise<KernelLock['state']> {
  return new Promise((resolve) => {
    const child = spawn('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', descriptor] });
    let complaint = '';
    child.stderr!.on('data', (data: Buffer) => (complaint += data.toString()));
    child.once('error', () => resolve('unknown'));
    child.once('close', (code) => {
      if (code === 0) resolve('held');
      else resolve(code === TAKEN && complaint === '' ? 'taken' : 'unknown');
    });
  });
}
