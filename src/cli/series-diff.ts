/**
 * `tallyd series diff`: the points in which two series, or whisper files, differ, in the shapes of
 * whisper-diff. Exit code 0 when there are none, 1 when there are some, as diff(1).
 */
import type { Command } from 'commander';
import { badRequest } from '../lib/errors.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { ImportedArchive } from '../storage/roles.ts';
import { addExamples } from './examples.ts';
import { jsonNumber } from './numbers.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { writeOut } from './output.ts';
import { readSource, SOURCE_HELP } from './series-source.ts';
import { timeArgument } from './times.ts';

interface DiffFlags extends StoreFlags {
  summary: boolean;
  ignoreEmpty: boolean;
  columns: boolean;
  headers: boolean;
  until?: number;
  json: boolean;
}

interface ArchiveDiff {
  archive: number;
  /** Points that are compared. */
  total: number;
  /** Those that differ; NaN where one side has none. */
  points: { time: number; a: number; b: number }[];
}

export function addSeriesDiff(series: Command): void {
  const command = series
    .command('diff')
    .description(
      'Show the points in which two series or whisper files with the same archives differ. ' +
        'Exit code 1 when there are any.',
    )
    .argument('<a>', SOURCE_HELP)
    .argument('<b>', SOURCE_HELP)
    .option('--summary', 'Only how many points differ, by archive.', false)
    .option('--ignore-empty', 'Pass over points that one of the two does not have.', false)
    .option('--columns', 'Print simple columns.', false)
    .option('--no-headers', 'Print no column headers.')
    .option('--until <time>', 'Compare only points up to this.', timeArgument)
    .option('--json', 'Print one JSON object.', false)
    .action(diff);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd series diff servers.web01.load servers.web02.load --summary', 'how many differ'],
    ['tallyd series diff whisper/servers/web01/load.wsp servers.web01.load', 'after an import'],
    ['tallyd series diff a.b c.d --columns --no-headers', 'for scripts'],
  ]);
}

async function diff(a: string, b: string, flags: DiffFlags): Promise<void> {
  await withAdmin(flags, async (admin) => {
    const [first, second] = [await readSource(admin, a), await readSource(admin, b)];
    const [left, right] = [first, second].map(({ info }) => formatRetentions(info.archives));
    if (left !== right) {
      throw badRequest(`"${a}" has ${left} and "${b}" has ${right}, expected the same archives`);
    }
    const diffs = first.data.map(
      (archive, i) => compare(i, archive, second.data[i]!, flags), // as many
    );
    const text = flags.summary ? summaryText : pointsText;
    await writeOut(flags.json ? asJson(a, b, diffs, flags.summary) : text(diffs, flags));
    if (diffs.some(({ points }) => points.length > 0)) process.exitCode = 1;
  });
}

/** Walks both columns of times in step. */
function compare(
  archive: number,
  a: ImportedArchive,
  b: ImportedArchive,
  { ignoreEmpty, until = Infinity }: DiffFlags,
): ArchiveDiff {
  const points: ArchiveDiff['points'] = [];
  let total = 0;
  for (let [i, j] = [0, 0]; i < a.times.length || j < b.times.length;) {
    const time = Math.min(a.times[i] ?? Infinity, b.times[j] ?? Infinity);
    if (time > until) break;
    const left = a.times[i] === time ? a.values[i++]! : NaN;
    const right = b.times[j] === time ? b.values[j++]! : NaN;
    if (ignoreEmpty && (Number.isNaN(left) || Number.isNaN(right))) continue;
    total += 1;
    if (left !== right) points.push({ time, a: left, b: right });
  }
  return { archive, total, points };
}

/** Prints rows of cells: a blank apart for scripts, to the right of columns for people. */
function rowPrinter(columns: boolean, widths: number[]): (cells: (string | number)[]) => string {
  return (cells) =>
    `${cells.map((cell, i) => String(cell).padStart(columns ? 0 : widths[i]!)).join(' ')}\n`;
}

function summaryText(diffs: readonly ArchiveDiff[], { columns, headers }: DiffFlags): string {
  const row = rowPrinter(columns, [7, 9, 9]);
  const head = headers ? row(['archive', 'total', 'differing']) : '';
  return (
    head + diffs.map(({ archive, total, points }) => row([archive, total, points.length])).join('')
  );
}

function pointsText(diffs: readonly ArchiveDiff[], { columns, headers }: DiffFlags): string {
  const row = rowPrinter(columns, [7, 11, 13, 13]);
  const shown = (value: number): string => (Number.isNaN(value) ? 'None' : String(value));
  let text = headers ? row(['archive', 'timestamp', 'value_a', 'value_b']) : '';
  for (const { archive, total, points } of diffs) {
    if (!columns) {
      text += `Archive ${archive} (${points.length} of ${total} datapoints differ)\n`;
      text += row(['', 'timestamp', 'value_a', 'value_b']);
    }
    for (const { time, a, b } of points) {
      text += row([columns ? archive : '', time, shown(a), shown(b)]);
    }
  }
  return text;
}

/** JSON in the form of whisper-diff, which calls the inputs paths. */
function asJson(a: string, b: string, diffs: readonly ArchiveDiff[], isSummary: boolean): string {
  const archives = diffs.map(({ archive, total, points }) => {
    const head = `{"archive":${archive},"total":${total},"points":${points.length}`;
    if (isSummary) return `${head}}`;
    const rows = points.map(
      (point) =>
        `{"timestamp":${point.time},"value_a":${jsonNumber(point.a)},"value_b":${jsonNumber(point.b)}}`,
    );
    return `${head},"datapoint":[${rows.join(',')}]}`;
  });
  const paths = `"path_a":${JSON.stringify(a)},"path_b":${JSON.stringify(b)}`;
  return `{${paths},"archives":[${archives.join(',')}]}\n`;
}
