/**
 * The log of a process that runs on: JSON on standard error for programs, a line to read on a
 * terminal. Written at once, so that the last words of a process that ends are there.
 */
import { writeSync } from 'node:fs';
import type { Logger } from 'pino';

const STDERR = 2;
/** By pino's numbers: the word, and its colour where it is more than talk. */
const LEVELS: Record<number, [word: string, colour: string]> = {
  10: ['trace', ''],
  20: ['debug', ''],
  30: ['', ''],
  40: ['warning', '\x1b[33m'],
  50: ['error', '\x1b[31m'],
  60: ['fatal', '\x1b[31m'],
};

export async function openLog(level: string): Promise<Logger> {
  const { pino } = await import('pino');
  if (!process.stderr.isTTY) {
    return pino({ level }, pino.destination({ dest: STDERR, sync: true }));
  }
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '';
  return pino(
    { level },
    { write: (line: string) => void writeSync(STDERR, lineOf(line, isPlain)) },
  );
}

/** `12:03:04 warning: the kernel dropped 7 datagrams`, an error's stack below it. */
export function lineOf(json: string, isPlain: boolean): string {
  const { level, time, msg, err } = JSON.parse(json) as {
    level: number;
    time: number;
    msg?: string;
    err?: { stack?: string; message?: string };
  };
  const at = new Date(time);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const [word, colour] = LEVELS[level] ?? ['', ''];
  const shown = isPlain || colour === '' ? word : `${colour}${word}\x1b[0m`;
  const stack = err === undefined ? '' : `\n${err.stack ?? err.message}`;
  return `${clock} ${word === '' ? '' : `${shown}: `}${msg ?? ''}${stack}\n`;
}
