/**
 * A look at the pages of a data file before LMDB opens it: on a damaged tree, or a file that ends
 * too early, the library would end the process without a word (an assertion, SIGSEGV, SIGBUS).
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { DATA_FILE } from '../db/environment.ts';
import { PageFile } from './page-file.ts';

/** Throws `badFile` with one sentence; a folder without a data file yet is sound. */
export function requireSound(dataDir: string): void {
  const file = path.join(dataDir, DATA_FILE);
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || (stats.isFile() && stats.size === 0)) return;
  const pages = new PageFile(file);
  try {
    pages.walkTrees();
    const lost = pages.lostPages();
    const [first] = lost;
    if (first === undefined) return;
    const { database, page, what } = first;
    const more = lost.length > 1 ? `, and ${lost.length - 1} more like it` : '';
    throw new UserError(
      'badFile',
      `data file ${file} is damaged (${database}, page ${page}: ${what}${more}); ` +
        'see what is left with "tallyd verify --repair --dry-run", or restore a backup',
    );
  } finally {
    pages.close();
  }
}
