/**
 * Names of series and paths of .wsp files, as carbon lays them out.
 *
 *     servers.web01.cpu        servers/web01/cpu.wsp
 *     cpu.load;host=a          _tagged/5f3/c01/cpu_DOT_load;host=a.wsp
 *
 * The two folders are the first six digits of the name's SHA-256. Called by import and export.
 */
import { createHash } from 'node:crypto';
import { canonicalName } from '../../wire/series-name.ts';

const TAGGED_FOLDER = '_tagged';
const ENDING = '.wsp';
/** Longest name of a file on the usual file systems. */
const FILE_NAME_BYTES_MAX = 255;

/** The path below the whisper folder, with slashes; undefined when the name cannot be a path. */
export function whisperPath(name: string): string | undefined {
  const tagged = name.includes(';');
  const parts = tagged ? taggedParts(name) : name.split('.');
  const file = `${parts.at(-1)}${ENDING}`;
  const usable =
    parts.every((part) => part !== '' && !/[/\0]/.test(part)) &&
    [...parts, file].every((part) => Buffer.byteLength(part) <= FILE_NAME_BYTES_MAX);
  return usable ? `${parts.join('/')}${ENDING}` : undefined;
}

/** The name of the series that a path below the whisper folder holds; undefined for other files. */
export function seriesName(path: string): string | undefined {
  if (!path.endsWith(ENDING)) return undefined;
  const parts = path.slice(0, -ENDING.length).split('/');
  if (parts[0] !== TAGGED_FOLDER || parts.length < 4) return parts.join('.');
  const encoded = parts.slice(3).join('/');
  // Carbon can be told to use the hash as the file's name; the series' name is lost then.
  if (/^[0-9a-f]{64}$/.test(encoded)) return undefined;
  return canonicalName(encoded.replaceAll('_DOT_', '.'));
}

function taggedParts(name: string): string[] {
  const hash = createHash('sha256').update(name).digest('hex');
  const file = name.replaceAll('.', '_DOT_');
  return [TAGGED_FOLDER, hash.slice(0, 3), hash.slice(3, 6), file];
}
