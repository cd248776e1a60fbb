/**
 * A look at the pages of a data file before LMDB opens it: on a damaged tree, or a file that ends
 * too early, the library would end the process without a word (an assertion, SIGSEGV, SIGBUS). And a
 * database that is missing would be made anew, in silence.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { DATABASES } from '../db/databases.ts';
import { DATA_FILE } from '../db/environment.ts';
import { META, saysFormat } from '../db/meta.ts';
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
    if (first !== undefined) {
      const { database, page, what } = first;
      const more = lost.length > 1 ? `, and ${lost.length - 1} more like it` : '';
      throw damaged(file, `${database}, page ${page}: ${what}${more}`);
    }
    const missing = missingDatabases(file, pages.databases());
    if (missing.length > 0) throw damaged(file, `it lacks its database ${missing.join(', ')}`);
  } finally {
    pages.close();
  }
}

/** Of a file that says it has them all: opening it would make them anew, empty. */
function missingDatabases(file: string, there: readonly string[]): string[] {
  const missing = Object.values(DATABASES).filter(({ name }) => !there.includes(name));
  if (missing.length === 0 || there.length === 0) return [];
  const isWhole = !there.includes(META.name) || saysItsFormat(file);
  return isWhole ? missing.map(({ name }) => `"${name}"`) : [];
}

function damaged(file: string, what: string): UserError {
  return new UserError(
    'badFile',
    `data file ${file} is damaged (${what}); ` +
      'see what is left with "tallyd verify --repair --dry-run", or restore a backup',
  );
}

function saysItsFormat(file: string): boolean {
  // Pages are gone through once each.
  const pages = new PageFile(file);
  try {
    return [...pages.records(META.name)].some(({ key, value }) => saysFormat(key, value));
  } finally {
    pages.close();
  }
}
