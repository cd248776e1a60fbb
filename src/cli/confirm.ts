/**
 * Asks on a terminal before a verb destroys or rewrites what is stored. Programs and scripts,
 * which have no terminal to answer on, are not asked; `--yes` answers beforehand.
 */
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { badUsage } from '../lib/errors.ts';

interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean };
}

const OWN: Terminal = { input: process.stdin, output: process.stderr };

export const YES_HELP = 'Do not ask first, on a terminal.';

/** Whether there is somebody to ask. */
export function canAsk(isYes: boolean, { input, output }: Terminal = OWN): boolean {
  return !isYes && input.isTTY === true && output.isTTY === true;
}

/** Asks where there is somebody to ask; throws `badUsage` with what was left for a no. */
export async function confirmFirst(isYes: boolean, question: string, left: string): Promise<void> {
  if (canAsk(isYes) && !(await isConfirmed(question))) throw badUsage(left);
}

/** Anything but a yes is a no, an end of the input as well. */
export async function isConfirmed(question: string, terminal: Terminal = OWN): Promise<boolean> {
  const lines = createInterface(terminal);
  try {
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
