/**
 * `tallyd compare <old> <new> [target…]`: the same targets of two servers, and in what their answers
 * differ. For the days on which an old Graphite and tallyd run side by side. Exit code 1 when something
 * differs, or when there was nothing to compare.
 */
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { counted } from '../lib/counted.ts';
import { badUsage, UserError } from '../lib/errors.ts';
import { readGivenFile } from '../lib/given-file.ts';
import { utcText } from '../lib/last-second.ts';
import { numberArgument } from './arguments.ts';
import {
  type Closeness,
  compareAnswers,
  type Compared,
  type Difference,
} from './compare-answers.ts';
import { addExamples } from './examples.ts';
import { GraphiteServer, type GraphiteSeries } from './graphite-server.ts';
import { accessHeaders, readUrl } from './http-admin.ts';
import { printResult } from './output.ts';
import { shortNumber } from './plot.ts';
import { Progress } from './progress.ts';
import { sampleNames } from './sampled-names.ts';
import { formatTable } from './table.ts';
import { timeArgument } from './times.ts';

interface CompareFlags {
  from: string;
  until: string;
  targets?: string;
  sample: number;
  seed: number;
  match: string[];
  exclude: string[];
  tolerance: number;
  skipNewest: number;
  rows: number;
  json: boolean;
}

interface Total extends Compared {
  targets: number;
  /** Targets that have no series on either server. */
  empty: number;
}

interface Servers {
  old: GraphiteServer;
  fresh: GraphiteServer;
}

/** Names of a sample in one request; given targets are asked one by one, as their series share names. */
const NAMES_AT_ONCE = 50;
const whole = (min: number, max: number) => numberArgument({ min, max, whole: true });

export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'Ask two servers that speak Graphite the same, and show in what they differ. Without targets ' +
        'a sample of the series that the old one has. Exit code 1 when something differs.',
    )
    .argument('<old>', 'such as http://graphite.example.com')
    .argument('<new>', 'such as http://127.0.0.1:8080')
    .argument('[target...]', 'as in /render')
    .option('--targets <file>', 'Targets, one a line; - for standard input.')
    .option('--from <time>', 'Start, as in /render.', '-1h')
    .option('--until <time>', 'End, as in /render.', 'now')
    .option('--sample <count>', 'Series to compare without targets.', whole(1, 1e6), 500)
    .option('--seed <number>', 'Same seed, same sample.', whole(0, 2 ** 32 - 1), 1)
    .option('--match <glob...>', 'Sample these: servers.**', [])
    .option('--exclude <glob...>', "Do not sample these: 'carbon.**'", [])
    .option('--tolerance <part>', 'By how much values may differ: 0.01, or 1%.', readPart, 1e-9)
    .option('--skip-newest <points>', 'Newest points to leave out.', whole(0, 1e6), 1)
    .option('--rows <count>', 'Rows of the table; --json has all.', whole(0, 1e6), 40)
    .option('--json', 'Print one JSON object.', false)
    .action(compare);
  addExamples(command, [
    ['tallyd compare http://graphite http://localhost:8080', '500 series at random, the last hour'],
    ["tallyd compare http://old http://new 'sumSeries(stats.*.load)' --from -7d", 'one target'],
    ['TALLYD_TOKEN=… tallyd compare http://me:secret@old http://new', 'where both ask who it is'],
    ["tallyd compare http://old http://new --exclude 'carbon.**' --tolerance 1%", 'not quite all'],
  ]);
}

async function compare(
  oldUrl: string,
  newUrl: string,
  args: string[],
  flags: CompareFlags,
): Promise<void> {
  const servers = {
    old: new GraphiteServer(readUrl(oldUrl, '<old>')),
    // The old server is another's: it gets no token.
    fresh: new GraphiteServer(readUrl(newUrl, '<new>'), accessHeaders()),
  };
  const range = { from: timeArgument(flags.from), until: timeArgument(flags.until) };
  if (range.from >= range.until) {
    throw badUsage(`read --from ${flags.from} --until ${flags.until}, expected from before until`);
  }
  const given = await givenTargets(args, flags.targets);
  const sampled = given === undefined ? await sampleNames(servers.old, flags) : undefined;
  const targets = given ?? sampled?.names ?? [];
  const atOnce = given === undefined ? NAMES_AT_ONCE : 1;
  const total: Total = {
    targets: 0,
    empty: 0,
    series: 0,
    same: 0,
    silent: 0,
    points: 0,
    differences: [],
  };
  const progress = new Progress('targets');
  for (let i = 0; i < targets.length; i += atOnce) {
    await compareTargets(servers, targets.slice(i, i + atOnce), { ...flags, ...range }, total);
    progress.show(total.targets, targets.length);
  }
  progress.clear();
  const { differences } = total;
  differences.sort((a, b) => (b.by ?? Infinity) - (a.by ?? Infinity));
  const names =
    sampled === undefined
      ? {}
      : { names: sampled.of, unsayable: sampled.unsayable, seed: flags.seed };
  await printResult(
    flags.json,
    { old: servers.old.location, new: servers.fresh.location, ...range, ...names, ...total },
    tableOf(differences, flags.rows) + summaryOf(total, sampled),
  );
  if (differences.length > 0 || total.points === 0) process.exitCode = 1;
}

/** Undefined where none are given, neither as arguments nor in a file. */
async function givenTargets(args: string[], file?: string): Promise<string[] | undefined> {
  if (file === undefined) return args.length === 0 ? undefined : args;
  const text =
    file === '-'
      ? await readAll(process.stdin)
      : readGivenFile(file, 'lines of targets').toString();
  const lines = text.split('\n').map((line) => line.trim());
  const targets = [...args, ...lines.filter((line) => line !== '' && !line.startsWith('#'))];
  if (targets.length === 0) throw badUsage(`--targets: "${file}" has no line with a target`);
  return targets;
}

/** Epoch seconds, the same for both servers. */
interface Asked extends Closeness {
  from: number;
  until: number;
}

/** Asks both at once; where one rejects several targets together, each by itself. */
async function compareTargets(
  { old, fresh }: Servers,
  targets: readonly string[],
  asked: Asked,
  total: Total,
): Promise<void> {
  const form = new URLSearchParams({ format: 'json', noCache: '1' });
  form.set('from', String(asked.from));
  form.set('until', String(asked.until));
  for (const target of targets) form.append('target', target);
  const [left, right] = await Promise.all([answerOf(old, form), answerOf(fresh, form)]);
  const isRejected = typeof left === 'string' || typeof right === 'string';
  if (isRejected && targets.length > 1) {
    for (const target of targets) await compareTargets({ old, fresh }, [target], asked, total);
    return;
  }
  total.targets += targets.length;
  if (isRejected) {
    const detail = Object.entries({ old: left, new: right })
      .flatMap(([name, said]) => (typeof said === 'string' ? `${name}: ${said}` : []))
      .join('; ');
    total.differences.push({ series: targets[0]!, kind: 'error', detail }); // just one
    return;
  }
  const { differences, series, same, silent, points } = compareAnswers(left, right, asked);
  if (left.length === 0 && right.length === 0) total.empty += targets.length;
  total.differences.push(...differences);
  total.series += series;
  total.same += same;
  total.silent += silent;
  total.points += points;
}

/** The series, or the sentence by which the server rejects the request. */
async function answerOf(
  server: GraphiteServer,
  form: URLSearchParams,
): Promise<GraphiteSeries[] | string> {
  try {
    return await server.render(form);
  } catch (error) {
    if (error instanceof UserError && error.code === 'badTarget') return error.message;
    throw error;
  }
}

function tableOf(differences: readonly Difference[], most: number): string {
  if (differences.length === 0 || most === 0) return '';
  const value = (one: number | null | undefined): string =>
    one === undefined ? '' : one === null ? 'null' : String(one);
  const rows = differences.slice(0, most).map((one) => {
    const points = one.points === undefined ? '' : `${one.points} of ${one.of}`;
    const at = one.time === undefined ? '' : utcText(one.time);
    const by = one.by === undefined ? '' : `${shortNumber(one.by * 100)} %`;
    return [one.series, one.kind, points, by, at, value(one.old), value(one.new), one.detail ?? ''];
  });
  const head = ['series', 'differs in', 'points', 'by', 'most at', 'old', 'new', ''];
  const left = differences.length - rows.length;
  return `${formatTable(head, rows)}${left > 0 ? `… and ${left} more: --rows, --json\n` : ''}\n`;
}

function summaryOf(
  { targets, empty, series, same, silent, points, differences }: Total,
  sampled: { of: number; unsayable: number } | undefined,
): string {
  const kinds = new Map<string, number>();
  for (const { kind } of differences) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const differing = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const notes = [
    `${counted(targets, 'target')}${sampled === undefined ? '' : ` of ${sampled.of}`}: ` +
      `${series} series and ${counted(points, 'point')} compared, ${same} series the same`,
    ...(differences.length === 0 ? ['0 differences'] : [`differences: ${differing}`]),
    ...(silent > 0 ? [`${silent} without a value on both`] : []),
    ...(empty > 0 ? [`${counted(empty, 'target')} without series on both`] : []),
    ...((sampled?.unsayable ?? 0) > 0 ? [`${sampled!.unsayable} names no target can say`] : []),
  ];
  const nothing = points === 0 ? 'nothing was compared: look at the targets and --from\n' : '';
  return `${notes.join(', ')}\n${nothing}`;
}

/** `0.01` or `1%`. */
function readPart(text: string): number {
  const isPercent = text.trim().endsWith('%');
  const number = numberArgument({ min: 0 })(isPercent ? text.trim().slice(0, -1) : text);
  return isPercent ? number / 100 : number;
}
