/**
 * Standard output for verbs that print much: waits when the reader is slow, instead of buffering.
 */
import { once } from 'node:events';

export async function writeOut(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await once(process.stdout, 'drain');
}

/** Prints a result: a line of JSON for programs, or the text for people. */
export function printResult(json: boolean, value: unknown, text: string): Promise<void> {
  return writeOut(json ? `${JSON.stringify(value)}\n` : text);
}
