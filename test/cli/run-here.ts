/**
 * Runs a verb in this process and collects what it says: many times faster than a process of its
 * own. For verbs that only talk through standard output, standard error and the exit code.
 */
import { run } from '../../src/cli/program.ts';
import { type Ran, withoutProgress } from './run-cli.ts';

export async function runHere(args: string[]): Promise<Ran> {
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write] as const;
  const code = process.exitCode;
  const ran = { code: 0 as number | null, stdout: '', stderr: '' };
  process.exitCode = 0;
  stdout.write = (text: string | Uint8Array) => {
    ran.stdout += String(text);
    return true;
  };
  stderr.write = (text: string | Uint8Array) => {
    ran.stderr += String(text);
    return true;
  };
  try {
    await run(['node', 'tallyd', ...args]);
    ran.code = process.exitCode;
    ran.stderr = withoutProgress(ran.stderr);
  } finally {
    [stdout.write, stderr.write] = writes;
    process.exitCode = code;
    stdout.removeAllListeners('error'); // each run adds one
  }
  return ran;
}
