/**
 * What carbon's plaintext port costs: `npm run bench:carbon`. Five million points over one TCP
 * connection into tallyd and into Debian's carbon-cache in the same run, until all of them are on
 * disk and read back. Points per second of CPU time of the server (all its threads, kernel time
 * included), since the machine may be shared; both have taken half a million points of other series
 * before. The exit code is 1 when a point is missing or wrong.
 *
 *     npm run bench:carbon -- [--points 5000000] [--backfill 1000000] [--no-carbon] [--profile FOLDER]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { linesOf, nameOf, type Shape, STEP, textOf } from './carbon/load.ts';
import { hasCarbon } from '../test/support/carbon.ts';
import { type Server, startCarbon, startTallyd, type Tallyd } from './carbon/servers.ts';

interface Figures {
  cpuSeconds: number;
  seconds: number;
  rssBytes: number;
  /** Points read back. */
  points: number;
  wrong: number;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = '/usr/bin/python3';
const AIM = 20;
const SLOTS = 500;
const SAMPLE_EVERY = 50;
/** Of other series, not counted: what compiles while it runs is compiled then, as in any server. */
const WARM_UP_POINTS = 500_000;
const WARM_UP_FIRST = 1_000_000;

const { values: flags } = parseArgs({
  options: {
    points: { type: 'string', default: '5000000' },
    backfill: { type: 'string', default: '1000000' },
    'no-carbon': { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

async function send(port: number, buffers: readonly Buffer[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (const buffer of buffers) if (!socket.write(buffer)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'close');
}

/** Sends, waits until `isDone`, and takes the times of that. */
async function measure(
  server: Server,
  buffers: readonly Buffer[],
  isDone: () => Promise<boolean>,
): Promise<Omit<Figures, 'points' | 'wrong'>> {
  const cpuBefore = server.cpuSeconds();
  const startedMs = performance.now();
  await send(server.port, buffers);
  while (!(await isDone())) await delay(250);
  return {
    cpuSeconds: server.cpuSeconds() - cpuBefore,
    seconds: (performance.now() - startedMs) / 1000,
    rssBytes: server.rssBytes(),
  };
}

async function measureTallyd(
  folder: string,
  shape: Shape,
  buffers: readonly Buffer[],
  warmUp: readonly Buffer[],
): Promise<Figures> {
  const server = await startTallyd(folder, flags.profile);
  try {
    const isStored = (expected: number) => async (): Promise<boolean> => {
      const { stored, refused } = await pointsOf(server);
      if (refused > 0) throw new Error(`tallyd refused ${refused} points`);
      return stored >= expected;
    };
    await measure(server, warmUp, isStored(WARM_UP_POINTS));
    const expected = WARM_UP_POINTS + shape.series * shape.slots;
    const figures = await measure(server, buffers, isStored(expected));
    return { ...figures, ...(await readTallyd(server, shape)) };
  } finally {
    await server.stop();
  }
}

/** Points that commits have taken, and those that will never be. */
async function pointsOf({ http }: Tallyd): Promise<{ stored: number; refused: number }> {
  const text = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  const total = (pattern: RegExp): number => {
    return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  return {
    stored: total(/^tallyd_points_stored_total (\d+)/gm),
    refused: total(
      /^tallyd_(?:carbon_refused|carbon_dropped|points_(?!stored)\w+)_total\S* (\d+)/gm,
    ),
  };
}

/** Every point of every series. */
async function readTallyd(
  { http }: Tallyd,
  { series, slots, start }: Shape,
): Promise<{ points: number; wrong: number }> {
  let points = 0;
  let wrong = 0;
  const hosts = new Map<string, number[]>();
  for (let i = 0; i < series; i++) {
    const host = nameOf(i).split('.')[1]!; // servers.HOST.…
    hosts.set(host, [...(hosts.get(host) ?? []), i]);
  }
  const range = `from=${start - 1}&until=${start + (slots - 1) * STEP}&format=json`;
  for (const [host, members] of hosts) {
    const targets = members.map((i) => `target=${nameOf(i)}`).join('&');
    const answer = await fetch(`http://127.0.0.1:${http}/render?${range}&${targets}`);
    if (!answer.ok) throw new Error(`render of ${host}: ${answer.status} ${await answer.text()}`);
    const found = (await answer.json()) as { target: string; datapoints: [number, number][] }[];
    const byName = new Map(found.map(({ target, datapoints }) => [target, datapoints]));
    for (const i of members) {
      const valueAt = new Map(byName.get(nameOf(i))?.map(([value, time]) => [time, value]));
      for (let slot = 0; slot < slots; slot++) {
        const value = valueAt.get(start + slot * STEP) ?? null;
        if (value !== null) points += 1;
        if (value !== Number(textOf(i, slot))) wrong += 1;
      }
    }
  }
  return { points, wrong };
}

async function measureCarbon(
  folder: string,
  shape: Shape,
  buffers: readonly Buffer[],
  warmUp: readonly Buffer[],
): Promise<Figures> {
  const server = await startCarbon(folder);
  try {
    await measure(server, warmUp, () => isQuiet(server));
    const figures = await measure(server, buffers, () => isQuiet(server));
    // Its writer empties the cache before the process goes: nothing is left in memory.
    await server.stop();
    return { ...figures, ...readCarbon(path.join(folder, 'whisper'), shape) };
  } finally {
    await server.stop();
  }
}

/** carbon-cache tells no one when its cache is empty: then its writer sleeps. */
async function isQuiet(server: Server): Promise<boolean> {
  const before = server.cpuSeconds();
  await delay(3000);
  return server.cpuSeconds() - before < 0.1;
}

function readCarbon(folder: string, shape: Shape): { points: number; wrong: number } {
  const { start, slots, series } = shape;
  const until = start + (slots - 1) * STEP;
  const script = path.join(HERE, 'carbon/count_whisper.py');
  const args = [script, folder, String(start), String(until), String(SAMPLE_EVERY)];
  const text = execFileSync(PYTHON, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const { points, sample } = JSON.parse(text) as {
    points: number;
    sample: Record<string, (number | null)[]>;
  };
  const seriesOf = new Map(Array.from({ length: series }, (_, i) => [nameOf(i), i]));
  let wrong = 0;
  for (const [name, values] of Object.entries(sample)) {
    const i = seriesOf.get(name);
    if (i === undefined) continue; // of the warm-up
    for (let slot = 0; slot < slots; slot++) {
      if (values[slot] !== Number(textOf(i, slot))) wrong += 1;
    }
  }
  return { points, wrong };
}

function report(name: string, sent: number, figures: Figures): void {
  const { cpuSeconds, seconds, rssBytes, points, wrong } = figures;
  const columns = [
    `  ${name.padEnd(13)}`,
    `${(sent / cpuSeconds / 1000).toFixed(0)}k points a CPU second`.padEnd(28),
    `CPU ${cpuSeconds.toFixed(1)} s`.padEnd(12),
    `wall ${seconds.toFixed(1)} s`.padEnd(13),
    `at most ${Math.round(rssBytes / 2 ** 20)} MB`.padEnd(18),
    `sent ${sent}, read back ${points}, wrong ${wrong}`,
  ];
  console.log(columns.join('  '));
  if (points !== sent || wrong > 0) process.exitCode = 1;
}

async function run(folder: string, shape: Shape): Promise<void> {
  const sent = shape.series * shape.slots;
  console.log(`${shape.name}: ${shape.series} series x ${shape.slots} points`);
  const buffers = linesOf(shape);
  const warm: Shape = {
    ...shape,
    first: WARM_UP_FIRST,
    series: WARM_UP_POINTS / SLOTS,
    slots: SLOTS,
    start: shape.start - SLOTS * STEP,
  };
  const warmUp = linesOf(warm);
  const ours = await measureTallyd(path.join(folder, 'tallyd'), shape, buffers, warmUp);
  report('tallyd', sent, ours);
  fs.rmSync(path.join(folder, 'tallyd'), { recursive: true });
  if (flags['no-carbon'] || !hasCarbon()) {
    if (!hasCarbon()) console.log('  graphite-carbon is not installed: no comparison');
    return;
  }
  const theirs = await measureCarbon(path.join(folder, 'carbon'), shape, buffers, warmUp);
  report('carbon-cache', sent, theirs);
  fs.rmSync(path.join(folder, 'carbon'), { recursive: true });
  const ratio = theirs.cpuSeconds / ours.cpuSeconds;
  const verdict = ratio >= AIM ? 'met' : 'missed';
  console.log(`  ratio ${ratio.toFixed(1)} (aim: >= ${AIM}, ${verdict})`);
}

/** The last point is a minute old: both take it, and neither is still to come. */
function startOf(slots: number): number {
  const now = Math.floor(Date.now() / 1000);
  return now - (now % STEP) - (slots + 6) * STEP;
}

const describe = spawnSync('git', ['describe', '--always', '--dirty'], {
  encoding: 'utf8',
  cwd: HERE,
});
const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`;
const load = `load ${loadavg()[0]!.toFixed(1)} before`;
console.log(`carbon, ${machine}, Node ${process.version}, ${describe.stdout.trim()}, ${load}`);
const folder = fs.mkdtempSync(path.join(tmpdir(), 'tallyd-bench-carbon-'));
try {
  const shapes = [
    { name: 'in time order', count: Number(flags.points), order: 'by time' as const },
    {
      name: 'one history after another',
      count: Number(flags.backfill),
      order: 'by series' as const,
    },
  ];
  for (const { name, count, order } of shapes) {
    const series = Math.floor(count / SLOTS);
    if (series === 0) continue;
    await run(folder, { name, first: 0, series, slots: SLOTS, start: startOf(SLOTS), order });
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
