/**
 * Writes series of a store as a tree of .wsp files that whisper's tools and graphite-web read:
 * every archive with all of its points. Called by the `export whisper` verb.
 */
import fs from 'node:fs';
import path from 'node:path';
import { slices } from '../../lib/slices.ts';
import type { StoreAdmin } from '../admin/calls.ts';
import { localAdmin } from '../admin/local-admin.ts';
import type { AdminStore } from '../admin/local-store.ts';
import { readArchives } from '../admin/whole-series.ts';
import { addToTree } from './name-list.ts';
import { hashedPath, whisperPath } from './path.ts';
import { writeWhisper } from './write.ts';

/** Series read and written at a time, so that disk and store do not wait for each other. */
const FILES_IN_FLIGHT = 8;

interface ExportOptions {
  /** Replaces files that are there; else they are reported and left. */
  overwrite?: boolean;
  /** Calls the files of all tagged series by the hashes of their names, not only where it must. */
  hashed?: boolean;
  onProgress?: (progress: { done: number; series: number }) => void;
  onRefused?: (refused: RefusedSeries) => void;
}

interface RefusedSeries {
  name: string;
  reason: string;
}

interface ExportSummary {
  series: number;
  points: number;
  bytes: number;
  /** Tagged series whose files are called by hashes: their names are in the list of the tree. */
  hashed: string[];
  refused: RefusedSeries[];
}

/** The calls of a store that are needed. */
type Source = Pick<StoreAdmin, 'kept' | 'points'>;

export async function exportWhisper(
  store: AdminStore | Source,
  series: readonly { name: string }[],
  folder: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  const source = 'points' in store ? store : localAdmin(store, folder);
  const summary: ExportSummary = { series: 0, points: 0, bytes: 0, hashed: [], refused: [] };
  const taken = new Map<string, string>();
  let done = 0;
  for (const group of slices(series, FILES_IN_FLIGHT)) {
    const reasons = await Promise.all(
      group.map(async ({ name }) => exportOne(source, name, folder, options, summary, taken)),
    );
    for (const [i, { name }] of group.entries()) {
      const reason = reasons[i];
      if (reason === undefined) continue;
      summary.refused.push({ name, reason });
      options.onRefused?.({ name, reason });
    }
    done += group.length;
    options.onProgress?.({ done, series: series.length });
  }
  addToTree(folder, summary.hashed);
  return summary;
}

/**
 * Writes one file; resolves to the reason when it cannot be written. `taken`: names by the paths of this
 * export.
 */
async function exportOne(
  source: Source,
  name: string,
  folder: string,
  options: ExportOptions,
  summary: ExportSummary,
  taken: Map<string, string>,
): Promise<string | undefined> {
  const isTagged = name.includes(';');
  const readable = isTagged && options.hashed === true ? undefined : whisperPath(name);
  if (readable === undefined && !isTagged) return 'the name cannot be the path of a file';
  const below = readable ?? hashedPath(name);
  const file = path.join(folder, below);
  const other = taken.get(below);
  if (other !== undefined) return `${file} is that of ${other} already`;
  taken.set(below, name);
  if (options.overwrite !== true && fs.existsSync(file)) return `${file} is there already`;
  const [info] = (await source.kept({ names: [name] })).series;
  const data = await readArchives(source, name);
  if (info === undefined || data === undefined) return 'it was deleted meanwhile';
  const { archives, aggregationMethod, xFilesFactor } = info;
  const bytes = writeWhisper({ archives, aggregationMethod, xFilesFactor, data });
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  // Under another name first, so that nobody reads half a file.
  const partial = `${file}.${process.pid}.part`;
  await fs.promises.writeFile(partial, bytes);
  await fs.promises.rename(partial, file);
  if (readable === undefined) summary.hashed.push(name);
  summary.series += 1;
  summary.bytes += bytes.length;
  summary.points += data.reduce((sum, { times }) => sum + times.length, 0);
  return undefined;
}
