/**
 * `tallyd retention plan` and `retention apply`: what the rules would change in the series that are
 * there, and making it so. Both ask a running server, for its rules too, or open the store themselves; `apply` may be run again at any time and goes on where it was.
 */
import type { Command } from 'commander';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { ADMIN_PAGE } from '../storage/admin/limits.ts';
import { namePages } from '../storage/admin/whole-series.ts';
import { type PlanEffect, type PlanGroup, RetentionPlan } from '../storage/retention/plan.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { RetentionRules } from '../storage/retention/rules.ts';
import type { SeriesInfo } from '../storage/roles.ts';
import { badUsage } from '../lib/errors.ts';
import { canAsk, isConfirmed, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { shortFloat32 } from './numbers.ts';
import { addStoreFlags, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { slices } from '../lib/slices.ts';
import { Progress } from './progress.ts';
import { sourceText } from './rule-source.ts';
import { type RuleFlags, rulesInForce } from './rules-in-force.ts';
import { formatTable } from './table.ts';
import { counted } from '../lib/counted.ts';

/** Series whose points are copied in one call: long enough to be worth it, short enough to see. */
const REWRITE_PAGE = 128;

interface PlanFlags extends RuleFlags {
  json: boolean;
}

interface ApplyFlags extends PlanFlags {
  dryRun: boolean;
  rewrite: boolean;
  yes: boolean;
}

export function addRetentionPlan(retention: Command): void {
  const plan = retention
    .command('plan')
    .description(
      'Compare the series that are there with the rules: which would be kept otherwise, by which ' +
        'lines, and what becomes of their points. Changes nothing.',
    );
  addPlanFlags(plan);
  plan.action((query: string, flags: PlanFlags) => showPlan(query, flags));
  addExamples(plan, [
    ['tallyd retention plan', 'what the rules in force would change'],
    ["tallyd retention plan 'stats.timers.**' --storage-schemas new.conf", 'before putting it in'],
  ]);
  const apply = retention
    .command('apply')
    .description(
      'Keep the series that are there by the rules. Points stay readable: they are converted when ' +
        'read, or copied for good with --rewrite. May be stopped and run again.',
    )
    .option('--dry-run', 'Show what would change, as `retention plan` does.', false)
    .option('--rewrite', 'Copy all points into the new archives, which takes its time.', false)
    .option('-y, --yes', YES_HELP, false);
  addPlanFlags(apply);
  apply.action((query: string, flags: ApplyFlags) => applyPlan(query, flags));
  addExamples(apply, [
    ['tallyd retention apply --dry-run', 'look first'],
    ["tallyd retention apply 'servers.*.cpu.*'", 'these series only, while the server goes on'],
    ['tallyd retention apply --rewrite', 'and give the space of the old archives back'],
  ]);
}

function addPlanFlags(command: Command): void {
  command
    .argument('[query]', 'A glob of names, or seriesByTag(…); without it, all series.', '**')
    .option('--storage-schemas <file>', 'Read this file of schemas instead.')
    .option('--storage-aggregation <file>', 'Read this file of aggregation rules instead.')
    .option('--json', 'Print JSON.', false);
  addStoreFlags(command);
}

async function showPlan(query: string, flags: PlanFlags): Promise<void> {
  const plan = await withAdmin(flags, async (admin) => {
    return planOf(admin, query, (await rulesInForce(flags, admin)).rules);
  });
  await printResult(flags.json, jsonOf(plan), textOf(plan));
}

async function planOf(
  admin: StoreAdmin,
  query: string,
  rules: RetentionRules,
): Promise<RetentionPlan> {
  const made = new RetentionPlan(rules);
  const progress = new Progress('series');
  for await (const infos of keptPages(admin, query)) {
    for (const info of infos) made.add(info);
    progress.count(made.series);
  }
  progress.clear();
  return made;
}

async function applyPlan(query: string, flags: ApplyFlags): Promise<void> {
  if (flags.dryRun) return showPlan(query, flags);
  const { rewrite } = flags;
  const { plan, changed } = await withAdmin(flags, async (admin) => {
    const { rules } = await rulesInForce(flags, admin);
    if (canAsk(flags.yes)) await askFirst(await planOf(admin, query, rules), rewrite);
    const made = new RetentionPlan(rules);
    let count = 0;
    const progress = new Progress('series');
    for await (const infos of keptPages(admin, query)) {
      const changes = infos.flatMap((info): SeriesInfo[] => {
        const to = made.add(info);
        if (to === undefined) return rewrite ? [info] : [];
        const { archives, aggregationMethod, xFilesFactor } = to;
        return [{ name: info.name, archives, aggregationMethod, xFilesFactor }];
      });
      let done = made.series - changes.length;
      for (const page of slices(changes, rewrite ? REWRITE_PAGE : ADMIN_PAGE)) {
        count += (await admin.retain({ changes: page, rewrite })).count;
        progress.count((done += page.length));
      }
      progress.count(made.series);
    }
    progress.clear();
    return { plan: made, changed: count };
  });
  const result = { changed, rewritten: rewrite, ...jsonOf(plan) };
  const how = rewrite ? 'changed or copied' : 'changed';
  await printResult(flags.json, result, `${changed} of ${plan.series} series ${how}\n`);
}

/** How the series of a query are kept, page by page. */
export async function* keptPages(admin: StoreAdmin, query: string): AsyncGenerator<SeriesInfo[]> {
  for await (const names of namePages(admin, [query])) {
    const { series } = await admin.kept({ names });
    yield series.filter((info) => info !== undefined);
  }
}

/** Throws `badUsage` where the answer is no. */
async function askFirst(plan: RetentionPlan, rewrite: boolean): Promise<void> {
  if (plan.changes === 0 && !rewrite) return;
  process.stderr.write(textOf(plan));
  const copies = rewrite ? `, and copy the points of all ${plan.series}` : '';
  const question = `Keep ${plan.changes} series otherwise${copies}?`;
  if (!(await isConfirmed(question))) throw badUsage('nothing was changed');
}

function jsonOf(plan: RetentionPlan) {
  const { series, changes, bytesBefore, bytesAfter } = plan;
  const groups = plan.groups.map(({ from, to, ...rest }) => ({
    ...rest,
    from: keptOf(from),
    to: { ...keptOf(to), schema: to.schema, aggregation: to.aggregation },
  }));
  return { series, changes, bytesBefore, bytesAfter, groups };
}

function keptOf({ archives, aggregationMethod, xFilesFactor }: Omit<SeriesInfo, 'name'>) {
  const retentions = formatRetentions(archives);
  return { retentions, archives, aggregationMethod, xFilesFactor };
}

function textOf(plan: RetentionPlan): string {
  const { series, changes, bytesBefore, bytesAfter, groups } = plan;
  if (changes === 0)
    return `All ${counted(series, 'series is', 'series are')} kept as the rules say.\n`;
  const bytes = `at most ${bytesText(bytesBefore)} become ${bytesText(bytesAfter)}`;
  const head = `${changes} of ${series} series would be kept otherwise; ${bytes}.\n`;
  return head + groups.map(groupText).join('');
}

function groupText(group: PlanGroup): string {
  const { from, to, effects, pointsLost, pointsCoarser } = group;
  const rows = [
    ['  from', keptText(from), bytesText(group.bytesBefore)],
    ['  to', keptText(to), bytesText(group.bytesAfter)],
    ['  by', `${sourceText(to.schema)}, ${sourceText(to.aggregation)}`, ''],
    ...effects.map((effect) => ['', effectText(effect), '']),
  ];
  if (pointsLost > 0) rows.push(['', `up to ${counted(pointsLost, 'point')} lost in all`, '']);
  if (pointsCoarser > 0)
    rows.push([
      '',
      `up to ${counted(pointsCoarser, 'point becomes', 'points become')} coarser`,
      '',
    ]);
  const head = formatTable([`${group.series} series, such as ${group.example}`], []);
  return `\n${head}${formatTable(rows[0]!, rows.slice(1))}`; // never empty
}

function keptText({ archives, aggregationMethod, xFilesFactor }: Omit<SeriesInfo, 'name'>): string {
  return `${formatRetentions(archives)} ${aggregationMethod} ${shortFloat32(xFilesFactor)}`;
}

function effectText({ kind, fromAge, toAge, fromStep, toStep }: PlanEffect): string {
  const ages = fromAge === 0 ? `up to ${age(toAge)} old` : `${age(fromAge)} to ${age(toAge)} old`;
  if (kind === 'lost') return `lost: points ${ages}, one every ${age(fromStep!)}`;
  if (kind === 'kept') return `kept longer: points ${ages}, one every ${age(toStep!)}`;
  return `${kind}: points ${ages}, ${age(fromStep!)} become ${age(toStep!)}`;
}

/** An age in the largest unit that divides it, as retentions are written. */
function age(seconds: number): string {
  const units: [string, number][] = [
    ['y', 31_536_000],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ];
  const unit = units.find(([, length]) => seconds % length === 0 && seconds >= length);
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bytes || 1) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
