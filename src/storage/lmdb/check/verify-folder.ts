/**
 * `verify` and repair of a data folder that is this process's own meanwhile: checks, says what a
 * repair would lose, repairs, and checks again.
 */
import path from 'node:path';
import { lockDataDir } from '../../data-dir-lock.ts';
import { DATA_FILE } from '../db/environment.ts';
import { type Fault, type Verified, type VerifyOptions, verifyFile } from './verify.ts';
import { type Repaired, repairFolder } from './repair.ts';

export interface FolderOptions extends VerifyOptions {
  /** Called with the first result before anything is changed; a repair follows when it says so. */
  onVerified(verified: Verified): boolean | Promise<boolean>;
  /** What is wrong still after a repair; nothing is expected. */
  onLeft(fault: Fault): void;
  mapSizeBytes: number;
}

export interface FolderVerified {
  verified: Verified;
  repaired?: Repaired;
  /** Faults that a repair left. */
  left?: number;
}

/** Throws `dataDirTaken` while another process has the folder, `notFound` without a data file. */
export async function verifyFolder(
  dataDir: string,
  options: FolderOptions,
): Promise<FolderVerified> {
  const lock = await lockDataDir(dataDir);
  try {
    const file = path.join(dataDir, DATA_FILE);
    const verified = await verifyFile(file, options);
    const isWanted = await options.onVerified(verified);
    if (!isWanted || verified.faultCount === 0) return { verified };
    const repaired = await repairFolder(dataDir, options.mapSizeBytes, verified);
    const again = await verifyFile(file, {
      onFault: options.onLeft,
      onProgress: options.onProgress,
    });
    return { verified, repaired, left: again.faultCount };
  } finally {
    await lock.release();
  }
}
