/**
 * `tallyd series fetch`: values of one range, from the archive that a render would read, as
 * whisper-fetch prints them.
 */
import { type Command, Option } from 'commander';
import { badUsage, UserError } from '../lib/errors.ts';
import { readValues } from '../storage/admin/whole-series.ts';
import type { Fetched } from '../storage/roles.ts';
import { addExamples } from './examples.ts';
import { jsonNumber } from './numbers.ts';
import { addStoreFlags, type StoreFlags, withAdmin } from './open-store.ts';
import { writeOut } from './output.ts';
import { slices } from '../lib/slices.ts';
import { QUERY_HELP, selectPages } from './series-select.ts';
import { type TimeFlags, timeArgument, timePrinter } from './times.ts';

const DAY_SECONDS = 86_400;
/** Series read in one call. */
const GROUP = 50;

interface FetchFlags extends StoreFlags, TimeFlags {
  from?: number;
  until?: number;
  now?: number;
  drop?: keyof typeof KEEPS;
  json: boolean;
}

/** Which values stay, by what is dropped. */
const KEEPS = {
  nulls: (value: number) => !Number.isNaN(value),
  zeroes: (value: number) => value !== 0,
  empty: (value: number) => value !== 0 && !Number.isNaN(value),
};

export function addSeriesFetch(series: Command): void {
  const command = series
    .command('fetch')
    .description('Print the values of a range, from the archive that a render would read.')
    .argument('<query...>', QUERY_HELP)
    .option(
      '--from <time>',
      "Start, not included: epoch seconds or Graphite's -1h [-1d]",
      timeArgument,
    )
    .option('--until <time>', 'End, included [now]', timeArgument)
    .option('--now <time>', 'Choose the archive as at this time [now]', timeArgument)
    .option('--json', 'Print one JSON object a series and line.', false)
    .option('--pretty', 'Print dates instead of epoch seconds.', false)
    .option('-t, --time-format <format>', 'Format of dates, as in strftime.')
    .addOption(
      new Option('--drop <what>', 'Leave out nulls, zeroes, or both (empty).').choices(
        Object.keys(KEEPS),
      ),
    )
    .action(fetchSeries);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd series fetch stats.gauges.queue.depth --from -1h', 'the last hour'],
    ["tallyd series fetch 'servers.*.cpu.user' --from -7d --drop nulls --json", 'several, as JSON'],
    ["tallyd series fetch toplevel --from midnight -t '%F %T'", 'with dates'],
  ]);
}

async function fetchSeries(queries: string[], flags: FetchFlags): Promise<void> {
  const now = flags.now ?? Math.floor(Date.now() / 1000);
  const until = flags.until ?? now;
  const from = flags.from ?? until - DAY_SECONDS;
  if (from > until) throw badUsage(`--from ${from} is after --until ${until}, expected before`);
  const print = timePrinter(flags);
  let fetched = 0;
  await withAdmin(flags, async (admin) => {
    for await (const page of selectPages(admin, queries)) {
      for (const names of slices(page, GROUP)) {
        const answers = await readValues(admin, names, { from, until, now });
        for (const [i, name] of names.entries()) {
          const answer = answers[i];
          if (answer === undefined) continue;
          fetched += 1;
          const alone = queries.length === 1 && queries[0] === name;
          await writeOut(show(name, answer, flags, alone, print));
        }
      }
    }
  });
  if (fetched === 0) throw new UserError('notFound', 'no data in the selected time range');
}

function show(
  name: string,
  answer: Fetched,
  { drop, json }: FetchFlags,
  alone: boolean,
  print: (seconds: number) => string,
): string {
  const { start, end, step, values } = answer;
  const keeps = drop === undefined ? () => true : KEEPS[drop];
  if (json) {
    const shown = [...values].filter(keeps).map(jsonNumber);
    const head = `{"name":${JSON.stringify(name)},"start":${start},"end":${end},"step":${step}`;
    if (drop === undefined) return `${head},"values":[${shown.join(',')}]}\n`;
    // Without the dropped ones a value's place does not tell its time any more.
    const points = [...values].flatMap((value, i) =>
      keeps(value) ? [`[${start + i * step},${jsonNumber(value)}]`] : [],
    );
    return `${head},"points":[${points.join(',')}]}\n`;
  }
  let text = alone ? '' : `# ${name}\n`;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (!keeps(value)) continue;
    text += `${print(start + i * step)}\t${Number.isNaN(value) ? 'None' : String(value)}\n`;
  }
  return text;
}
