/** `tallyd series delete`: forgets series with all their points, and says how many. */
import type { Command } from 'commander';
import { ADMIN_PAGE } from '../storage/admin/limits.ts';
import { confirmFirst, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { slices } from '../lib/slices.ts';
import { Progress } from './progress.ts';
import { QUERY_HELP, selectNames } from './series-select.ts';

interface DeleteFlags extends StoreFlags {
  dryRun: boolean;
  yes: boolean;
  json: boolean;
}

export function addSeriesDelete(series: Command): void {
  const command = series
    .command('delete')
    .description(
      'Delete series with all their points. A name that goes on receiving values comes back, ' +
        'without a past. Try --dry-run first.',
    )
    .argument('<query...>', QUERY_HELP)
    .option('--dry-run', 'Only print the names and how many there are.', false)
    .option('-y, --yes', YES_HELP, false)
    .option('--json', 'Print one JSON object.', false)
    .action(deleteSeries);
  addStoreFlags(command);
  addExamples(command, [
    ["tallyd series delete 'servers.web07.**' --dry-run", 'which ones that would be'],
    ["tallyd series delete 'servers.web07.**'", 'a server that is gone'],
    ['tallyd series delete "seriesByTag(\'host=web07\')" --json', 'its tagged series'],
  ]);
}

async function deleteSeries(queries: string[], flags: DeleteFlags): Promise<void> {
  const progress = new Progress('series');
  await withAdmin(flags, async (admin) => {
    const names = await selectNames(admin, queries);
    if (flags.dryRun) {
      const result = { dryRun: true, series: names.length, names };
      await printResult(flags.json, result, `${names.join('\n')}\n`);
      if (!flags.json) progress.note(`${names.length} series would be deleted`);
      return;
    }
    // More than were named: a pattern matched.
    if (names.length > queries.length) {
      const question = `Delete ${names.length} series with all their points, such as ${names[0]}?`;
      await confirmFirst(flags.yes, question, 'nothing was deleted');
    }
    let deleted = 0;
    try {
      for (const page of slices(names, ADMIN_PAGE)) {
        deleted += (await admin.delete({ names: page })).count;
        progress.show(deleted, names.length);
      }
    } finally {
      progress.clear();
      const all = names.length;
      const text = deleted === all ? deleted : `${deleted} of ${all}`;
      await printResult(flags.json, { series: all, deleted }, `${text} series deleted\n`);
    }
  });
}
