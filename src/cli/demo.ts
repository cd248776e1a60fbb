/**
 * `tallyd demo`: sends the traffic of `demo-traffic.ts` in real time and says at the end, exactly
 * and per metric, what it sent, for comparison with what `/render` answers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { numberArgument } from './arguments.ts';
import { DemoTally, type TallyEntry } from './demo-tally.ts';
import { DemoTraffic, lineText, TICK_MS } from './demo-traffic.ts';
import { addExamples } from './examples.ts';
import { formatTable } from './table.ts';
import { DATAGRAM_BYTES_MAX, type LineSender, openSender, packLines } from './line-sender.ts';

interface DemoFlags {
  host: string;
  port: number;
  tcp: boolean;
  duration: number | undefined;
  hosts: number;
  rate: number;
  seed: number;
  day: number;
  flushInterval: number;
  each: boolean;
  json: boolean;
}

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('Send realistic traffic, then print what was sent.')
    .option('--host <name>', 'Where to.', '127.0.0.1')
    .option('--port <port>', 'Its port.', numberArgument({ min: 1, max: 65535, whole: true }), 8125)
    .option('--tcp', 'Over TCP instead of UDP.', false)
    .option('--duration <seconds>', 'Stop after; else at Ctrl-C.', numberArgument({ min: 0.1 }))
    .option('--hosts <count>', 'Servers.', numberArgument({ min: 1, max: 1e5, whole: true }), 200)
    .option('--rate <lines>', 'Lines a second.', numberArgument({ min: 1, max: 1e6 }), 2000)
    .option('--seed <number>', 'Same seed, same lines.', numberArgument({ min: 0, whole: true }), 1)
    .option('--day <seconds>', 'Length of a day.', numberArgument({ min: 1, max: 86400 }), 1440)
    .option(
      '--flush-interval <ms>',
      'Report every interval (with --json).',
      numberArgument({ min: 100, whole: true }),
      10_000,
    )
    .option('--each', 'Print at the end what was sent of each metric.', false)
    .option('--json', 'One JSON object a flush interval, and one for all at the end.', false)
    .action(demo);
  addExamples(command, [
    ['tallyd demo', '200 servers, 2000 lines a second, until Ctrl-C'],
    ['tallyd demo --duration 60 --seed 7 --json > sent.jsonl', 'a minute, for a comparison'],
  ]);
}

async function demo(flags: DemoFlags): Promise<void> {
  const { host, port } = flags;
  const sender = await openSender({ transport: flags.tcp ? 'tcp' : 'udp', host, port });
  const run = new DemoRun(flags, sender);
  const stop = () => run.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await run.untilDone();
  await sender.close();
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
}

const KINDS = { c: 'counter', ms: 'timer', g: 'gauge', s: 'set' };
const EACH_HINT = 'What was sent of each metric: --each, or --json.\n';

/** Metrics that differ in their second node only are one row: `shop.*.latency`. */
function summaryOf(report: ReturnType<DemoTally['report']>): { all: number; families: string } {
  const rows = new Map<string, [string, string, number, number]>();
  for (const [name, { type, lines }] of report) {
    const nodes = name.split('.');
    const family = nodes.length < 3 ? name : [nodes[0], '*', ...nodes.slice(2)].join('.');
    const [, , metrics, sent] = rows.get(family) ?? [family, '', 0, 0];
    rows.set(family, [family, KINDS[type], metrics + 1, sent + lines]);
  }
  const cells = [...rows.values()].map((row) => row.map(String));
  return {
    all: report.length,
    families: formatTable(['names', 'kind', 'metrics', 'lines'], cells),
  };
}

class DemoRun {
  private readonly flags: DemoFlags;
  private readonly sender: LineSender;
  private readonly traffic: DemoTraffic;
  private readonly total = new DemoTally(new Map());
  private readonly gauges = new Map<string, number>();
  private flush = new DemoTally(this.gauges);
  private window = -1;
  private datagrams = 0;
  private lines = 0;
  private readonly stopped = new AbortController();
  private shownMs = 0;

  constructor(flags: DemoFlags, sender: LineSender) {
    this.flags = flags;
    this.sender = sender;
    const { seed, hosts, rate, day } = flags;
    this.traffic = new DemoTraffic({ seed, hosts, rate, daySeconds: day });
  }

  stop(): void {
    this.stopped.abort();
  }

  async untilDone(): Promise<void> {
    const { duration } = this.flags;
    const ticks = duration === undefined ? Infinity : Math.ceil((duration * 1000) / TICK_MS);
    // Half a tick past the tenths: nothing is under way when a server flushes on the second.
    const firstMs = Math.ceil(Date.now() / TICK_MS) * TICK_MS + TICK_MS / 2;
    for (let tick = 0; tick < ticks && !this.stopped.signal.aborted; tick++) {
      const waitMs = firstMs + tick * TICK_MS - Date.now();
      if (waitMs > 0) await this.pause(waitMs);
      if (this.stopped.signal.aborted) break;
      await this.sendTick();
      this.showProgress(tick + 1);
    }
    this.endWindow(-1);
    this.printTotal();
  }

  private async sendTick(): Promise<void> {
    const lines = this.traffic.next();
    this.endWindow(Math.floor(Date.now() / this.flags.flushInterval));
    for (const payload of packLines(lines.map(lineText), DATAGRAM_BYTES_MAX)) {
      await this.sender.send(payload);
      this.datagrams += 1;
    }
    for (const line of lines) {
      this.total.add(line);
      this.flush.add(line);
    }
    this.lines += lines.length;
  }

  /** When the interval is over, reports it and begins the next. */
  private endWindow(window: number): void {
    if (window === this.window) return;
    if (this.flags.json && this.flush.lineCount() > 0) {
      const seconds = this.flags.flushInterval / 1000;
      const from = this.window * seconds;
      this.print('flush', { from, until: from + seconds }, this.flush);
    }
    this.flush = new DemoTally(this.gauges);
    this.window = window;
  }

  private printTotal(): void {
    if (this.flags.json) {
      this.print('total', { lines: this.lines, datagrams: this.datagrams }, this.total);
      return;
    }
    const { all, families } = summaryOf(this.total.report());
    if (!this.flags.each) {
      const text = `${this.lines} lines in ${this.datagrams} datagrams, ${all} metrics:\n`;
      process.stdout.write(text + families + EACH_HINT);
      return;
    }
    const rows = ['name\ttype\tlines\tcount\tsum\tlower\tupper\tlast\tdistinct'];
    const cell = (value: number | undefined) => (value === undefined ? '-' : String(value));
    for (const [name, entry] of this.total.report()) {
      const { type, lines, count, sum, lower, upper, last, distinct } = entry;
      const cells = [lines, count, sum, lower, upper, last, distinct].map(cell);
      rows.push([name, type, ...cells].join('\t'));
    }
    process.stdout.write(`${rows.join('\n')}\n`);
  }

  private print(kind: string, about: Record<string, number>, tally: DemoTally): void {
    const metrics = Object.fromEntries<TallyEntry>(tally.report());
    process.stdout.write(`${JSON.stringify({ kind, ...about, metrics })}\n`);
  }

  private showProgress(ticks: number): void {
    const last = this.flags.duration !== undefined && ticks * TICK_MS >= this.flags.duration * 1000;
    const everyMs = process.stderr.isTTY ? 1000 : 10_000;
    if (ticks * TICK_MS - this.shownMs < everyMs && !last) return;
    this.shownMs = ticks * TICK_MS;
    const incident = this.traffic.incidentNow;
    const trouble = incident === undefined ? '' : `, burst on shop.${incident}`;
    const text =
      `${(ticks * TICK_MS) / 1000} s: ${this.lines} lines in ${this.datagrams} datagrams` +
      ` to ${this.flags.host}:${this.flags.port}${trouble}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}${last ? '\n' : ''}` : `${text}\n`);
  }

  private async pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.stopped.signal });
    } catch (error) {
      if (!this.stopped.signal.aborted) throw error;
    }
  }
}
