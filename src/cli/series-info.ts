/**
 * `tallyd series info`: how series are stored and what is known of them, as whisper-info tells of a
 * file.
 */
import type { Command } from 'commander';
import { badUsage } from '../lib/errors.ts';
import type { SeriesDetail } from '../storage/admin/shapes.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import { addExamples } from './examples.ts';
import { shortFloat32 } from './numbers.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { writeOut } from './output.ts';
import { QUERY_HELP, selectPages } from './series-select.ts';
import { timeText } from './times.ts';

interface InfoFlags extends StoreFlags {
  field?: string;
  json: boolean;
}

export function addSeriesInfo(series: Command): void {
  const command = series
    .command('info')
    .description('Show the archives, method and xFilesFactor of series, and their newest points.')
    .argument('<query...>', QUERY_HELP)
    .option('--field <name>', 'Print only this: aggregationMethod, retentions, lastSeen, …')
    .option('--json', 'Print one JSON object a series and line.', false)
    .action(info);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd series info stats.gauges.queue.depth', 'one series, for people'],
    ["tallyd series info 'stats.timers.**' --json", 'many, a line of JSON each'],
    ["tallyd series info 'servers.*.cpu.*' --field retentions", 'only how long'],
  ]);
}

async function info(queries: string[], flags: InfoFlags): Promise<void> {
  await withAdmin(flags, async (admin) => {
    for await (const names of selectPages(admin, queries)) {
      const { series } = await admin.info({ names });
      const details = series.filter((detail) => detail !== undefined);
      await writeOut(details.map((detail) => text(shownOf(detail), flags)).join(''));
    }
  });
}

type Shown = ReturnType<typeof shownOf>;

/** Fields by whisper-info's names, and those that a whisper file lacks; times 0 where unknown. */
function shownOf(detail: SeriesDetail) {
  const { name, archives, aggregationMethod, newestTimes, lastSeen, bytesMax } = detail;
  const longest = archives.at(-1);
  return {
    name,
    aggregationMethod,
    maxRetention: longest === undefined ? 0 : longest.step * longest.points,
    xFilesFactor: shortFloat32(detail.xFilesFactor),
    retentions: formatRetentions(archives),
    lastSeen,
    bytesMax,
    archives: archives.map(({ step, points }, i) => {
      const newest = newestTimes[i] ?? 0;
      return { secondsPerPoint: step, points, retention: step * points, newest };
    }),
  };
}

function text(shown: Shown, { field, json }: InfoFlags): string {
  if (field !== undefined) {
    const known = Object.keys(shown);
    if (!known.includes(field)) {
      throw badUsage(`--field: read "${field}", expected one of ${known.join(', ')}`);
    }
    const value = shown[field as keyof Shown];
    if (json) return `${JSON.stringify({ name: shown.name, [field]: value })}\n`;
    return `${shown.name}\t${typeof value === 'object' ? JSON.stringify(value) : value}\n`;
  }
  if (json) return `${JSON.stringify(shown)}\n`;
  const { archives, lastSeen, ...rest } = shown;
  const lines = Object.entries(rest).map(([key, value]) => `${key}: ${value}`);
  lines.push(`lastSeen: ${lastSeen === 0 ? 'unknown' : timeText(lastSeen)}`);
  archives.forEach(({ newest, ...archive }, i) => {
    lines.push('', `Archive ${i}`);
    lines.push(...Object.entries(archive).map(([key, value]) => `${key}: ${value}`));
    lines.push(`newest: ${newest === 0 ? 'none' : timeText(newest)}`);
  });
  return `${lines.join('\n')}\n\n`;
}
