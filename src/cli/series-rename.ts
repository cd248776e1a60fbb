/** `tallyd series rename`: new names for series, points and all. */
import type { Command } from 'commander';
import { badUsage } from '../lib/errors.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { ADMIN_PAGE } from '../storage/admin/limits.ts';
import { requireName } from '../wire/series-name.ts';
import { confirmFirst, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { NameMap } from './name-map.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { slices } from '../lib/slices.ts';
import { Progress } from './progress.ts';
import { selectNames } from './series-select.ts';

interface RenameFlags extends StoreFlags {
  yes: boolean;
  dryRun: boolean;
  json: boolean;
}

export function addSeriesRename(series: Command): void {
  const command = series
    .command('rename')
    .description(
      'Give series new names; their points come along. One whose new name is taken stays. Nothing ' +
        'is renamed when two would get the same name.',
    )
    .argument('<from>', 'a name, or a glob with * such as servers.*.load')
    .argument('<to>', 'the new name, with as many * for a glob: hosts.*.load')
    .option('--dry-run', 'Only print the old and the new names.', false)
    .option('-y, --yes', YES_HELP, false)
    .option('--json', 'Print one JSON object.', false)
    .action(rename);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd series rename stats.gauges.queu stats.gauges.queue', 'one series'],
    ["tallyd series rename 'servers.*.load' 'hosts.*.load' --dry-run", 'many, just looking'],
    ["tallyd series rename 'disk.used' 'disk.used;host=a'", 'a plain name becomes a tagged one'],
  ]);
}

async function rename(from: string, to: string, flags: RenameFlags): Promise<void> {
  const map = new NameMap(from, to);
  const progress = new Progress('series');
  await withAdmin(flags, async (admin) => {
    const pairs = await pairsOf(admin, from, map);
    if (flags.dryRun) {
      const lines = pairs.map((pair) => `${pair.from} -> ${pair.to}\n`);
      await printResult(flags.json, { dryRun: true, series: pairs.length, pairs }, lines.join(''));
      if (!flags.json) progress.note(`${pairs.length} series would be renamed`);
      return;
    }
    if (pairs.length > 1) {
      const [one] = pairs;
      const question = `Rename ${pairs.length} series, such as ${one!.from} to ${one!.to}?`;
      await confirmFirst(flags.yes, question, 'nothing was renamed');
    }
    let renamed = 0;
    for (const page of slices(pairs, ADMIN_PAGE)) {
      renamed += (await admin.rename({ pairs: page })).count;
      progress.show(renamed, pairs.length);
    }
    progress.clear();
    const left = pairs.length - renamed;
    const taken = left > 0 ? `, ${left} left: new name taken` : '';
    const result = { series: pairs.length, renamed };
    await printResult(flags.json, result, `${renamed} series renamed${taken}\n`);
    if (left > 0) process.exitCode = 1;
  });
}

/** Old and new names; throws `badUsage` when two get the same one. */
async function pairsOf(
  admin: StoreAdmin,
  from: string,
  map: NameMap,
): Promise<{ from: string; to: string }[]> {
  const names = await selectNames(admin, [from]);
  const takers = new Map<string, string>();
  const pairs = [];
  for (const name of names) {
    const to = map.apply(name);
    // A glob's own spelling of a name without the dots in place is not carried over.
    if (to === undefined) continue;
    const target = requireName(to);
    const other = takers.get(target);
    if (other !== undefined) {
      throw badUsage(
        `"${other}" and "${name}" would both become "${target}", expected distinct names`,
      );
    }
    takers.set(target, name);
    if (target !== name) pairs.push({ from: name, to: target });
  }
  return pairs;
}
