/**
 * Names of series and paths of .wsp files, as carbon lays them out.
 *
 *     servers.web01.cpu        servers/web01/cpu.wsp
 *     cpu.load;host=a          _tagged/5f3/c01/5f3c01….wsp               since 2018, unless told otherwise
 *                              _tagged/5f3/c01/cpu_DOT_load;host=a.wsp   before, and when told
 *
 * The digits are those of the name's SHA-256. Graphite reads both. Called by import and export.
 */
import { createHash } from 'node:crypto';
import { canonicalName } from '../../wire/series-name.ts';

const TAGGED_FOLDER = '_tagged';
const ENDING = '.wsp';
/** Longest name of a file on the usual file systems. */
const FILE_NAME_BYTES_MAX = 255;

/** The path below the whisper folder, with slashes; undefined when the name cannot be a path. */
export function whisperPath(name: string): string | undefined {
  // Carbon's path of `a/b.c` is that of `a.b.c`.
  const parts = name.includes(';') ? taggedParts(name) : name.split(/[./]/).filter(Boolean);
  const file = `${parts.at(-1) ?? ''}${ENDING}`;
  const isUsable =
    file !== ENDING &&
    parts.every((part) => !/[/\0]/.test(part)) &&
    [...parts, file].every((part) => Buffer.byteLength(part) <= FILE_NAME_BYTES_MAX);
  return isUsable ? `${parts.join('/')}${ENDING}` : undefined;
}

/** The path of a tagged series whose file is called by the hash of its name. */
export function hashedPath(name: string): string {
  const hash = hashOf(name);
  return `${[TAGGED_FOLDER, hash.slice(0, 3), hash.slice(3, 6), hash].join('/')}${ENDING}`;
}

/** SHA-256 of a name, in hexadecimal digits. */
export function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** The hash that a path is called by; undefined where it has the name. */
export function hashInPath(path: string): string | undefined {
  return /^_tagged\/(?:.*\/)?([0-9a-f]{64})\.wsp$/.exec(path)?.[1];
}

/**
 * The name of the series that a path below the whisper folder holds; undefined for other files, for
 * a path that makes no name, and for one that has its hash alone.
 */
export function seriesName(path: string): string | undefined {
  if (!path.endsWith(ENDING) || hashInPath(path) !== undefined) return undefined;
  const parts = path.slice(0, -ENDING.length).split('/');
  if (parts[0] !== TAGGED_FOLDER || parts.length < 4) return canonicalName(parts.join('.'));
  return canonicalName(parts.slice(3).join('/').replaceAll('_DOT_', '.'));
}

function taggedParts(name: string): string[] {
  const hash = hashOf(name);
  const file = name.replaceAll('.', '_DOT_');
  return [TAGGED_FOLDER, hash.slice(0, 3), hash.slice(3, 6), file];
}
