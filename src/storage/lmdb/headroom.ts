/**
 * Room that is left for the data file: on its disk, and below `mapSizeBytes`. When either gets low,
 * new series are refused, so that known ones can go on. `mapSizeBytes` is kept here: LMDB's limit
 * would be the map's size, but lmdb-js enlarges the map instead of failing. A commit that might
 * need pages past the limit fails as on a full disk; what fits into free pages goes on.
 */
import fs from 'node:fs';
import { type Environment, bytesInUse, endOfFile } from './environment.ts';

/** Of a disk, however small it is, no more is kept free. */
const DISK_PART = 0.05;
/** Of mapSizeBytes. */
const MAP_PART = 0.05;
/** Values longer than this have overflow pages of their own. */
const INLINE_BYTES_MAX = 2000;
const PAGE_BYTES = 4096;

export interface HeadroomOptions {
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
      return database.putSync(key, value);
    };
    return counted;
  }

  private requireRoom(): void {
    const { environment, options } = this;
    const end = endOfFile(environment);
    if (end + this.putBytes <= options.mapSizeBytes) return;
    // Pages that the last commits left are free only when nobody reads them any more.
    const free = end - bytesInUse(environment);
    if (free >= 2 * this.putBytes) return;
    throw new MapFullError(
      `the data file has reached mapSizeBytes (${options.mapSizeBytes} bytes)`,
    );
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
