/**
 * `tallyd.lock` of a data folder: which process has it, where that serves HTTP, and a count that it
 * raises while it lives. The file is written in place and stays when its owner ends, so that a full
 * disk takes the next owner's record as well. Readable by whoever may read the folder: verbs find
 * the server by it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openPrivate } from './kernel-lock.ts';

const RECORD_FILE = 'tallyd.lock';
/** A record is as long as any other, within one page of the file. */
const RECORD_BYTES = 1024;
/** A record that is being written while it is read is whole a moment later. */
const READS_MAX = 3;

export interface Owner {
  /** This owner's alone, of all that the folder ever had. */
  token: string;
  pid: number;
  /** Tells a process from a later one with the same number; '' where it cannot be known. */
  started: string;
  /** In which numbers of processes are those of one namespace; '' where it cannot be known. */
  pidSpace: string;
  /** Which start of which machine's kernel; '' where it cannot be known. */
  boot: string;
  host: string;
  /** Whether it holds the kernel's lock. */
  hasKernelLock: boolean;
  /** Raised while the process lives. */
  beats: number;
  /** Where it serves HTTP, `http://127.0.0.1:8080`; absent for one that does not, or not yet. */
  url?: string;
}

/** This process as the owner that it is about to become. */
export function ownOwner(token: string, hasKernelLock: boolean): Owner {
  return {
    token,
    pid: process.pid,
    started: startOf(process.pid),
    pidSpace: pidSpace(),
    boot: bootId(),
    host: os.hostname().slice(0, 255),
    hasKernelLock,
    beats: 0,
  };
}

/** Undefined when nobody has the folder, as far as the record says. */
export function readOwner(dataDir: string): Owner | undefined {
  for (let read = 0; read < READS_MAX; read++) {
    try {
      const owner = JSON.parse(fs.readFileSync(recordFile(dataDir), 'utf8')) as Partial<Owner>;
      if (typeof owner.pid !== 'number') return undefined;
      const none = { token: '', started: '', pidSpace: '', boot: '', host: '', beats: 0 };
      return { ...none, hasKernelLock: false, ...owner, pid: owner.pid };
    } catch (error) {
      if (!(error instanceof SyntaxError)) return undefined;
    }
  }
  return undefined;
}

/** Throws what the file system says. `undefined`: nobody has the folder any more. */
export function writeOwner(dataDir: string, owner: Owner | undefined): void {
  const text = JSON.stringify(owner ?? {}).padEnd(RECORD_BYTES - 1);
  const descriptor = openPrivate(recordFile(dataDir), 0o644);
  try {
    fs.writeSync(descriptor, `${text}\n`, 0);
    fs.ftruncateSync(descriptor, Buffer.byteLength(text) + 1);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Whether the owner's process runs, where that can be told: its number says so to those who count
 * processes as it does.
 */
export function isAlive(owner: Owner): boolean | undefined {
  const { pid, started, boot, pidSpace: space } = owner;
  // Written by a version that knew of one machine and one namespace only: the boot is in `started`.
  const isOld = owner.token === '';
  if (!isOld && (boot !== bootId() || space !== pidSpace() || boot === '')) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (isOld ? `${bootId()} ${startOf(pid)}` : startOf(pid)) === started;
}

/** Since when the machine runs, as the kernel names it; '' where there is no /proc. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim();
}

function pidSpace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Start of a process in clock ticks since boot; '' where there is no /proc. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; the start is the 22nd field, the 20th after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function recordFile(dataDir: string): string {
  return path.join(dataDir, RECORD_FILE);
}
