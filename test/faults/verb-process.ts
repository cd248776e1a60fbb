/** A verb of the program in a process of its own, which can be killed in the middle of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { scriptArgs } from '../support/program.ts';

export interface VerbEnd {
  /** It was killed before it had ended. */
  wasKilled: boolean;
  code: number | null;
  /** From where its own work began to its end, milliseconds. */
  tookMs: number;
  stderr: string;
}

/**
 * Arguments as on the command line; it is killed so long after it began its work. `onBegin` is called
 * when it does.
 */
export async function runVerb(
  args: readonly string[],
  killAfterMs: number,
  onBegin = (): void => {},
): Promise<VerbEnd> {
  const child = spawn(process.execPath, [...scriptArgs(import.meta.url, './verb-child'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  await Promise.race([once(child.stdout, 'data'), ended]);
  const startMs = performance.now();
  onBegin();
  child.stdout.resume();
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code, signal] = await ended;
  clearTimeout(timer);
  const tookMs = performance.now() - startMs;
  return { wasKilled: signal === 'SIGKILL', code, tookMs, stderr };
}
