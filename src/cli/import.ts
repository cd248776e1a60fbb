/**
 * `tallyd import whisper <dir>`: Graphite's own files into the store, also while the server runs;
 * `import graphite-web` is in a file of its own.
 * Exit code 1 when a file could not be brought in; the others are.
 */
import type { Command } from 'commander';
import { importWhisper } from '../storage/whisper/import.ts';
import { LIST_SOURCES, readNameList } from '../storage/whisper/name-list.ts';
import { requireFolder } from '../storage/whisper/walk.ts';
import { addExamples } from './examples.ts';
import { addImportGraphiteWeb } from './import-graphite-web.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { Progress } from './progress.ts';
import { counted } from '../lib/counted.ts';

interface ImportFlags extends StoreFlags {
  restart: boolean;
  skipExisting: boolean;
  names?: string;
  json: boolean;
}

export function addImport(program: Command): void {
  const command = program.command('import').description('Bring in what other systems stored.');
  const whisper = command
    .command('whisper')
    .description(
      'Read a tree of Graphite .wsp files: every archive as it is, with its own retentions, ' +
        'method and xFilesFactor. Running it again does no harm; one that was stopped goes on.',
    )
    .argument('<dir>', "folder with the tree, such as Graphite's storage/whisper")
    .option(
      '--names <file>',
      'Names of series whose files are called by hashes, as those of tagged ones are by default: ' +
        "a JSON list (the old server's /tags/findSeries?expr=name=~.%2B), or one a line.",
    )
    .option('--skip-existing', 'Leave series alone that the store already has.', false)
    .option('--restart', 'Take all files, also those of an import that was stopped.', false)
    .option('--json', 'Print the summary as one JSON object.', false)
    .action(importTree);
  addStoreFlags(whisper);
  addExamples(whisper, [
    ['tallyd import whisper /var/lib/graphite/whisper --data-dir ./data', 'all of it'],
    ['tallyd import whisper ./whisper --names names.json', 'tagged series of a default Graphite'],
    ['tallyd import whisper ./whisper --skip-existing --json', 'what is new, the summary as JSON'],
  ]);
  addImportGraphiteWeb(command);
}

async function importTree(folder: string, flags: ImportFlags): Promise<void> {
  requireFolder(folder); // before a store is made for nothing
  const startedMs = performance.now();
  const progress = new Progress('files');
  const names = readNameList(folder, flags.names);
  if (names.unreadable > 0) {
    progress.note(
      `${counted(names.unreadable, 'name')} of the list cannot be read, ${names.count} can`,
    );
  }
  const stopping = stopOnSignals(progress);
  const summary = await withAdmin({ ...flags, create: true }, (admin) =>
    importWhisper(admin, folder, {
      now: Date.now() / 1000,
      names,
      signal: stopping.signal,
      skipExisting: flags.skipExisting,
      restart: flags.restart,
      onProgress: ({ done, files }) => progress.show(done, files),
      onDamaged: ({ file, reason }) => progress.note(`${file}: ${reason}`),
      onPartial: ({ file, reason }) => progress.note(`${file}: ${reason}`),
    }),
  );
  progress.clear();
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { series, points, files, skipped, before, unnamed, stopped, damaged, partial } = summary;
  const text =
    `${series} series and ${counted(points, 'point')} from ${counted(files, 'file')} in ${seconds} s` +
    (before > 0 ? `, ${before} taken before` : '') +
    (skipped > 0 ? `, ${skipped} skipped` : '') +
    (partial.length > 0 ? `, ${partial.length} in part` : '') +
    (unnamed > 0 ? `, ${unnamed} without a name` : '') +
    (damaged.length > 0 ? `, ${damaged.length} damaged\n` : '\n');
  if (unnamed > 0) {
    process.stderr.write(
      `${counted(unnamed, 'file is', 'files are')} called by hashes of names that no list has: ${LIST_SOURCES}\n`,
    );
  }
  if (stopped) process.stderr.write('stopped: the same command goes on from here\n');
  await printResult(flags.json, { ...summary, seconds }, text);
  if (damaged.length > 0 || unnamed > 0) process.exitCode = 1;
  if (stopped) process.exitCode = 130;
}

/** The first signal ends the import behind the files under way, a second one ends it at once. */
function stopOnSignals(progress: Progress): AbortController {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      progress.note('stopping behind the files under way');
      stopping.abort();
    });
  }
  return stopping;
}
