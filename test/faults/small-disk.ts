/** A disk of a few megabytes, mounted for the run, which can be filled to the last byte. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './processes.ts';

export class SmallDisk {
  readonly folder: string;
  private readonly ballast: string;

  constructor(megabytes: number) {
    this.folder = temporaryFolder();
    this.ballast = path.join(this.folder, 'ballast');
    mount(this.folder, megabytes);
  }

  /** Leaves no free byte. */
  fill(): void {
    const file = fs.openSync(this.ballast, 'a');
    try {
      for (let size = 1 << 16; size > 0;) {
        try {
          fs.writeSync(file, Buffer.alloc(size, 1));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 4;
        }
      }
    } finally {
      fs.closeSync(file);
    }
  }

  /** Gives the filled space back. */
  free(): void {
    fs.rmSync(this.ballast, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    fs.rmdirSync(this.folder);
  }
}

/** Why there can be no small disk here; undefined: there can. */
export function smallDiskUnavailable(): string | undefined {
  try {
    new SmallDisk(1).remove();
    return undefined;
  } catch {
    return 'mounting a small disk is not permitted here, it needs root and Debian package util-linux';
  }
}

function mount(folder: string, megabytes: number): void {
  const options = `size=${megabytes}m,mode=0700`;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tallyd-fault', folder], {
      stdio: 'ignore',
    });
  } catch (error) {
    fs.rmdirSync(folder);
    throw error;
  }
}
