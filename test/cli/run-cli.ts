/**
 * Runs a verb as users do, in a process of its own, and collects what it says.
 */
import { spawn } from 'node:child_process';
import { ROOT, TALLYD } from '../support/program.ts';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Without lines of progress, which a slow machine shows and a fast one does not. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(
    /^(series|files|records|records checked|bytes copied): \d+(?: of \d+, .*)?\n/gm,
    '',
  );
}

export async function runCli(
  args: string[],
  options: { env?: Record<string, string>; stdin?: string | Uint8Array; cwd?: string } = {},
): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TALLYD_')),
  );
  const child = spawn(process.execPath, [...TALLYD, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...env, ...options.env },
    timeout: 55_000, // below the limit of a test: what it said until then is shown
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {}); // a verb that reads nothing may be gone before
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    code,
    stdout: Buffer.concat(out).toString(),
    stderr: withoutProgress(Buffer.concat(err).toString()),
  };
}
