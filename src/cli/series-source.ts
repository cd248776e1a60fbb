/**
 * What fill, merge and diff read from: a series of the store, or a whisper file.
 */
import { UserError } from '../lib/errors.ts';
import { readGivenFile } from '../lib/given-file.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { readArchives } from '../storage/admin/whole-series.ts';
import { lookupName } from '../wire/series-name.ts';
import type { ImportedArchive, SeriesInfo } from '../storage/roles.ts';
import { readWhisper } from '../storage/whisper/read.ts';

interface Source {
  /** The name is the file's path for a file. */
  info: SeriesInfo;
  data: ImportedArchive[];
}

export const SOURCE_HELP = 'a series, or a path that ends in .wsp';

export function isFile(text: string): boolean {
  return text.endsWith('.wsp');
}

/** Throws `notFound` when there is no such series or file, `badFile` for a damaged one. */
export async function readSource(admin: StoreAdmin, text: string): Promise<Source> {
  const found = await findSource(admin, text);
  if (found !== undefined) return found;
  throw new UserError('notFound', `no series "${text}", expected ${SOURCE_HELP}`);
}

/** Reads a source; undefined when there is no such series. */
export async function findSource(admin: StoreAdmin, text: string): Promise<Source | undefined> {
  if (isFile(text)) return readFile(text);
  const name = lookupName(text);
  const [info] = (await admin.info({ names: [name] })).series;
  const data = await readArchives(admin, name);
  return info === undefined || data === undefined ? undefined : { info, data };
}

function readFile(file: string): Source {
  const bytes = readGivenFile(file, 'a whisper file');
  try {
    const { data, ...head } = readWhisper(bytes);
    return { info: { name: file, ...head }, data };
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `${file}: ${error.message}`);
    throw error;
  }
}
