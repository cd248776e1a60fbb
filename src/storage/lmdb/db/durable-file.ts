/** Makes files and their names durable: a rename is, when its folder is synced. */
import fs from 'node:fs';

export function syncFile(file: string): void {
  sync(file, 'r+');
}

export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') sync(folder, 'r'); // a folder cannot be opened there
}

function sync(path: string, flags: string): void {
  const fd = fs.openSync(path, flags);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
