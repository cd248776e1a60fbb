/**
 * One process a data folder. Whoever opens it takes the kernel's lock (kernel-lock.ts), which holds
 * across containers, and writes the record of its owner (owner-record.ts). Where the kernel's lock
 * cannot be had, or was not by the owner before, the owner's count tells whether it lives: who does
 * not raise it for some seconds is taken to be dead. That can be wrong for one that was suspended;
 * it finds at its next commit that it was superseded (lmdb/write/fence.ts).
 */
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../lib/errors.ts';
import { type KernelLock, takeKernelLock } from './kernel-lock.ts';
import { bootId, isAlive, type Owner, ownOwner, readOwner, writeOwner } from './owner-record.ts';

const HELD_FILE = 'tallyd.held';
const BEAT_MS = 500;
/** Six beats. */
const WATCH_MS = 3000;
const LOOK_MS = 100;
/** Two that claim a folder at once, without the kernel's lock, see by then whose record stands. */
const SETTLE_MS = 300;

export interface DataDirLock {
  /** This owner's alone, of all that the folder ever had. */
  token: string;
  release(): Promise<void>;
}

interface LockOptions {
  /** Waits a while for an owner that may be about to end; else one that lives is told at once. */
  isPatient?: boolean;
  /** A sentence on what is waited for. */
  onWait?(sentence: string): void;
}

/** The folders of this process. */
const held = new Map<string, Owner>();

/** Throws `dataDirTaken` while another process, or another store of this one, has the folder. */
export async function lockDataDir(
  dataDir: string,
  options: LockOptions = {},
): Promise<DataDirLock> {
  const folder = path.resolve(dataDir);
  const kernel = await takeFrom(folder, options);
  const owner = ownOwner(randomUUID(), kernel.state === 'held');
  try {
    if (kernel.state !== 'held') await claim(folder, owner);
    else tryWrite(folder, owner);
  } catch (error) {
    kernel.release();
    throw error;
  }
  held.set(folder, owner);
  const timer = setInterval(() => beat(folder, owner), BEAT_MS).unref();
  return {
    token: owner.token,
    async release() {
      clearInterval(timer);
      held.delete(folder);
      if (isOwn(folder, owner)) tryWrite(folder, undefined);
      kernel.release();
    },
  };
}

/** Tells others where the process that has the folder, this one, can be asked over HTTP. */
export function announceServer(dataDir: string, url: string): void {
  const folder = path.resolve(dataDir);
  const owner = held.get(folder);
  if (owner === undefined) return;
  owner.url = url;
  tryWrite(folder, owner);
}

/** Where the process that has the folder serves HTTP; undefined when it does not. */
export function findServer(dataDir: string): { url: string; token: string } | undefined {
  const owner = readOwner(dataDir);
  if (owner?.url === undefined || isAlive(owner) === false) return undefined;
  return { url: owner.url, token: owner.token };
}

/** The token under which this process has a folder; undefined when it has not. */
export function ownToken(dataDir: string): string | undefined {
  return held.get(path.resolve(dataDir))?.token;
}

/** The kernel's lock, held or unknown, once the owner before is known to be gone. */
async function takeFrom(folder: string, options: LockOptions): Promise<KernelLock> {
  const deadline = performance.now() + WATCH_MS;
  const first = readOwner(folder);
  let kernel = await openLock(folder, first);
  for (let look = 0; ; look++) {
    const owner = readOwner(folder);
    const state = stateOf(owner, kernel);
    if (state === 'gone') return kernel;
    const hasMoved = owner?.token !== first?.token || owner?.beats !== first?.beats;
    const isOver = performance.now() > deadline;
    if (state === 'unsure' && isOver && !hasMoved) return kernel;
    if (hasMoved || isOver || (state === 'lives' && options.isPatient !== true)) {
      kernel.release();
      throw taken(folder, owner, isOver);
    }
    if (look === 0) {
      options.onWait?.(
        `waiting up to ${WATCH_MS / 1000} s to see whether ${named(owner)} still lives, which has ` +
          `or had data folder ${folder}`,
      );
    }
    await delay(LOOK_MS);
    if (kernel.state === 'taken') kernel = await openLock(folder, first);
  }
}

function stateOf(owner: Owner | undefined, kernel: KernelLock): 'gone' | 'lives' | 'unsure' {
  if (kernel.state === 'taken') return 'lives';
  if (owner === undefined) return 'gone';
  // Of a lock on another machine the kernel here may know nothing.
  if (kernel.state === 'held' && owner.hasKernelLock && owner.boot === bootId()) return 'gone';
  const alive = isAlive(owner);
  return alive === undefined ? 'unsure' : alive ? 'lives' : 'gone';
}

async function openLock(folder: string, owner: Owner | undefined): Promise<KernelLock> {
  try {
    return await takeKernelLock(path.join(folder, HELD_FILE));
  } catch (error) {
    // Another user's verb may ask that user's server.
    if (owner?.url !== undefined && isAlive(owner) !== false) throw taken(folder, owner);
    throw new UserError('badFile', `data folder ${folder} cannot be locked: ${sentenceOf(error)}`);
  }
}

/** Without the kernel's lock: of several that start at once the one that writes last has it. */
async function claim(folder: string, owner: Owner): Promise<void> {
  try {
    writeOwner(folder, owner);
  } catch (error) {
    throw new UserError('badFile', `data folder ${folder} cannot be written: ${sentenceOf(error)}`);
  }
  await delay(SETTLE_MS);
  if (!isOwn(folder, owner)) throw taken(folder, readOwner(folder));
}

function beat(folder: string, owner: Owner): void {
  const found = readOwner(folder);
  // Another's record is not written over; what a full disk refused is written when there is room.
  if (found !== undefined && found.token !== owner.token) return;
  owner.beats += 1;
  tryWrite(folder, owner);
}

function isOwn(folder: string, { token }: Owner): boolean {
  return readOwner(folder)?.token === token;
}

/** A record that a full disk refuses is missed by verbs only. */
function tryWrite(folder: string, owner: Owner | undefined): void {
  try {
    writeOwner(folder, owner);
  } catch {
    // Tried again with the next beat.
  }
}

function taken(folder: string, owner: Owner | undefined, isStill = false): UserError {
  const still = isStill ? ', which has not moved for some seconds: end it first' : '';
  return new UserError(
    'dataDirTaken',
    `data folder ${folder} is in use by another tallyd (${named(owner)}${still}), ` +
      'expected one to itself',
  );
}

function named(owner: Owner | undefined): string {
  if (owner === undefined) return 'another process';
  const { pid, host } = owner;
  return host === '' || host === os.hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
