/**
 * What receiving costs: `npm run bench:receive`. A C generator floods loopback; a C sink that only
 * counts (recvmmsg), tallyd's ingest worker with its native receiver, reading the descriptor (`drain`)
 * and on dgram's events (`message`) take the same load in turn, tallyd parsing, counting and flushing as well; and
 * after them the StatsD servers that the machine has (`receive-peers.ts`).
 *
 * cap = datagrams taken per second of the receiver's own CPU time (all its threads) while its queue
 * is full; the machine may be shared, so the best of a few rounds counts. Ratios are to the sink of
 * the same run. And the promise is checked: counted = sent - dropped by the kernel, to the one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseDrops } from '../src/ingest/receive/kernel-drops.ts';
import { peerStarters } from './receive-peers.ts';
import {
  BUFFER_BYTES,
  has,
  pin,
  pinned,
  reader,
  type Mark,
  type Subject,
} from './receive-subject.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROUNDS = 2;
const FLOOD_SECONDS = 1.5;
/** Of all receivers and shapes together, so that a slow machine stops in time too. */
const BENCH_SECONDS_MAX = 150;
const SHAPES = [
  { name: 'single', lines: 1, datagramsMin: 1_000_000 },
  { name: 'packed', lines: 46, datagramsMin: 500_000 },
];

interface Result {
  sent: number;
  drops: number;
  /** By the receiver itself; NaN where it does not tell. */
  counted: number;
  taken: number;
  cpuUs: number;
}

const cores = availableParallelism();

function compile(folder: string, name: string): string {
  const out = join(folder, name);
  execFileSync('gcc', ['-O2', '-o', out, join(HERE, `${name}.c`)], { stdio: 'inherit' });
  return out;
}

async function startSink(program: string): Promise<Subject> {
  const [command, args] = pin(1, [program, String(BUFFER_BYTES)]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const next = reader(child);
  const { port, inode } = await next();
  return {
    name: 'C sink',
    port: Number(port),
    async mark() {
      child.kill('SIGUSR1');
      const counts = (await next()) as unknown as Pick<Mark, 'datagrams' | 'cpuUs'>;
      const drops = parseDrops(readFileSync('/proc/net/udp', 'latin1'), String(inode));
      return { ...counts, drops: drops ?? NaN, queued: 0 };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      return undefined;
    },
  };
}

async function startTallyd(receiver: string): Promise<Subject> {
  const server = join(HERE, 'receive-server.ts');
  const node = [process.execPath, '--import', 'tsx', server, receiver, String(BUFFER_BYTES)];
  const [command, args] = pin(1, node);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const next = reader(child);
  const { port, receiver: mode } = await next();
  return {
    name: `tallyd ${String(mode)}`,
    port: Number(port),
    async mark() {
      child.stdin.write('mark\n');
      return { ...((await next()) as unknown as Mark), queued: 0 };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end('stop\n');
      const { packetsFlushed } = await next();
      await ended;
      return Number(packetsFlushed);
    },
  };
}

/** Nothing waits, and nothing was taken since the look before. */
function isSettled(now: Mark, before: Mark | undefined): boolean {
  return before !== undefined && now.queued === 0 && Object.is(now.datagrams, before.datagrams);
}

/** Floods a receiver that runs, until it has taken in all that the kernel did not drop. */
async function flood(subject: Subject, blast: string, shape: (typeof SHAPES)[number]) {
  const before = await subject.mark();
  const wish = [subject.port, shape.lines, FLOOD_SECONDS, shape.datagramsMin].map(String);
  const [command, args] = pin(0, [blast, ...wish]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { sent, gso } = (await reader(child)()) as { sent: number; gso: boolean };
  let after = await subject.mark();
  for (let seen: Mark | undefined; !isSettled(after, seen); after = await subject.mark()) {
    seen = after;
    await delay(50);
  }
  const drops = after.drops - before.drops;
  const counted = after.datagrams - before.datagrams;
  const result: Result = {
    sent,
    drops,
    counted,
    taken: Number.isNaN(counted) ? sent - drops : counted,
    cpuUs: after.cpuUs - before.cpuUs,
  };
  return { result, gso };
}

function report(subject: Subject, shape: (typeof SHAPES)[number], best: Result, sinkCap: number) {
  const cap = (best.taken / best.cpuUs) * 1e6;
  const told = Number.isNaN(best.counted) ? 'what it counted it does not tell' : verdict(best);
  const columns = [
    shape.name.padEnd(7),
    subject.name.padEnd(15),
    `cap ${Math.round(cap / 1000)}k datagrams/s`.padEnd(27),
    `${(best.cpuUs / best.taken).toFixed(2)} us each`.padEnd(14),
    `${((cap * shape.lines) / 1e6).toFixed(2)} M metrics/s`.padEnd(18),
    `${(cap / sinkCap).toFixed(2)} of the sink`.padEnd(17),
    `sent ${best.sent} dropped ${best.drops}, ${told}`,
  ];
  console.log(columns.join('  '));
  return cap;
}

function verdict({ sent, drops, counted }: Result): string {
  const wrong = sent - drops - counted;
  return `counted ${counted} ${wrong === 0 ? '(exact)' : `(WRONG by ${wrong})`}`;
}

async function measure(starters: (() => Promise<Subject>)[], blast: string): Promise<boolean> {
  const endMs = performance.now() + BENCH_SECONDS_MAX * 1000;
  let exact = true;
  for (const shape of SHAPES) {
    let sinkCap = NaN;
    for (const start of starters) {
      const subject = await start();
      const results: Result[] = [];
      for (let round = 0; round < ROUNDS && performance.now() < endMs; round++) {
        const { result, gso } = await flood(subject, blast, shape);
        if (!gso && round === 0)
          console.log('the kernel has no UDP GSO: sendmmsg is the generator');
        exact &&= result.taken === result.sent - result.drops; // as it counted, where it tells
        results.push(result);
      }
      const last = await subject.mark();
      const flushed = await subject.stop();
      if (flushed !== undefined && flushed !== last.datagrams) {
        console.log(`flushes hold ${flushed} packets of ${last.datagrams} datagrams (WRONG)`);
        exact = false;
      }
      const best = results.sort((a, b) => a.cpuUs / a.taken - b.cpuUs / b.taken)[0];
      if (best === undefined) console.log(`${shape.name} ${subject.name}: no time left`);
      else if (Number.isNaN(sinkCap))
        sinkCap = report(subject, shape, best, (best.taken / best.cpuUs) * 1e6);
      else report(subject, shape, best, sinkCap);
    }
  }
  return exact;
}

function machine(): string {
  let commit = 'unknown commit';
  try {
    commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: HERE })
      .toString()
      .trim();
  } catch {
    // Not a checkout; the figures stand without it.
  }
  const where = pinned ? 'generator on core 0, receiver on core 1' : 'not pinned';
  return `${cores} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${commit}, ${where}`;
}

if (process.platform !== 'linux' || !has('gcc')) {
  console.log('bench:receive needs Linux and gcc (for its generator and sink in C); not run');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tallyd-bench-'));
  try {
    console.log(machine());
    const blast = compile(folder, 'udp-blast');
    const sink = compile(folder, 'udp-sink');
    const starters = [
      () => startSink(sink),
      () => startTallyd('native'),
      () => startTallyd('drain'),
      () => startTallyd('message'),
      ...peerStarters(folder),
    ];
    if (!(await measure(starters, blast))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
