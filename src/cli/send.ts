/**
 * `tallyd send`: puts lines on the wire as they stand, one datagram each, so that a metric can be
 * tried by hand or from a script. Lines are not checked: `parse` says how they are read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { badUsage } from '../lib/errors.ts';
import { linesOf, numberArgument } from './arguments.ts';
import { addExamples } from './examples.ts';
import { openSender } from './line-sender.ts';

interface SendFlags {
  host: string;
  port: number;
  tcp: boolean;
  count: number;
  rate: number | undefined;
}

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('Send lines to a StatsD port, one datagram each; from standard input without any.')
    .argument('[line...]', 'such as page.views:1|c')
    .option('--host <name>', 'Where to.', '127.0.0.1')
    .option('--port <port>', 'Its port.', port, 8125)
    .option('--tcp', 'Over TCP instead of UDP.', false)
    .option('--count <times>', 'Send all lines so many times.', times, 1)
    .option('--rate <per second>', 'Lines a second; without it as fast as possible.', perSecond)
    .action(send);
  addExamples(command, [
    ["tallyd send 'page.views:1|c' 'page.time:12.5|ms'", 'a counter and a timer'],
    ["tallyd send --tcp --port 2003 'a.b.c 42 -1'", "a point to Graphite's plaintext port"],
    ["tallyd send --count 1000 --rate 200 'page.views:1|c'", 'for five seconds'],
  ]);
}

const port = numberArgument({ min: 1, max: 65535, whole: true });
const times = numberArgument({ min: 1, whole: true });
const perSecond = numberArgument({ min: 0.001, max: 1e7 });

async function send(args: string[], flags: SendFlags): Promise<void> {
  const lines: Uint8Array[] = [];
  for await (const line of linesOf(args)) {
    if (line.length > 0) lines.push(line);
  }
  if (lines.length === 0) throw badUsage('nothing to send, expected a line');
  const transport = flags.tcp ? 'tcp' : 'udp';
  const sender = await openSender({ transport, host: flags.host, port: flags.port });
  const startedMs = performance.now();
  let sent = 0;
  for (let round = 0; round < flags.count; round++) {
    for (const line of lines) {
      if (flags.rate !== undefined) {
        const dueMs = startedMs + (sent / flags.rate) * 1000;
        const waitMs = dueMs - performance.now();
        if (waitMs > 1) await sleep(waitMs);
      }
      await sender.send(line);
      sent += 1;
    }
  }
  await sender.close();
  const what = sent === 1 ? 'line' : 'lines';
  process.stderr.write(`sent ${sent} ${what} to ${transport} ${flags.host}:${flags.port}\n`);
}
