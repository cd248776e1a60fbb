/**
 * Lists the .wsp files of a whisper tree, sorted. Links to folders are followed, each folder once:
 * whisper trees are often spread over disks that way. Called by `import whisper`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';

/** Throws `notFound` when there is no such folder. */
export function requireFolder(folder: string): void {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError('notFound', `no folder "${folder}", expected one that holds .wsp files`);
  }
}

/** Paths below the folder, with slashes; throws `notFound` when there is no such folder. */
export function findWhisperFiles(folder: string): string[] {
  requireFolder(folder);
  const found: string[] = [];
  const walked = new Set<string>();
  const open = [''];
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    const full = path.join(folder, below);
    const real = fs.realpathSync(full);
    if (walked.has(real)) continue;
    walked.add(real);
    for (const entry of fs.readdirSync(full, { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      const target = entry.isSymbolicLink()
        ? fs.statSync(path.join(folder, name), { throwIfNoEntry: false })
        : entry;
      if (target?.isDirectory()) open.push(name);
      else if (target?.isFile() && entry.name.endsWith('.wsp')) found.push(name);
    }
  }
  return found.sort();
}
