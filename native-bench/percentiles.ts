/**
 * Percentiles of one day of 100 hosts, per minute, hour and day, of each host and over all: tallyd's
 * and those of StatsD + Graphite against the exact values of the raw data (percentiles/*.ts). Then
 * what a day of p99 over all hosts costs a render, and the sketch beside @datadog/sketches-js.
 * Writes .github/percentiles.svg with `--write`; exits 1 when tallyd is off by over 1 %.
 * Run: npm run bench:percentiles
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { AddFigures } from './percentiles/add.ts';
import { averagedHost, averageHosts, averageOf, STEPS } from './percentiles/averaged.ts';
import { exactOf } from './percentiles/exact.ts';
import { picture } from './percentiles/picture.ts';
import { type Filled, fillStore, render } from './percentiles/sketched.ts';
import { hostDay, HOSTS } from './percentiles/traffic.ts';

const PERCENTS = [50, 90, 99, 99.9];
const STEP_NAMES: Record<number, string> = { 60: '1 minute', 3600: '1 hour', 86_400: '1 day' };
const INTERVALS: Record<number, string> = { 60: '', 3600: ', "1h"', 86_400: ', "1d"' };
/** What tallyd may be off by, anywhere. */
const ERROR_MAX = 0.01;
const RENDER_CPU_MAX_MS = 150;
const RENDER_RUNS = 20;
/** Processes in which sketches are compared. */
const ADD_RUNS = 5;
const PICTURE = new URL('../.github/percentiles.svg', import.meta.url);

/** Greatest and median relative error of a set of columns. */
interface Errors {
  worst: number;
  median: number;
}

const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout;
const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`percentiles, Node ${process.version}, ${machine}, commit ${commit.trim()}`);
const hosts = Array.from({ length: HOSTS }, (_, host) => hostDay(host));
const valueCount = hosts.reduce((sum, { values }) => sum + values.length, 0);
console.log(`${valueCount} values of ${HOSTS} hosts over one day`);
let isGood = true;
compareSketches();
const filled = await fillStore(hosts);
try {
  await compare(filled);
  await timeRender(filled);
} finally {
  await filled.close();
}
process.exitCode = isGood ? 0 : 1;

async function compare({ store, sketchBytes }: Filled): Promise<void> {
  const bytesEach = sketchBytes / valueCount;
  console.log(`sketches as sent: ${bytesEach.toFixed(1)} bytes a value, 10 s a flush\n`);
  const averaged = PERCENTS.map((percent) => hosts.map((one) => averagedHost(one, percent)));
  console.log('| percentile of | p50 | p90 | p99 | p99.9 |\n| --- | --- | --- | --- | --- |');
  for (const [s, step] of STEPS.entries()) {
    const exact = hosts.map((one) => exactOf([one], step, PERCENTS));
    const cells = await Promise.all(
      PERCENTS.map(async (percent, p) => {
        const target = `timerPercentile(stats.timers.*.latency, ${percent}${INTERVALS[step]})`;
        const ours = (await render(store, target)).map(({ values }) => values);
        const truth = exact.map((columns) => columns[p]!);
        const theirs = averaged[p]!.map((columns) => columns[s]!);
        return cell(errorsOf(ours, truth), errorsOf(theirs, truth));
      }),
    );
    console.log(`| one host, ${STEP_NAMES[step]} | ${cells.join(' | ')} |`);
  }
  for (const [s, step] of STEPS.entries()) {
    const exact = exactOf(hosts, step, PERCENTS);
    const cells = await Promise.all(
      PERCENTS.map(async (percent, p) => {
        const merged = 'timerMerge(stats.timers.*.latency)';
        const target = `timerPercentile(${merged}, ${percent}${INTERVALS[step]})`;
        const [ours] = await render(store, target);
        const theirs = averageHosts(averaged[p]!.map((columns) => columns[s]!));
        return cell(errorsOf([ours!.values], [exact[p]!]), errorsOf([theirs], [exact[p]!]));
      }),
    );
    console.log(`| all hosts, ${STEP_NAMES[step]} | ${cells.join(' | ')} |`);
  }
  console.log('\neach: tallyd, greatest error; StatsD + Graphite, median and greatest error\n');
  await draw(store, averageHosts(averaged[2]!.map((columns) => columns[0]!)));
}

function cell(ours: Errors, theirs: Errors): string {
  if (!(ours.worst <= ERROR_MAX)) isGood = false;
  return `${share(ours.worst)}; ${share(theirs.median)}, ${share(theirs.worst)}`;
}

function share(error: number): string {
  return `${(error * 100).toFixed(error < 0.1 ? 2 : 0)} %`;
}

/** Compares the rows of which there is an exact value; a missing one is an error of 100 %. */
function errorsOf(found: readonly Float64Array[], exact: readonly Float64Array[]): Errors {
  const errors = exact.flatMap((truth, i) =>
    [...truth].flatMap((value, row) => {
      const got = found[i]?.[row] ?? NaN;
      if (Number.isNaN(value)) return [];
      return [Number.isNaN(got) ? 1 : Math.abs(got / value - 1)];
    }),
  );
  errors.sort((a, b) => a - b);
  return { worst: errors.at(-1) ?? NaN, median: errors[errors.length >> 1] ?? NaN };
}

async function draw(store: Filled['store'], averagedMinutes: Float64Array): Promise<void> {
  if (!process.argv.includes('--write')) return;
  const target = 'timerPercentile(timerMerge(stats.timers.*.latency), 99, "10min")';
  const [ours] = await render(store, target);
  const [exact] = exactOf(hosts, 600, [99]);
  const svg = picture('p99 over 100 hosts, every 10 minutes of one day', [
    { label: 'exact, from all values', color: '#bbb', width: 6, values: exact! },
    { label: 'tallyd', color: '#0a6', width: 2, values: ours!.values.subarray(0, exact!.length) },
    {
      label: 'StatsD + Graphite: upper_99, averaged',
      color: '#d33',
      width: 2,
      dashed: true,
      values: averageOf(averagedMinutes, 10),
    },
  ]);
  writeFileSync(PICTURE, svg);
  console.log(`wrote ${PICTURE.pathname}, ${svg.length} bytes\n`);
}

async function timeRender({ store }: Filled): Promise<void> {
  const target = 'timerPercentile(timerMerge(stats.timers.*.latency), 99)';
  let best = Infinity;
  let points = 0;
  for (let run = 0; run < RENDER_RUNS; run++) {
    const started = process.cpuUsage();
    const [one] = await render(store, target);
    const { user, system } = process.cpuUsage(started);
    best = Math.min(best, (user + system) / 1000);
    points = one!.values.length;
  }
  if (best > RENDER_CPU_MAX_MS) isGood = false;
  console.log(
    `p99 over ${HOSTS} hosts and a day, ${points} points of a minute: ${best.toFixed(0)} ms CPU ` +
      `(best of ${RENDER_RUNS}, at most ${RENDER_CPU_MAX_MS})`,
  );
}

/** The sketch and DataDog's on the same values: the run of median ratio among some processes. */
function compareSketches(): void {
  const script = fileURLToPath(new URL('percentiles/add.ts', import.meta.url));
  const runs = Array.from({ length: ADD_RUNS }, () => {
    const out = execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' });
    return JSON.parse(out) as AddFigures;
  });
  runs.sort((a, b) => a.theirs / a.ours - b.theirs / b.ours);
  const ratios = runs.map(({ ours, theirs }) => theirs / ours);
  const { ours, theirs, ourError, theirError } = runs[runs.length >> 1]!;
  const ratio = theirs / ours;
  console.log(
    `add: ${ours.toFixed(1)} ns, @datadog/sketches-js ${theirs.toFixed(1)} ns, ` +
      `${ratio.toFixed(1)} times as fast (median of ${ADD_RUNS} processes, ` +
      `${ratios[0]!.toFixed(1)} to ${ratios.at(-1)!.toFixed(1)}); ` +
      `greatest error ${share(ourError)} and ${share(theirError)}`,
  );
  if (ratio < 3 || ourError > Math.max(theirError, 1 / 256)) isGood = false;
}
