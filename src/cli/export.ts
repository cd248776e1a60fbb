/**
 * `tallyd export whisper <glob> <dir>`: series as Graphite's own files, also while the server runs.
 * With the glob `**` that is everything, tagged series too: the way out, should one leave.
 */
import type { Command } from 'commander';
import { UserError } from '../lib/errors.ts';
import { metricQueries } from '../storage/index/name-query.ts';
import { exportWhisper } from '../storage/whisper/export.ts';
import { addExamples } from './examples.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { Progress } from './progress.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { namePages } from '../storage/admin/whole-series.ts';
import { counted } from '../lib/counted.ts';

interface ExportFlags extends StoreFlags {
  overwrite: boolean;
  hashed: boolean;
  dryRun: boolean;
  json: boolean;
}

export function addExport(program: Command): void {
  const command = program.command('export').description('Write series for other systems.');
  const whisper = command
    .command('whisper')
    .description(
      'Write series as Graphite .wsp files, every archive with all it holds. Tagged series are ' +
        'matched by their metric name and go to _tagged/.',
    )
    .argument('<glob>', 'which series: servers.*.cpu, or ** for all')
    .argument('<dir>', 'folder to write into, made if need be')
    .option('--overwrite', 'Replace files that are there.', false)
    .option(
      '--hashed',
      'Call the files of tagged series by the hashes of their names, as a default Graphite does. ' +
        'Without it only those whose name cannot be a file. Their names go to _tagged/names.txt.',
      false,
    )
    .option('--dry-run', 'Only print the names of the series.', false)
    .option('--json', 'Print the summary as one JSON object.', false)
    .action(exportTree);
  addStoreFlags(whisper);
  addExamples(whisper, [
    ["tallyd export whisper '**' /srv/whisper --data-dir ./data", 'everything'],
    ["tallyd export whisper 'servers.*.cpu.*' ./whisper --dry-run", 'which series that would be'],
  ]);
}

async function exportTree(glob: string, folder: string, flags: ExportFlags): Promise<void> {
  const startedMs = performance.now();
  const progress = new Progress('series');
  await withAdmin(flags, async (admin) => {
    const names = await matchedNames(admin, glob);
    if (names.length === 0) throw new UserError('notFound', `no series matches "${glob}"`);
    if (flags.dryRun) {
      return printResult(flags.json, { names }, `${names.join('\n')}\n`);
    }
    const summary = await exportWhisper(
      admin,
      names.map((name) => ({ name })),
      folder,
      {
        overwrite: flags.overwrite,
        hashed: flags.hashed,
        onProgress: ({ done, series: all }) => progress.show(done, all),
        onRefused: ({ name, reason }) => progress.note(`${name}: ${reason}`),
      },
    );
    progress.clear();
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    const { points, bytes, hashed, refused } = summary;
    const text =
      `${summary.series} series, ${counted(points, 'point')} and ${bytes} bytes in ${seconds} s` +
      (hashed.length > 0 ? `, ${hashed.length} called by a hash` : '') +
      (refused.length > 0 ? `, ${refused.length} refused\n` : '\n');
    await printResult(flags.json, { ...summary, hashed: hashed.length, seconds }, text);
    if (refused.length > 0) process.exitCode = 1;
  });
}

async function matchedNames(admin: StoreAdmin, glob: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const page of namePages(admin, metricQueries(glob))) {
    for (const name of page) names.add(name);
  }
  return [...names];
}
