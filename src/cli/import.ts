/**
 * `tallyd import whisper <dir>`: Graphite's own files into the store, while no server runs on it.
 * Exit code 1 when a file could not be brought in; the others are.
 */
import type { Command } from 'commander';
import { importWhisper } from '../storage/whisper/import.ts';
import { requireFolder } from '../storage/whisper/walk.ts';
import { addExamples } from './examples.ts';
import { withStore } from './open-store.ts';
import { Progress } from './progress.ts';

interface ImportFlags {
  config?: string;
  dataDir?: string;
  skipExisting: boolean;
  json: boolean;
}

export function addImport(program: Command): void {
  const command = program.command('import').description('Bring in what other systems stored.');
  const whisper = command
    .command('whisper')
    .description(
      'Read a tree of Graphite .wsp files: every archive as it is, with its own retentions, ' +
        'method and xFilesFactor. Stop the server first. Running it again does no harm.',
    )
    .argument('<dir>', "folder with the tree, such as Graphite's storage/whisper")
    .option('-c, --config <file>', 'Configuration file, JSON5 (TALLYD_CONFIG).')
    .option('--data-dir <path>', 'Where the store is (TALLYD_DATA_DIR).')
    .option('--skip-existing', 'Leave series alone that the store already has.', false)
    .option('--json', 'Print the summary as one JSON object.', false)
    .action(importTree);
  addExamples(whisper, [
    ['tallyd import whisper /var/lib/graphite/whisper --data-dir ./data', 'all of it'],
    ['tallyd import whisper ./whisper --skip-existing --json', 'what is new, the summary as JSON'],
  ]);
}

async function importTree(folder: string, flags: ImportFlags): Promise<void> {
  requireFolder(folder); // before a store is made for nothing
  const startedMs = performance.now();
  const progress = new Progress('files');
  const summary = await withStore({ ...flags, create: true }, (store) =>
    importWhisper(store, folder, {
      now: Math.floor(Date.now() / 1000),
      skipExisting: flags.skipExisting,
      onProgress: ({ done, files }) => progress.show(done, files),
      onDamaged: ({ file, reason }) => progress.note(`${file}: ${reason}`),
      onPartial: ({ file, reason }) => progress.note(`${file}: ${reason}`),
    }),
  );
  progress.clear();
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { series, points, files, skipped, damaged, partial } = summary;
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...summary, seconds })}\n`
      : `${series} series and ${points} points from ${files} files in ${seconds} s` +
          (skipped > 0 ? `, ${skipped} skipped` : '') +
          (partial.length > 0 ? `, ${partial.length} in part` : '') +
          (damaged.length > 0 ? `, ${damaged.length} damaged\n` : '\n'),
  );
  if (damaged.length > 0) process.exitCode = 1;
}
