/** Child processes of the fault runs: TypeScript entries of this folder, and what they print. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { scriptArgs } from '../support/program.ts';

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-fault-'));
}

export interface Writing {
  child: ChildProcess;
  /** Resolves when the store is open. */
  open: Promise<void>;
  /** The newest operation that was acknowledged, and how many were. */
  progress: { acknowledged: number; count: number };
  /** Resolves to the signal, or to the code as text, once all that it printed was read. */
  ended: Promise<string>;
}

/** Starts writer-child.ts. */
export function startWriting(
  dataDir: string,
  steps: { first: number; count: number; steadyCount: number },
  environment: Record<string, string> = {},
): Writing {
  const { first, count, steadyCount } = steps;
  const child = spawn(
    process.execPath,
    [...scriptArgs(import.meta.url, './writer-child'), dataDir].concat(
      [first, count, steadyCount].map(String),
    ),
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } },
  );
  const progress = { acknowledged: -1, count: 0 };
  const lines = readline.createInterface({ input: child.stdout });
  let isOpen = () => {};
  let cannot = (_error: Error) => {};
  const open = new Promise<void>((resolve, reject) => {
    isOpen = resolve;
    cannot = reject;
  });
  lines.on('line', (line) => {
    if (line === 'open') return isOpen();
    progress.acknowledged = Math.max(progress.acknowledged, Number(line));
    progress.count += 1;
  });
  const closed = new Promise<void>((resolve) => lines.once('close', resolve));
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      cannot(new Error(`the writer ended early: ${signal ?? code}`));
      void closed.then(() => resolve(signal ?? String(code)));
    });
  });
  return { child, open, progress, ended };
}

/** Compiles disk-shim.c into a folder; the path to preload. */
export function buildDiskShim(folder: string): string {
  const output = path.join(folder, 'disk-shim.so');
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', output, 'test/faults/disk-shim.c', '-ldl']);
  return output;
}

/** Why disk-shim.c cannot be used here; undefined: it can. */
export function shimUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'LD_PRELOAD of disk-shim.c is for Linux';
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'gcc is missing (Debian package gcc)';
  }
}
