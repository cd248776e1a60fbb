/**
 * `tallyd top`: the busiest names and prefixes, the tags with most values, who makes names, what is
 * new and what is turned away, live in the terminal; once, where the output is no terminal.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { TopAnswer } from '../http/top.ts';
import { printable } from '../rejections/printable.ts';
import { numberArgument } from './arguments.ts';
import { addExamples } from './examples.ts';
import { GraphiteServer } from './graphite-server.ts';
import { accessHeaders } from './http-admin.ts';
import { addStoreFlags, serverUrl, type StoreFlags } from './open-store.ts';
import { printResult, writeOut } from './output.ts';
import { shortNumber } from './plot.ts';
import { formatTable } from './table.ts';

interface TopFlags extends StoreFlags {
  interval: number;
  lines: number;
  once: boolean;
  json: boolean;
}

/** To the first column of the first line, and clears the screen. */
const HOME = '\x1b[H\x1b[2J';

export function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('Show the busiest names of a running server, who sends them, and what is new.')
    .option('--interval <seconds>', 'Look so often.', numberArgument({ min: 0.1, max: 3600 }), 2)
    .option('--lines <count>', 'Of each list.', numberArgument({ min: 1, max: 50, whole: true }), 8)
    .option('--once', 'Look once.', false)
    .option('--json', 'Once, as JSON.', false)
    .action(top);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd top', 'live, until Ctrl-C'],
    ['tallyd top --json | jq .newNames', 'for programs: what GET /admin/top answers'],
  ]);
}

async function top(flags: TopFlags): Promise<void> {
  const server = new GraphiteServer(serverUrl(flags), accessHeaders());
  const isLive = process.stdout.isTTY && !flags.once && !flags.json;
  for (;;) {
    const answer = (await server.json('admin/top')) as TopAnswer;
    if (!isLive) return printResult(flags.json, answer, topText(answer, flags.lines));
    await writeOut(`${HOME}${topText(answer, flags.lines)}`);
    await delay(flags.interval * 1000);
  }
}

/** The lists below each other, those that are empty left out. */
export function topText(answer: TopAnswer, lines: number): string {
  const { time, names, prefixes, tags, senders, newNames, rejections } = answer;
  const at =
    time === 0 ? 'no flush yet' : `flush of ${new Date(time * 1000).toISOString().slice(11, 19)}`;
  const rate = shortNumber(newNames.perMinute);
  const table = (head: string[], rows: string[][]): string =>
    rows.length === 0 ? '' : `\n${formatTable(head, rows.slice(0, lines))}`;
  return [
    `${at} (UTC), ${rate} new names in the last minute\n`,
    table(
      ['a second', 'kind', 'name'],
      names.map((one) => [shortNumber(one.perSecond), one.kind, safe(one.name)]),
    ),
    table(
      ['a second', 'names', 'prefix'],
      prefixes.map((one) => [
        shortNumber(one.perSecond),
        shortNumber(one.names),
        one.prefix === '' ? '(none)' : safe(one.prefix),
      ]),
    ),
    table(
      ['values', 'tag'],
      tags.map(({ tag, values }) => [shortNumber(values), safe(tag)]),
    ),
    table(
      ['names', 'sender'],
      senders.map(({ sender, metrics }) => [shortNumber(metrics), sender]),
    ),
    table(
      ['new', 'under', 'the last'],
      newNames.recent.map(({ count, path, example }) => [
        shortNumber(count),
        safe(path),
        safe(example),
      ]),
    ),
    table(
      ['rejected', 'what', 'the last', 'from'],
      rejections.map(({ count, what, reason, last }) => [
        shortNumber(count),
        `${what} ${reason}`,
        last?.example ?? '',
        last?.sender ?? '',
      ]),
    ),
  ].join('');
}

/** Names come from anywhere, and a terminal obeys. */
function safe(text: string): string {
  return printable(Buffer.from(text));
}
