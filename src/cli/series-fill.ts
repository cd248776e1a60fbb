/**
 * `tallyd series fill` and `series merge`: points of one series, or of a whisper file, into another
 * series, archive by archive where the steps are the same. `fill` takes only what the target lacks,
 * `merge` takes everything. A target that is not there becomes a copy.
 */
import type { Command } from 'commander';
import { badUsage, overLimit } from '../lib/errors.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { putArchives } from '../storage/admin/whole-series.ts';
import { requireName } from '../wire/series-name.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { ImportedArchive } from '../storage/roles.ts';
import { canAsk, isConfirmed, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { NameMap } from './name-map.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { writeOut } from './output.ts';
import { Progress } from './progress.ts';
import { selectNames } from './series-select.ts';
import { findSource, isFile, readSource, SOURCE_HELP } from './series-source.ts';
import { timeArgument } from './times.ts';
import { counted } from '../lib/counted.ts';

interface CopyFlags extends StoreFlags {
  from?: number;
  until?: number;
  dryRun: boolean;
  yes: boolean;
  json: boolean;
}

type Kind = 'fill' | 'merge';

export function addSeriesCopies(series: Command): void {
  addCopy(
    series,
    'fill',
    'Copy points that another series lacks from a series or a whisper file. What it has stays.',
    [
      ['tallyd series fill old.name new.name', 'the gaps of new.name, from old.name'],
      ["tallyd series fill 'stats.*.api' 'archive.*.api' --dry-run", 'many, just looking'],
      ['tallyd series fill /mnt/b/servers/web01/load.wsp servers.web01.load', 'from a replica'],
    ],
  );
  addCopy(
    series,
    'merge',
    'Copy all points of a series or a whisper file into another series, over those it has.',
    [
      ['tallyd series merge old.name new.name --from -7d', 'the last week wins'],
      ["tallyd series merge 'a.*.load' 'b.*.load' --json", 'many, the result as JSON'],
      ['tallyd series merge load.wsp servers.web01.load', 'a whisper file into a series'],
    ],
  );
}

function addCopy(
  series: Command,
  kind: Kind,
  description: string,
  examples: [line: string, does: string][],
): void {
  const command = series
    .command(kind)
    .description(
      `${description} Archives are matched by their steps; a target that is not there is made.`,
    )
    .argument('<from>', `${SOURCE_HELP}; or a glob with *`)
    .argument('<to>', 'the series to write to, with as many * for a glob')
    .option('--from <time>', 'Only points later than this [all]', timeArgument)
    .option('--until <time>', 'Only points up to this [all]', timeArgument)
    .option('--dry-run', 'Only say how many points that would be.', false)
    .option('-y, --yes', YES_HELP, false)
    .option('--json', 'Print one JSON object a series and line.', false)
    .action(async (from: string, to: string, flags: CopyFlags) => copyAll(kind, from, to, flags));
  addStoreFlags(command);
  addExamples(command, examples);
}

async function copyAll(kind: Kind, from: string, to: string, flags: CopyFlags): Promise<void> {
  const map = new NameMap(from, to);
  const progress = new Progress('series');
  await withAdmin(flags, async (admin) => {
    const sources = isFile(from) ? [from] : await selectNames(admin, [from]);
    const isOver = kind === 'merge' && !flags.dryRun;
    if (isOver && canAsk(flags.yes)) await askFirst(sources, to);
    for (const [i, source] of sources.entries()) {
      const target = map.apply(source);
      if (target === undefined) continue; // matched by a looser reading of the glob
      const copied = await copy(admin, kind, source, requireName(target), flags);
      progress.show(i + 1, sources.length);
      progress.clear();
      await writeOut(flags.json ? `${JSON.stringify(copied)}\n` : sentence(copied, flags.dryRun));
    }
  });
}

/** Throws `badUsage` where the answer is no. */
async function askFirst(sources: readonly string[], to: string): Promise<void> {
  const many = sources.length === 1 ? '' : ` and ${sources.length - 1} more`;
  const question = `Copy points of ${sources[0]}${many} over those of ${to}?`; // one at least
  if (!(await isConfirmed(question))) throw badUsage('nothing was copied');
}

type Copied = Awaited<ReturnType<typeof copy>>;

/**
 * Copies points from one series to another, or says what would be copied: the points by archive of
 * the target, and the retentions of the source whose steps the target does not have.
 */
async function copy(admin: StoreAdmin, kind: Kind, from: string, to: string, flags: CopyFlags) {
  const source = await readSource(admin, from);
  if (source.info.name === to) throw badUsage(`"${to}" into itself, expected another series`);
  if (isFile(to)) throw badUsage(`"${to}" is a file, expected a series to write to`);
  const target = await findSource(admin, to);
  const archives = target?.info.archives ?? source.info.archives;
  const parts = archives.map(({ step }): ImportedArchive => {
    const own = source.data.find((archive) => archive.step === step);
    const held =
      kind === 'fill' ? target?.data.find((archive) => archive.step === step) : undefined;
    return selected(step, own, held, flags);
  });
  if (!flags.dryRun && (target === undefined || parts.some(({ times }) => times.length > 0))) {
    const info = { ...source.info, ...target?.info, name: to };
    if ((await putArchives(admin, info, parts)) === undefined) {
      throw overLimit(`"${to}": the store has as many series as it may hold`);
    }
  }
  const steps = new Set(archives.map(({ step }) => step));
  return {
    from,
    to,
    created: target === undefined,
    points: parts.map(({ times }) => times.length),
    left: formatRetentions(source.info.archives.filter(({ step }) => !steps.has(step))),
  };
}

/** Points of the source in the range, without those that the target holds. */
function selected(
  step: number,
  source: ImportedArchive | undefined,
  held: ImportedArchive | undefined,
  { from = -Infinity, until = Infinity }: CopyFlags,
): ImportedArchive {
  const known = new Set(held?.times);
  const wanted: number[] = [];
  source?.times.forEach((time, i) => {
    if (time > from && time <= until && !known.has(time)) wanted.push(i);
  });
  return {
    step,
    times: Float64Array.from(wanted, (i) => source!.times[i]!), // wanted is empty without a source
    values: Float64Array.from(wanted, (i) => source!.values[i]!),
  };
}

function sentence({ from, to, created, points, left }: Copied, dryRun: boolean): string {
  const total = points.reduce((sum, count) => sum + count, 0);
  const each = points.length > 1 ? ` (${points.join(' + ')})` : '';
  const verb = dryRun ? 'would be copied' : 'copied';
  return (
    `${from} -> ${to}: ${counted(total, 'point')}${each} ${verb}` +
    (created ? `, ${dryRun ? 'to a new series' : 'the series is new'}` : '') +
    (left === '' ? '\n' : `; nothing of ${left}, the target has no such step\n`)
  );
}
