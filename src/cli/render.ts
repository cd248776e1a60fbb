/**
 * `tallyd render`: what a server answers to targets, in the terminal: a plot with axes and a table with
 * sparklines; or the answer itself, in any format of /render, on standard output or in a file.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import { badUsage } from '../lib/errors.ts';
import { numberArgument } from './arguments.ts';
import { addExamples } from './examples.ts';
import { type GraphiteSeries, GraphiteServer } from './graphite-server.ts';
import { accessHeaders } from './http-admin.ts';
import { addStoreFlags, serverUrl, type StoreFlags } from './open-store.ts';
import { writeOut } from './output.ts';
import { plotOf, shortNumber, sparkline } from './plot.ts';
import { formatTable } from './table.ts';

interface RenderFlags extends StoreFlags {
  from: string;
  until: string;
  width?: number;
  height: number;
  format?: string;
  output?: string;
}

const size = numberArgument({ min: 1, max: 10_000, whole: true });
const SPARK_CELLS = 24;

export function addRender(program: Command): void {
  const command = program
    .command('render')
    .description('Draw targets of a running server in the terminal, or write what it answers.')
    .argument('<target...>', 'as in /render: a path, a glob, functions over them')
    .option('--from <time>', 'Start, as in /render.', '-1h')
    .option('--until <time>', 'End, as in /render.', 'now')
    .option('--width <cells>', 'Width: cells of the plot, or pixels of a picture.', size)
    .option('--height <lines>', 'Lines of the plot.', size, 12)
    .option('-f, --format <name>', 'The answer in this format of /render: json, csv, raw, png, …')
    .option('-o, --output <file>', 'Into this file, with --format.')
    .action(render);
  addStoreFlags(command);
  addExamples(command, [
    ["tallyd render 'sumSeries(stats.servers.*.requests)'", 'the last hour, drawn'],
    ["tallyd render 'stats.timers.shop.*.latency.upper_90' --from -1d", 'several, with a table'],
    ["tallyd render 'stats.**' --format csv -o stats.csv", 'the values, into a file'],
    ["tallyd render 'stats.**' --format png --width 800 -o stats.png", 'a picture'],
  ]);
}

async function render(targets: string[], flags: RenderFlags): Promise<void> {
  const { format, output, width = process.stdout.columns ?? 80, height } = flags;
  if (format === undefined && output !== undefined) {
    throw badUsage('read --output, expected it with --format, such as --format csv');
  }
  const bytes = await answerOf(targets, flags, width);
  if (output !== undefined) writeFile(output, bytes);
  else if (format !== undefined) process.stdout.write(bytes);
  else await writeOut(drawn(JSON.parse(bytes.toString()) as GraphiteSeries[], width, height));
}

function writeFile(file: string, bytes: Buffer): void {
  try {
    fs.writeFileSync(file, bytes);
  } catch (error) {
    throw badUsage(`--output ${file}: ${(error as Error).message}, expected a file to write`);
  }
}

/** Throws `notFound` without a server, `badTarget` with the server's own sentence. */
async function answerOf(targets: string[], flags: RenderFlags, width: number): Promise<Buffer> {
  const { from, until, format = 'json' } = flags;
  const form = new URLSearchParams({ from, until, format });
  for (const target of targets) form.append('target', target);
  // Two dots a cell: more points than that are not to be seen.
  if (flags.format === undefined) form.set('maxDataPoints', String(width * 2));
  else if (flags.width !== undefined) form.set('width', String(flags.width));
  const server = new GraphiteServer(serverUrl(flags), accessHeaders());
  try {
    return await server.ask('render', form);
  } catch (error) {
    // Where a picture is asked for, what is wrong is one too: data says it in words.
    if (format === 'json') throw error;
    form.set('format', 'json');
    await server.ask('render', form);
    if (format === 'csv' || format === 'raw') throw error;
    throw badUsage(`--format ${format}: refused by the server, expected a smaller picture or json`);
  }
}

function drawn(series: readonly GraphiteSeries[], width: number, height: number): string {
  if (series.length === 0) return 'no series\n';
  const rows = series.map(({ target, datapoints }) => {
    const values = datapoints.map(([value]) => value);
    const known = values.filter((value) => value !== null);
    const sum = known.reduce((all, value) => all + value, 0);
    const cells =
      known.length === 0 ? [] : [Math.min(...known), Math.max(...known), sum / known.length];
    const shown = [...cells, ...known.slice(-1)].map(shortNumber);
    return [target, sparkline(values, SPARK_CELLS), ...shown];
  });
  const table = formatTable(['series', '', 'min', 'max', 'average', 'last'], rows);
  return `${plotOf(series, width, height).join('\n')}\n\n${table}`;
}
