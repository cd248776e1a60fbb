/** Programs as child processes: started in a folder of their own, ended with the run. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Found } from './program.ts';

/** A script of this folder that drives a client library. */
export function scriptOf(name: string): string {
  return fileURLToPath(new URL(`scripts/${name}`, import.meta.url));
}

/** The version of an installed Debian package. */
export function findDebian(...packages: string[]): Found {
  const versions: string[] = [];
  for (const name of packages) {
    const { status, stdout } = spawnSync(
      'dpkg-query',
      ['--show', '--showformat', '${db:Status-Status} ${Version}', name],
      { encoding: 'utf8' },
    );
    const [state, version] = stdout?.split(' ') ?? [];
    if (status !== 0 || state !== 'installed') return { missing: `Debian package ${name}` };
    versions.push(version!);
  }
  return { version: versions[0]! };
}

/** Long flags as an argument list: `{ port: 1, master: true }` gives `--port 1 --master`. */
export function flags(values: Record<string, string | number | true>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, String(value)],
  );
}

export class Children {
  private readonly list: ChildProcess[] = [];
  private isOver = false;

  /** Starts a program that goes on until it is stopped. What it says is kept. */
  start(
    command: string,
    args: readonly string[],
    options: { cwd: string; env?: Record<string, string> },
  ): Running {
    if (this.isOver) throw new Error(`too late to start ${command}`);
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: programs that start others are ended with them.
      detached: true,
    });
    this.list.push(child);
    return new Running(child, [command, ...args].join(' '));
  }

  /** Runs a program to its end, which must be a good one; answers what it printed. */
  async toEnd(
    command: string,
    args: readonly string[],
    options: { cwd: string; env?: Record<string, string> },
  ): Promise<string> {
    const running = this.start(command, args, options);
    await running.ended;
    if (running.child.exitCode !== 0) throw new Error(`${running.title}: ${running.how()}`);
    return running.stdout;
  }

  async endAll(): Promise<void> {
    this.isOver = true;
    for (const child of this.list) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const closed = isOver ? undefined : once(child, 'close');
      endGroup(child);
      await closed;
    }
  }
}

export class Running {
  readonly child: ChildProcess;
  readonly title: string;
  readonly ended: Promise<void>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess, title: string) {
    this.child = child;
    this.title = title;
    child.stdout!.on('data', (data: Buffer) => (this.stdout += data.toString()));
    child.stderr!.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
    // Who waits hears of it; who does not is told by `how()`.
    this.ended.catch(() => {});
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** How it ended, and the end of what it said. */
  how(): string {
    const { exitCode, signalCode } = this.child;
    return `ended with ${signalCode ?? exitCode}: ${(this.stderr + this.stdout).slice(-1500)}`;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isOver) this.child.kill(signal);
    await this.ended;
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
}
