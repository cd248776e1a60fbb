import { DemoTally, type TallyEntry } from '../../src/cli/demo-tally.ts';
import { DemoTraffic, lineText } from '../../src/cli/demo-traffic.ts';
import { assert, describe } from '../support/suite.ts';
import { runVerb } from './run-here.ts';
import { openUdpSink } from './udp-sink.ts';

const SHAPE = { seed: 7, hosts: 50, rate: 1000, daySeconds: 60 };

/** The lines of so many tenths of a second. */
function lines(shape: typeof SHAPE, ticks: number): string[] {
  const traffic = new DemoTraffic(shape);
  return Array.from({ length: ticks }, () => traffic.next().map(lineText)).flat();
}

/** What a plain reading of the lines adds up to, to compare with what demo says. */
function addUp(all: string[]): Map<string, { lines: number; count: number; sum: number }> {
  const sums = new Map<string, { lines: number; count: number; sum: number }>();
  for (const line of all) {
    const [name, value, type, rate] = /^([^:]+):([^|]+)\|(\w+)(?:\|@([\d.]+))?$/
      .exec(line)!
      .slice(1) as [string, string, string, string | undefined];
    const entry = sums.get(name) ?? { lines: 0, count: 0, sum: 0 };
    entry.lines += 1;
    entry.count += 1 / Number(rate ?? 1);
    if (type === 'c') entry.sum += Number(value) / Number(rate ?? 1);
    if (type === 'ms') entry.sum += Number(value);
    sums.set(name, entry);
  }
  return sums;
}

describe('demo', (it) => {
  it('the same seed gives the same lines, another one does not', () => {
    const first = lines(SHAPE, 200);
    assert.equal(lines(SHAPE, 200), first);
    assert.is.not(lines({ ...SHAPE, seed: 8 }, 200).join('\n'), first.join('\n'));
  });

  it('keeps its rate over a day, with more by day than by night', () => {
    const perTick: number[] = [];
    const traffic = new DemoTraffic({ ...SHAPE, daySeconds: 600 });
    for (let tick = 0; tick < 6000; tick++) perTick.push(traffic.next().length);
    const sum = perTick.reduce((total, count) => total + count, 0);
    const perSecond = sum / 600;
    assert.ok(perSecond > 900 && perSecond < 1500, `${perSecond} lines a second`);
    const hour = (from: number) =>
      perTick.slice(from * 250, (from + 1) * 250).reduce((total, count) => total + count, 0);
    // The day begins at eight: its hour 8 is four in the afternoon, hour 20 four in the morning.
    assert.ok(hour(8) > 1.5 * hour(20), `${hour(8)} by day, ${hour(20)} by night`);
  });

  it('has tails, resets, sets and sampled counters in it', () => {
    const traffic = new DemoTraffic(SHAPE);
    const latencies: number[] = [];
    const totals = new Map<string, number>();
    const types = new Set<string>();
    let resets = 0;
    for (let tick = 0; tick < 6000; tick++) {
      for (const { name, type, value, rate } of traffic.next()) {
        types.add(rate === 1 ? type : `${type}@`);
        if (type === 'ms' && name.startsWith('shop.')) latencies.push(Number(value));
        if (!name.endsWith('.requests_total')) continue;
        if (Number(value) < (totals.get(name) ?? 0)) resets += 1;
        totals.set(name, Number(value));
      }
    }
    latencies.sort((a, b) => a - b);
    const median = latencies[Math.floor(latencies.length / 2)]!;
    const top = latencies[Math.floor(latencies.length * 0.999)]!;
    assert.ok(top > 8 * median, `median ${median}, 99.9 percent ${top}`);
    assert.ok(resets > 5, `${resets} resets`);
    assert.equal([...types].sort(), ['c', 'c@', 'g', 'ms', 's']);
    assert.is(totals.size, 50);
  });

  it('gauges with a sign are changes, a first one is absolute', () => {
    const gauges = new Map<string, number>();
    const tally = new DemoTally(gauges);
    for (const value of ['50', '+3', '-10']) tally.add({ name: 'g', type: 'g', value, rate: 1 });
    assert.equal(tally.report(), [['g', { type: 'g', lines: 3, count: 3, sum: 0, last: 43 }]]);
    const seen = new Set<string>();
    for (const line of lines(SHAPE, 300)) {
      const match = /^(.*\.connections):([+-]?)/.exec(line);
      if (match === null || seen.has(match[1]!)) continue;
      seen.add(match[1]!);
      assert.is(match[2], '', line);
    }
    assert.is(seen.size, 50);
  });

  it('what it says it sent is what arrives', async () => {
    const sink = await openUdpSink();
    const port = String(sink.port);
    const flags = ['--duration', '2', '--hosts', '20', '--rate', '3000', '--seed', '3'];
    const ran = await runVerb([
      'demo',
      '--port',
      port,
      ...flags,
      '--json',
      '--flush-interval',
      '500',
    ]);
    assert.is(ran.code, 0, ran.stderr);
    const reports = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Report);
    const total = reports.at(-1)!;
    assert.is(total.kind, 'total');
    await sink.until((datagrams) => datagrams.length >= total.datagrams);
    assert.ok(sink.datagrams.every((bytes) => bytes.length <= 1432));
    const arrived = sink.datagrams.flatMap((bytes) => String(bytes).split('\n'));
    assert.is(arrived.length, total.lines);
    assert.ok(arrived.length / sink.datagrams.length > 10, 'many lines a datagram');
    const said = Object.entries(total.metrics).map(([name, { lines, count, sum }]) => [
      name,
      { lines, count, sum },
    ]);
    assert.equal(Object.fromEntries(said), Object.fromEntries(addUp(arrived)));
    const flushes = reports.slice(0, -1);
    // Four, fewer where the machine sleeps over some.
    assert.ok(flushes.length >= 2, `${flushes.length} flushes`);
    for (const [name, { sum, count }] of Object.entries(total.metrics)) {
      const parts = flushes.map(({ metrics }) => metrics[name]);
      const add = (key: 'sum' | 'count') => parts.reduce((all, one) => all + (one?.[key] ?? 0), 0);
      assert.equal([add('sum'), add('count')], [sum, count], name);
    }
    await sink.close();
  });

  it('prints a line a family without --json, and each metric with --each', async () => {
    const sink = await openUdpSink();
    const args = ['demo', '--port', String(sink.port), '--duration', '0.3'];
    const [short, ran] = await Promise.all([runVerb(args), runVerb([...args, '--each'])]);
    const lines = short.stdout.trim().split('\n');
    assert.match(lines[0]!, /^\d+ lines in \d+ datagrams, \d+ metrics:$/);
    assert.ok(lines.length < 16, short.stdout);
    assert.ok(lines.some((line) => /^servers\.\*\.latency +timer +\d+ +\d+$/.test(line)));
    const [head, ...rows] = ran.stdout.trim().split('\n');
    assert.is(head, 'name\ttype\tlines\tcount\tsum\tlower\tupper\tlast\tdistinct');
    assert.ok(rows.length > 10);
    assert.ok(rows.every((row) => row.split('\t').length === 9));
    assert.ok(/^0\.3 s: \d+ lines in \d+ datagrams/m.test(ran.stderr), ran.stderr);
    await sink.close();
  });
});

interface Report {
  kind: string;
  lines: number;
  datagrams: number;
  metrics: Record<string, TallyEntry>;
}
