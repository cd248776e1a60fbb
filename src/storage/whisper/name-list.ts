/**
 * Lists of names beside a whisper tree, from which the hashes that its files are called by are told:
 * what `/tags/findSeries` of the old server answers (a JSON list of texts), or one name a line. An
 * export that calls files by hashes leaves such a list in the tree, which an import finds there.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { readGivenFile } from '../../lib/given-file.ts';
import { canonicalName } from '../../wire/series-name.ts';
import { hashOf } from './path.ts';

/** Below a whisper folder. */
const LIST_IN_TREE = '_tagged/names.txt';

/** Where to get a list, for those who have none. */
export const LIST_SOURCES =
  'give --names a list of the names: curl http://<old Graphite>/tags/findSeries?expr=name=~.%2B ' +
  'answers it, as does "select path from tags_series" of its tag database';

export class NameList {
  /** Names that the list has, and lines of it that are none. */
  count = 0;
  unreadable = 0;
  private readonly byHash = new Map<string, string>();

  /** Under the hash of its spelling there, and of its form. */
  add(listed: string): void {
    const name = canonicalName(listed);
    if (name === undefined) {
      this.unreadable += 1;
      return;
    }
    this.count += 1;
    this.byHash.set(hashOf(listed), name);
    if (listed !== name) this.byHash.set(hashOf(name), name);
  }

  of(hash: string): string | undefined {
    return this.byHash.get(hash);
  }
}

/** The list of a file and that in the tree; throws `notFound` and `badFile` with a sentence. */
export function readNameList(folder: string, file: string | undefined): NameList {
  const list = new NameList();
  const inTree = path.join(folder, LIST_IN_TREE);
  if (fs.existsSync(inTree)) for (const name of readNames(inTree)) list.add(name);
  if (file !== undefined) for (const name of readNames(file)) list.add(name);
  return list;
}

/** Puts names into the list of a tree that it does not have. */
export function addToTree(folder: string, names: readonly string[]): void {
  const file = path.join(folder, LIST_IN_TREE);
  const known = new Set(fs.existsSync(file) ? readNames(file) : []);
  const fresh = names.filter((name) => !known.has(name));
  if (fresh.length > 0) fs.appendFileSync(file, `${fresh.join('\n')}\n`);
}

function readNames(file: string): string[] {
  const text = readGivenFile(file, 'a list of names').toString();
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (!trimmed.startsWith('[')) return trimmed.split(/\r\n|\r|\n/).filter(Boolean);
  let parsed: unknown;
  try {
    parsed = JSON.parse(trimmed);
  } catch {
    throw new UserError('badFile', `${file}: no whole JSON, expected a list of names, or lines`);
  }
  if (!Array.isArray(parsed) || !parsed.every((name) => typeof name === 'string')) {
    throw new UserError('badFile', `${file}: expected a JSON list of names as texts, or lines`);
  }
  return parsed;
}
