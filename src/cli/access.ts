/**
 * `tallyd access`: what `access.json5` has of passwords and tokens. The password is read from the
 * standard input, where neither a shell's history nor a list of processes shows it.
 */
import readline from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { hashPassword, newToken } from '../access/secrets.ts';
import { badUsage } from '../lib/errors.ts';
import { addExamples } from './examples.ts';
import { printResult } from './output.ts';

const PASSWORD_LENGTH_MIN = 8;

export function addAccess(program: Command): void {
  const access = program
    .command('access')
    .description('Make what the file of rights (access.json5) keeps of passwords and tokens.');
  const password = access
    .command('password')
    .description('Read a password from the standard input; print its hash, for "password".')
    .action(printPassword);
  addExamples(password, [
    ['tallyd access password', 'asks for it on a terminal, without showing it'],
    ['tallyd access password < secret.txt', 'its first line'],
  ]);
  const token = access
    .command('token')
    .description('Make a new token; print it, and what the file has of it, for "secret".')
    .option('--json', 'Print both as one JSON object.', false)
    .action(async ({ json }: { json: boolean }) => {
      const made = newToken();
      await printResult(json, made, `token:  ${made.token}\nsecret: ${made.secret}\n`);
    });
  addExamples(token, [
    ['tallyd access token', 'for Grafana, a script or a verb (TALLYD_TOKEN)'],
    ['tallyd access token --json', 'the same for a program'],
  ]);
  addExamples(access, [
    ['tallyd access password', 'the hash of a password'],
    ['tallyd access token', 'a token and its hash'],
  ]);
}

async function printPassword(): Promise<void> {
  const password = await readPassword();
  if (password.length < PASSWORD_LENGTH_MIN) {
    throw badUsage(
      `a password of ${password.length} characters read, expected ${PASSWORD_LENGTH_MIN} at least`,
    );
  }
  process.stdout.write(`${await hashPassword(password)}\n`);
}

async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  // What is typed is echoed by readline alone, and so to nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = readline.createInterface({ input: process.stdin, output, terminal: isTerminal });
  if (isTerminal) process.stderr.write('password: ');
  try {
    const { value } = await lines[Symbol.asyncIterator]().next();
    return value ?? '';
  } finally {
    if (isTerminal) process.stderr.write('\n');
    lines.close();
  }
}
