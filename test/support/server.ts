/**
 * A real tallyd for end-to-end tests: `tallyd start` as a child process with free loopback ports
 * and a data folder of its own. Killed and cleaned up even when the test fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, TALLYD } from './program.ts';

const START_MS = 50_000;

export interface Point {
  value: number | null;
  time: number;
}

export class Server {
  readonly log: Record<string, unknown>[] = [];
  stderr = '';
  stdout = '';
  readonly dataDir: string;
  exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private partial = '';

  private constructor(args: string[], dataDir: string, descriptors?: number) {
    this.dataDir = dataDir;
    const command = [process.execPath, ...TALLYD, 'start', '--data-dir', dataDir, ...args];
    // Soft and hard: Node raises the one to the other.
    if (descriptors !== undefined) {
      command.unshift('sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh');
    }
    this.child = spawn(command[0]!, command.slice(1), {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', TZ: 'UTC' },
    });
    this.child.stdout!.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr!.on('data', (data: Buffer) => this.takeLog(data.toString()));
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      this.exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  /** Starts with every port free and waits for the start-up line. */
  static async start(args: string[] = [], dataDir?: string, descriptors?: number): Promise<Server> {
    const server = Server.spawn(
      ['--address', '127.0.0.1', '--port', '0', '--mgmt-port', '0', '--http-port', '0']
        .concat(['--carbon-port', '0', '--carbon-pickle-port', '0', '--flush-interval', '1000'])
        .concat(args),
      dataDir,
      descriptors,
    );
    await server.until(() => server.addresses !== undefined || server.exit !== undefined, 'start');
    if (server.exit !== undefined) throw new Error(`tallyd did not start: ${server.stderr}`);
    return server;
  }

  /** Starts with exactly these flags and does not wait: for starts that are meant to fail. */
  static spawn(args: string[], dataDir?: string, descriptors?: number): Server {
    const folder = dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-'));
    return new Server(args, folder, descriptors);
  }

  get pid(): number {
    return this.child.pid!; // it was spawned
  }

  get addresses(): string[] | undefined {
    const line = this.log.find(({ msg }) => String(msg).startsWith('tallyd is up'));
    return line?.['addresses'] as string[] | undefined;
  }

  /** Port of a listener by the start of its address: `statsd udp`, `http`, `console`, `carbon tcp`. */
  port(kind: string): number {
    const address = this.addresses?.find((text) => text.startsWith(kind));
    if (address === undefined) throw new Error(`no ${kind} among ${String(this.addresses)}`);
    return Number(address.slice(address.lastIndexOf(':') + 1));
  }

  async get(pathAndQuery: string, request: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port('http')}${pathAndQuery}`, request);
  }

  async json<T>(pathAndQuery: string): Promise<T> {
    const response = await this.get(pathAndQuery);
    if (!response.ok)
      throw new Error(`${pathAndQuery}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Non-null datapoints of every series of a target, over the last minutes. */
  async render(target: string, from = '-10min'): Promise<Map<string, Point[]>> {
    const query = new URLSearchParams({ target, from, until: 'now', format: 'json' });
    const answer = await this.json<{ target: string; datapoints: [number | null, number][] }[]>(
      `/render?${query.toString()}`,
    );
    return new Map(
      answer.map((series) => [
        series.target,
        series.datapoints
          .filter(([value]) => value !== null)
          .map(([value, time]) => ({ value, time })),
      ]),
    );
  }

  async sum(target: string): Promise<number> {
    let total = 0;
    for (const points of (await this.render(target)).values()) {
      for (const { value } of points) total += value ?? 0;
    }
    return total;
  }

  /** Waits for a condition, bounded. */
  async until(
    condition: () => boolean | Promise<boolean>,
    what: string,
    limitMs = START_MS,
  ): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await condition())) {
      if (performance.now() > deadline) {
        throw new Error(`waited ${limitMs} ms for: ${what}\n${this.stderr.slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As `| head` does: nobody reads standard output from here on. */
  closeStdout(): void {
    this.child.stdout!.destroy();
  }

  /** Without a wait for its end. */
  signalOnly(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.exit === undefined) this.child.kill(signal);
    await this.exited;
  }

  async waitForExit(): Promise<void> {
    await this.exited;
  }

  /** Stops for good and removes the data folder. */
  async remove(): Promise<void> {
    await this.signal('SIGKILL');
    fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  private takeLog(text: string): void {
    this.stderr += text;
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) this.log.push(JSON.parse(line) as Record<string, unknown>);
    }
  }
}
