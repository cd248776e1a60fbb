/**
 * Lengthens the data file before a commit that may need it, where the disk is nearly full: a full
 * disk is met here, not in LMDB. The library's own way out of a write that fails prints its sizes,
 * up to 124 bytes, into a buffer of 100 (`last_error` in mdb_page_flush), which can end the process.
 */
import fs from 'node:fs';

const ZEROS = new Uint8Array(1 << 18);

/**
 * Makes the file at least `bytes` long with blocks of its own, not holes. False when the disk has no
 * room for that: the file is as long as before then. Other errors are thrown.
 */
export function reserveFile(file: string, bytes: number): boolean {
  const descriptor = fs.openSync(file, 'r+');
  try {
    const { size } = fs.fstatSync(descriptor);
    try {
      for (let at = size; at < bytes;) {
        at += fs.writeSync(descriptor, ZEROS, 0, Math.min(ZEROS.length, bytes - at), at);
      }
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      // What is left is more use to others.
      fs.ftruncateSync(descriptor, size);
      return false;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
