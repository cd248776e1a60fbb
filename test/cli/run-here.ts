/**
 * Runs a verb in this process and collects what it says: many times faster than a process of its
 * own. For verbs that only talk through standard output, standard error and the exit code.
 */
import { run } from '../../src/cli/program.ts';
import { rounds } from '../support/suite.ts';
import { type Ran, runCli, withoutProgress } from './run-cli.ts';

const IN_PROCESSES = rounds(0, 1) === 1;
let before: Promise<unknown> = Promise.resolve();

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
}

/** In `npm test` here, one after the other; in `npm run test:all` as users do, in a process of its own. */
export function runVerb(args: string[], options: RunOptions = {}): Promise<Ran> {
  if (IN_PROCESSES) return runCli(args, options);
  const ran = before.then(() => runHere(args, options));
  before = ran.catch(() => {});
  return ran;
}

export async function runHere(args: string[], { env = {}, cwd }: RunOptions = {}): Promise<Ran> {
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write] as const;
  const code = process.exitCode;
  const folder = process.cwd();
  const ran = { code: 0 as number | null, stdout: '', stderr: '' };
  process.exitCode = 0;
  Object.assign(process.env, env);
  if (cwd !== undefined) process.chdir(cwd);
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
    for (const name of Object.keys(env)) delete process.env[name];
    process.chdir(folder);
    stdout.removeAllListeners('error'); // each run adds one
  }
  return ran;
}
