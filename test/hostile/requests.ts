/**
 * Requests that cost what they can, against a real server with 3,000 series: those that once held or
 * ended one (attack-list.ts), and random ones over all routes (random-requests.ts). Beside each,
 * `/health` is asked all the time. What is wrong: a 500, an exit, an answer of /health that takes
 * longer than a second, a request far beyond `requestMs`, memory of a gigabyte.
 */
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { moduleFile } from '../support/program.ts';
import { Server } from '../support/server.ts';
import { StallWatch } from './stall.ts';
import { type Attack, attacks } from './attack-list.ts';
import { randomAttacks } from './random-requests.ts';

const POINTS = 60;
const HEALTH_MS_MAX = 1000;
const RSS_MB_MAX = 1000;
/** A server that has grown to more starts afresh for the next request. */
const FRESH_MB_MAX = 450;
/** `requestMs` of the server under test, and what an answer may take beyond it. */
const REQUEST_MS = 10_000;
const OVER_MS = 3000;

export interface Outcome {
  name: string;
  status: number;
  ms: number;
  bytes: number;
  healthMs: number;
  rssMb: number;
  said: string;
}

export interface Run {
  outcomes: Outcome[];
  /** What is wrong, one line each. */
  wrong: string[];
}

/** `count` random requests after those of the list, or after `only` of the list whose name has it. */
export async function hostileRequests(
  {
    seriesCount,
    count,
    seed,
    only = '',
  }: {
    seriesCount: number;
    count: number;
    seed: number;
    only?: string;
  },
  show: (outcome: Outcome) => void = () => {},
): Promise<Run> {
  const flags = [`--http-limits-request-ms=${REQUEST_MS}`];
  let subject = await Subject.start(flags);
  const run: Run = { outcomes: [], wrong: [] };
  try {
    await fill(subject.server, seriesCount);
    for (const attack of attacksOf(only, seed, count)) {
      const outcome = await tried(subject, attack);
      run.outcomes.push(outcome);
      run.wrong.push(...faultsOf(outcome));
      show(outcome);
      const { server } = subject;
      if (server.exit !== undefined) {
        run.wrong.push(`${attack.name}: the server ended: ${server.stderr.slice(-500)}`);
      }
      // What one request took is not to count for the next.
      if (server.exit !== undefined || outcome.rssMb > FRESH_MB_MAX) {
        subject = await subject.again(flags);
      }
    }
  } finally {
    await subject.probe.terminate();
    await subject.server.remove();
  }
  return run;
}

function* attacksOf(only: string, seed: number, count: number): Generator<Attack> {
  yield* attacks().filter(({ name }) => name.includes(only));
  yield* randomAttacks(seed, count);
}

/** The server under test, and who asks for its health. */
class Subject {
  readonly server: Server;
  readonly probe: Worker;

  private constructor(server: Server) {
    const workerData = { port: server.port('http') };
    this.server = server;
    this.probe = new Worker(moduleFile(import.meta.url, './health-probe'), { workerData });
  }

  static async start(flags: string[], dataDir?: string): Promise<Subject> {
    return new Subject(await Server.start(flags, dataDir));
  }

  /** Another one on the same data. */
  async again(flags: string[]): Promise<Subject> {
    await this.probe.terminate();
    await this.server.signal('SIGTERM');
    return Subject.start(flags, this.server.dataDir);
  }
}

async function tried({ server, probe }: Subject, attack: Attack): Promise<Outcome> {
  await longestHealth(probe);
  const started = performance.now();
  let most = 0;
  const rss = (): void => void (most = Math.max(most, residentMb(server.pid)));
  const timer = setInterval(rss, 20);
  const { status, bytes, said } = await send(server.port('http'), attack);
  const ms = performance.now() - started;
  rss();
  clearInterval(timer);
  const healthMs = await longestHealth(probe);
  return { name: attack.name, status, ms, bytes, said, healthMs, rssMb: most };
}

function faultsOf({ name, status, ms, healthMs, rssMb, said }: Outcome): string[] {
  const wrong = [];
  if (status >= 500 && status !== 501) wrong.push(`${name}: ${status} ${said}`);
  if (healthMs > HEALTH_MS_MAX * StallWatch.patience)
    wrong.push(`${name}: /health took ${Math.round(healthMs)} ms`);
  if (ms > REQUEST_MS + OVER_MS) wrong.push(`${name}: took ${Math.round(ms)} ms`);
  if (rssMb > RSS_MB_MAX) wrong.push(`${name}: ${Math.round(rssMb)} MB`);
  return wrong;
}

/** 0 for a connection that ended without an answer. */
function send(
  port: number,
  { path, body }: Attack,
): Promise<{ status: number; bytes: number; said: string }> {
  return new Promise((resolve) => {
    const isJson = body !== undefined && /^[[{]/.test(body);
    const type = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
    const request = http.request(
      {
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': type, 'content-length': Buffer.byteLength(body ?? '') },
      },
      (answer) => {
        let bytes = 0;
        let said = '';
        answer.on('data', (data: Buffer) => {
          bytes += data.length;
          if (said.length < 160) said += data.toString('utf8', 0, 160);
        });
        const status = answer.statusCode!;
        answer.on('close', () => resolve({ status, bytes, said: said.slice(0, 160).trim() }));
      },
    );
    request.on('error', (error) => resolve({ status: 0, bytes: 0, said: error.message }));
    request.end(body);
  });
}

async function longestHealth(probe: Worker): Promise<number> {
  const answer = once(probe, 'message') as Promise<[number]>;
  probe.postMessage('longest', []);
  return (await answer)[0];
}

function residentMb(pid: number): number {
  try {
    const pages = Number(fs.readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 1024 ** 2;
  } catch {
    return 0;
  }
}

/** `big.a0.b0` … in folders of a hundred, the last ten minutes of each. */
async function fill(server: Server, seriesCount: number): Promise<void> {
  const socket = net.connect(server.port('carbon tcp'), '127.0.0.1');
  const now = Math.floor(Date.now() / 10_000) * 10;
  for (let point = POINTS; point > 0; point--) {
    let text = '';
    for (let i = 0; i < seriesCount; i++) {
      const name = `big.a${Math.floor(i / 100)}.b${i % 100}`;
      text += `${name} ${(i * 7 + point * 13) % 100} ${now - point * 10}\n`;
    }
    if (!socket.write(text)) await once(socket, 'drain');
  }
  socket.end();
  const last = `big.a${Math.floor((seriesCount - 1) / 100)}.b${(seriesCount - 1) % 100}`;
  await server.until(
    async () => ((await server.render(last, '-11min')).get(last)?.length ?? 0) >= POINTS - 1,
    'all points',
  );
}
