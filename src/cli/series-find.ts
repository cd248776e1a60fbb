/** `tallyd series find`: the names that queries match. */
import type { Command } from 'commander';
import { addExamples } from './examples.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult, writeOut } from './output.ts';
import { QUERY_HELP, selectPages } from './series-select.ts';

interface FindFlags extends StoreFlags {
  count: boolean;
  json: boolean;
}

export function addSeriesFind(series: Command): void {
  const command = series
    .command('find')
    .description('List the names of series, in byte order.')
    .argument('[query...]', QUERY_HELP, ['**'])
    .option('--count', 'Print only how many there are.', false)
    .option('--json', 'Print one JSON array.', false)
    .action(find);
  addStoreFlags(command);
  addExamples(command, [
    ["tallyd series find 'servers.*.cpu.*'", 'plain names'],
    ["tallyd series find \"seriesByTag('dc=eu', 'host=~web')\" --json", 'tagged ones, as JSON'],
    ["tallyd series find '**' --count --data-dir /var/lib/tallyd", 'how many in all'],
  ]);
}

async function find(queries: string[], flags: FindFlags): Promise<void> {
  await withAdmin(flags, async (admin) => {
    let count = 0;
    let first = true;
    const listing = !flags.count;
    if (listing && flags.json) await writeOut('[');
    try {
      for await (const names of selectPages(admin, queries)) {
        count += names.length;
        if (!listing) continue;
        if (flags.json) {
          const text = names.map((name) => JSON.stringify(name)).join(',\n');
          await writeOut(first ? text : `,\n${text}`);
          first = false;
        } else await writeOut(`${names.join('\n')}\n`);
      }
    } finally {
      if (listing && flags.json) await writeOut(']\n');
    }
    if (flags.count) await printResult(flags.json, { count }, `${count}\n`);
  });
}
