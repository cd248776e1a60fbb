/**
 * Room that is left for the data file: on its disk, and below `mapSizeBytes`. When either gets low,
 * new series are refused, so that known ones can go on. `mapSizeBytes` is kept here: LMDB's limit
 * would be the map's size, but lmdb-js enlarges the map instead of failing. A commit that might
 * need pages past the limit fails as on a full disk; what fits into free pages goes on. Where the disk
 * is nearly full, pages past the end of the file are reserved first.
 */
import fs from 'node:fs';
import path from 'node:path';
import { DATA_FILE, type Environment, bytesInUse, endOfFile } from '../db/environment.ts';
import { reserveFile } from './reserve.ts';

/** Of a disk, however small it is, no more is kept free. */
const DISK_PART = 0.05;
/** Of mapSizeBytes. */
const MAP_PART = 0.05;
/** Values longer than this have overflow pages of their own. */
const INLINE_BYTES_MAX = 2000;
const PAGE_BYTES = 4096;
/** A disk with less free beside what a commit puts may be full in the middle of it. */
const NEARLY_FULL_BYTES = 64 * 2 ** 20;
/** LMDB writes some pages of a large transaction before its end: room is looked for as it grows. */
const LOOK_EVERY_BYTES = 2 ** 20;
/** Pages of the trees over what is put, and of the list of free ones. */
const TREE_BYTES = 64 * PAGE_BYTES;

interface HeadroomOptions {
  dataDir: string;
  mapSizeBytes: number;
  /** Free bytes on the disk below which new series are refused; 0 for none. */
  diskHeadroomBytes: number;
}

/** The data file has no room for a transaction; the message is a sentence's start. */
export class MapFullError extends Error {
  override readonly name = 'MapFullError';
}

export class Headroom {
  /** One sentence while new series are refused; undefined while there is room. */
  low: string | undefined;
  private readonly environment: Environment;
  private readonly options: HeadroomOptions;
  /** Of the transaction under way. */
  private putBytes = 0;
  private nextLookBytes = 0;

  constructor(environment: Environment, options: HeadroomOptions) {
    this.environment = environment;
    this.options = options;
    this.look();
  }

  /** The environment with puts counted, and transactions refused that might not fit. */
  guarded(): Environment {
    const { environment } = this;
    const entries = Object.entries(environment) as [keyof Environment, Environment['rows']][];
    const guarded = entries.map(([name, database]) => [name, this.counted(database)]);
    const root = Object.create(environment.root) as Environment['root'];
    root.transactionSync = ((body: () => unknown) => {
      this.putBytes = 0;
      this.nextLookBytes = LOOK_EVERY_BYTES;
      const result = environment.root.transactionSync(() => {
        const inner = body();
        this.requireRoom();
        return inner;
      });
      this.look();
      return result;
    }) as typeof root.transactionSync;
    return { ...(Object.fromEntries(guarded) as unknown as Environment), root };
  }

  private counted(database: Environment['rows']): Environment['rows'] {
    const counted = Object.create(database) as Environment['rows'];
    counted.putSync = (key: Uint8Array, value: Uint8Array) => {
      const { length } = value;
      this.putBytes +=
        length > INLINE_BYTES_MAX
          ? Math.ceil((length + 24) / PAGE_BYTES) * PAGE_BYTES
          : length + 64;
      if (this.putBytes >= this.nextLookBytes) {
        this.nextLookBytes = this.putBytes + LOOK_EVERY_BYTES;
        this.requireRoom(LOOK_EVERY_BYTES);
      }
      return database.putSync(key, value);
    };
    return counted;
  }

  /** Throws unless there is room for what was put, and for so much more. */
  private requireRoom(aheadBytes = 0): void {
    const { dataDir, mapSizeBytes } = this.options;
    const end = endOfFile(this.environment);
    if (end + this.putBytes > mapSizeBytes && !this.fitsIntoFree(end)) {
      throw new MapFullError(`the data file has reached mapSizeBytes (${mapSizeBytes} bytes)`);
    }
    const needed = 2 * (this.putBytes + aheadBytes) + TREE_BYTES;
    const disk = statisticsOf(dataDir);
    if (disk === undefined || disk.bavail * disk.bsize >= NEARLY_FULL_BYTES + needed) return;
    const isReserved = reserveFile(path.join(dataDir, DATA_FILE), end + needed);
    if (!isReserved && !this.fitsIntoFree(end)) throw new Error('ENOSPC, no space is left on it');
  }

  /** Pages that the last commits left are free only when nobody reads them any more. */
  private fitsIntoFree(end: number): boolean {
    return end - bytesInUse(this.environment) >= 2 * this.putBytes;
  }

  private look(): void {
    const { dataDir, mapSizeBytes, diskHeadroomBytes } = this.options;
    const left = mapSizeBytes - endOfFile(this.environment);
    if (left < mapSizeBytes * MAP_PART) {
      this.low = `the data file is ${Math.max(0, left)} bytes below mapSizeBytes (${mapSizeBytes} bytes)`;
      return;
    }
    const disk = statisticsOf(dataDir);
    if (disk === undefined) return; // what it was is the best guess
    const { bavail, bsize, blocks } = disk;
    const free = bavail * bsize;
    const least = Math.min(diskHeadroomBytes, blocks * bsize * DISK_PART);
    this.low =
      free < least
        ? `the disk of the data folder has ${free} bytes free, less than ${Math.round(least)}`
        : undefined;
  }
}

/** Undefined where the system does not tell: a commit that is done must not fail for it. */
function statisticsOf(folder: string): fs.StatsFs | undefined {
  try {
    return fs.statfsSync(folder);
  } catch {
    return undefined;
  }
}
