/**
 * `tallyd series dump`: every known point of every archive, whatever its age, as whisper-dump
 * prints a file; or as a line of JSON a series.
 */
import type { Command } from 'commander';
import type { SeriesDetail } from '../storage/admin/shapes.ts';
import { readArchives } from '../storage/admin/whole-series.ts';
import type { ImportedArchive } from '../storage/roles.ts';
import { addExamples } from './examples.ts';
import { jsonNumber, shortFloat32 } from './numbers.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { writeOut } from './output.ts';
import { slices } from '../lib/slices.ts';
import { Progress } from './progress.ts';
import { QUERY_HELP, selectNames } from './series-select.ts';
import { type TimeFlags, timePrinter } from './times.ts';

/** Series read at a time: a server then has always one to answer for. */
const GROUP = 8;

interface DumpFlags extends StoreFlags, TimeFlags {
  json: boolean;
}

export function addSeriesDump(series: Command): void {
  const command = series
    .command('dump')
    .description('Print every known point of every archive, whatever its age.')
    .argument('<query...>', QUERY_HELP)
    .option('--json', 'Print one JSON object a series and line.', false)
    .option('--pretty', 'Print dates instead of epoch seconds.', false)
    .option('-t, --time-format <format>', 'Format of dates, as in strftime.')
    .action(dump);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd series dump stats.gauges.queue.depth --pretty', 'one series, for people'],
    ["tallyd series dump '**' --json > everything.jsonl", 'the whole store as text'],
  ]);
}

async function dump(queries: string[], flags: DumpFlags): Promise<void> {
  const progress = new Progress('series');
  const print = timePrinter(flags);
  await withAdmin(flags, async (admin) => {
    const all = await selectNames(admin, queries);
    let done = 0;
    for (const names of slices(all, GROUP)) {
      const { series: details } = await admin.info({ names });
      const archives = await Promise.all(names.map(async (name) => readArchives(admin, name)));
      for (const [i, detail] of details.entries()) {
        const data = archives[i];
        if (detail === undefined || data === undefined) continue; // deleted meanwhile
        await writeOut(flags.json ? asJson(detail, data) : asText(detail, data, print));
      }
      progress.show((done += names.length), all.length);
    }
  });
  progress.clear();
}

function asJson(detail: SeriesDetail, data: readonly ImportedArchive[]): string {
  const { name, aggregationMethod, xFilesFactor } = detail;
  const archives = detail.archives.map(({ step, points }, i) => {
    const { times, values } = data[i]!; // one an archive
    const rows = Array.from(times, (time, at) => `[${time},${jsonNumber(values[at]!)}]`);
    const head = `"step":${step},"points":${points},"retention":${step * points}`;
    return `{${head},"data":[${rows.join(',')}]}`;
  });
  const head = `"name":${JSON.stringify(name)},"aggregationMethod":"${aggregationMethod}"`;
  const factor = shortFloat32(xFilesFactor);
  return `{${head},"xFilesFactor":${factor},"archives":[${archives.join(',')}]}\n`;
}

function asText(
  detail: SeriesDetail,
  data: readonly ImportedArchive[],
  print: (seconds: number) => string,
): string {
  const { name, archives, aggregationMethod, xFilesFactor } = detail;
  const longest = archives.at(-1)!; // never empty
  const lines = [
    `Series: ${name}`,
    'Meta data:',
    `  aggregation method: ${aggregationMethod}`,
    `  max retention: ${longest.step * longest.points}`,
    `  xFilesFactor: ${shortFloat32(xFilesFactor)}`,
    '',
  ];
  archives.forEach(({ step, points }, i) => {
    lines.push(`Archive ${i} info:`, `  seconds per point: ${step}`, `  points: ${points}`);
    lines.push(`  retention: ${step * points}`, '');
  });
  data.forEach(({ times, values }, i) => {
    lines.push(`Archive ${i} data:`);
    times.forEach((time, at) => {
      lines.push(`${at}: ${print(time)}, ${String(values[at]).padStart(10)}`);
    });
  });
  return `${lines.join('\n')}\n\n`;
}
