/**
 * What receiving costs: `npm run bench:receive`. A C generator floods loopback; a C sink that only
 * counts (recvmmsg), tallyd's ingest worker reading the descriptor (`drain`) and tallyd on dgram's
 * events (`message`) take the same load in turn, tallyd parsing, counting and flushing as well.
 *
 * cap = datagrams taken per second of the receiver's own CPU time (all its threads) while its queue
 * is full; the machine may be shared, so the best of a few rounds counts. Ratios are to the sink of
 * the same run. And the promise is checked: counted = sent - dropped by the kernel, to the one.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseDrops } from '../src/ingest/receive/kernel-drops.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const BUFFER_BYTES = 4 * 1024 * 1024;
const ROUNDS = 2;
const FLOOD_SECONDS = 1.5;
/** Of all receivers and shapes together, so that a slow machine stops in time too. */
const BENCH_SECONDS_MAX = 55;
const SHAPES = [
  { name: 'single', lines: 1, datagramsMin: 1_000_000 },
  { name: 'packed', lines: 46, datagramsMin: 500_000 },
];

interface Mark {
  datagrams: number;
  drops: number;
  cpuUs: number;
}

/** A receiver under test: a process that can be asked for its counts. */
interface Subject {
  name: string;
  port: number;
  mark(): Promise<Mark>;
  /** Ends the process; the packets in all its flushes, where it has flushes. */
  stop(): Promise<number | undefined>;
}

interface Result {
  sent: number;
  drops: number;
  taken: number;
  cpuUs: number;
}

const cores = availableParallelism();
const pinned = cores > 1 && has('taskset');

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Generator on core 0, receiver on core 1: neither may slow the other down. */
function pin(core: number, command: string[]): [string, string[]] {
  const whole = pinned ? ['taskset', '-c', String(core), ...command] : command;
  return [whole[0]!, whole.slice(1)]; // a command has a name
}

function compile(folder: string, name: string): string {
  const out = join(folder, name);
  execFileSync('gcc', ['-O2', '-o', out, join(HERE, `${name}.c`)], { stdio: 'inherit' });
  return out;
}

/** The JSON lines of a process, one by one. */
function reader(child: ChildProcess): () => Promise<Record<string, unknown>> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator](); // piped
  return async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${child.spawnfile} ended early`);
    return JSON.parse(line.value) as Record<string, unknown>;
  };
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
      const counts = (await next()) as unknown as Omit<Mark, 'drops'>;
      const drops = parseDrops(readFileSync('/proc/net/udp', 'latin1'), String(inode));
      return { ...counts, drops: drops ?? NaN };
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
      return (await next()) as unknown as Mark;
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

/** Floods a receiver that runs, until it has taken in all that the kernel did not drop. */
async function flood(subject: Subject, blast: string, shape: (typeof SHAPES)[number]) {
  const before = await subject.mark();
  const wish = [subject.port, shape.lines, FLOOD_SECONDS, shape.datagramsMin].map(String);
  const [command, args] = pin(0, [blast, ...wish]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { sent, gso } = (await reader(child)()) as { sent: number; gso: boolean };
  let after = await subject.mark();
  for (let seen = -1; seen !== after.datagrams; after = await subject.mark()) {
    seen = after.datagrams;
    await delay(50);
  }
  const result: Result = {
    sent,
    drops: after.drops - before.drops,
    taken: after.datagrams - before.datagrams,
    cpuUs: after.cpuUs - before.cpuUs,
  };
  return { result, gso };
}

function report(subject: Subject, shape: (typeof SHAPES)[number], best: Result, sinkCap: number) {
  const cap = (best.taken / best.cpuUs) * 1e6;
  const exact = best.taken === best.sent - best.drops;
  const columns = [
    shape.name.padEnd(7),
    subject.name.padEnd(15),
    `cap ${Math.round(cap / 1000)}k datagrams/s`.padEnd(27),
    `${(best.cpuUs / best.taken).toFixed(2)} us each`.padEnd(14),
    `${((cap * shape.lines) / 1e6).toFixed(2)} M metrics/s`.padEnd(18),
    `${(cap / sinkCap).toFixed(2)} of the sink`.padEnd(17),
    `sent ${best.sent} dropped ${best.drops} counted ${best.taken}`,
    exact ? '(exact)' : `(WRONG by ${best.sent - best.drops - best.taken})`,
  ];
  console.log(columns.join('  '));
  return cap;
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
        exact &&= result.taken === result.sent - result.drops;
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
      () => startTallyd('drain'),
      () => startTallyd('message'),
    ];
    if (!(await measure(starters, blast))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
