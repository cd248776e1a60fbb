/**
 * `tallyd series retain`: other archives, method or xFilesFactor for chosen series, as
 * whisper-resize, whisper-set-aggregation-method and whisper-set-xfilesfactor. (What the schema
 * files say for all series is `retention apply`.)
 */
import { type Command, Option } from 'commander';
import { badUsage } from '../lib/errors.ts';
import { ADMIN_PAGE } from '../storage/admin/limits.ts';
import { AGGREGATION_METHODS, type AggregationMethod } from '../storage/retention/archives.ts';
import { formatRetentions, parseRetentions } from '../storage/retention/retentions.ts';
import type { SeriesInfo } from '../storage/roles.ts';
import { numberArgument } from './arguments.ts';
import { confirmFirst, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { shortFloat32 } from './numbers.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult, writeOut } from './output.ts';
import { slices } from '../lib/slices.ts';
import { Progress } from './progress.ts';
import { QUERY_HELP, selectNames } from './series-select.ts';

interface RetainFlags extends StoreFlags {
  yes: boolean;
  retentions?: string;
  method?: AggregationMethod;
  xFilesFactor?: number;
  rewrite: boolean;
  dryRun: boolean;
  json: boolean;
}

export function addSeriesRetain(series: Command): void {
  const command = series
    .command('retain')
    .description(
      'Keep series by other archives, method or xFilesFactor. Points that they have stay readable; ' +
        '--rewrite copies them for good.',
    )
    .argument('<query...>', QUERY_HELP)
    .option('--retentions <list>', 'New archives, such as 10s:6h,1m:7d.')
    .addOption(
      new Option('--method <method>', 'How finer points become coarser ones.').choices(
        AGGREGATION_METHODS,
      ),
    )
    .option(
      '--x-files-factor <share>',
      'Share of finer points that must be there for a coarser one, 0 to 1.',
      numberArgument({ min: 0, max: 1 }),
    )
    .option('--rewrite', 'Copy the points into the new archives now.', false)
    .option('--dry-run', 'Only print what would change.', false)
    .option('-y, --yes', YES_HELP, false)
    .option('--json', 'Print one JSON object.', false)
    .action(retain);
  addStoreFlags(command);
  addExamples(command, [
    ["tallyd series retain 'stats.timers.**' --retentions 10s:1d,1m:30d --dry-run", 'a look first'],
    ["tallyd series retain 'app.*.errors' --method sum --x-files-factor 0", 'a method and factor'],
    ['tallyd series retain app.load --retentions 1m:1y --rewrite', 'and copy the points'],
  ]);
}

async function retain(queries: string[], flags: RetainFlags): Promise<void> {
  const changes = changesOf(flags);
  const progress = new Progress('series');
  await withAdmin(flags, async (admin) => {
    const names = await selectNames(admin, queries);
    if (!flags.dryRun && (flags.rewrite || names.length > queries.length)) {
      const copied = flags.rewrite ? ' and copy their points for good' : '';
      const question = `Keep ${names.length} series otherwise${copied}, such as ${names[0]}?`;
      await confirmFirst(flags.yes, question, 'nothing was changed');
    }
    let changed = 0;
    let done = 0;
    for (const page of slices(names, ADMIN_PAGE)) {
      const wanted = (await admin.info({ names: page })).series.flatMap((detail) => {
        if (detail === undefined) return [];
        const { name, archives, aggregationMethod, xFilesFactor } = detail;
        const next = { name, archives, aggregationMethod, xFilesFactor, ...changes };
        return describe(next) === describe(detail) ? [] : [next];
      });
      if (!flags.dryRun) {
        changed += (await admin.retain({ changes: wanted, rewrite: flags.rewrite })).count;
      } else {
        changed += wanted.length;
        if (!flags.json) await writeOut(wanted.map((change) => `${describe(change)}\n`).join(''));
      }
      progress.show((done += page.length), names.length);
    }
    progress.clear();
    const { dryRun } = flags;
    const text = `${changed} of ${names.length} series ${dryRun ? 'would be ' : ''}changed\n`;
    await printResult(flags.json, { dryRun, series: names.length, changed }, text);
  });
}

/** Changes that the flags ask for; throws `badUsage` when there are none, or no archives. */
function changesOf({ retentions, method, xFilesFactor }: RetainFlags): Partial<SeriesInfo> {
  if (retentions === undefined && method === undefined && xFilesFactor === undefined) {
    throw badUsage('nothing to change, expected --retentions, --method or --x-files-factor');
  }
  return {
    ...(retentions === undefined ? {} : { archives: parseRetentions(retentions) }),
    ...(method === undefined ? {} : { aggregationMethod: method }),
    ...(xFilesFactor === undefined ? {} : { xFilesFactor }),
  };
}

function describe({ name, archives, aggregationMethod, xFilesFactor }: SeriesInfo): string {
  const factor = shortFloat32(xFilesFactor);
  return `${name}: ${formatRetentions(archives)}, ${aggregationMethod}, xFilesFactor ${factor}`;
}
