/** Plays worlds into whisper files: a python process that answers a line with a line. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { Archive } from '../../../src/storage/retention/archives.ts';
import { PYTHON } from './oracle.ts';
import type { Question, Update, World } from './world.ts';

export interface WhisperFetched {
  start: number;
  end: number;
  step: number;
  /** NaN where whisper knows nothing, or knows NaN. */
  values: Float64Array;
}

export interface Played {
  files: Buffer[];
  /** Points that `update` raised TimestampNotCovered for. */
  refused: number;
  fetches: (WhisperFetched | undefined)[];
}

export interface Player {
  play(series: World['series'], updates: Update[], questions: Question[]): Promise<Played>;
  close(): void;
}

type Fetch = [number, number, number, string, string] | null;

export function startPlayer(): Player {
  const script = fileURLToPath(new URL('../whisper_oracle.py', import.meta.url));
  const child = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async play(series, updates, questions) {
      const values = Float64Array.from(updates.flatMap((update) => update.values));
      const job = {
        series: series.map(({ archives, method, xFilesFactor }) => {
          return { archives: archives.map(pairOf), method, xFilesFactor };
        }),
        values: Buffer.from(values.buffer).toString('base64'),
        updates: updates.map(({ series: index, now, many, times }) => [index, now, many, times]),
        fetches: questions.map(({ series: index, from, until, now }) => [index, from, until, now]),
      };
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('whisper_oracle.py ended early');
      const answer = JSON.parse(line.value) as {
        files: string[];
        refused: number;
        fetches: Fetch[];
      };
      return {
        files: answer.files.map((file) => Buffer.from(file, 'base64')),
        refused: answer.refused,
        fetches: answer.fetches.map(fetchedOf),
      };
    },
    close: () => void child.stdin.end(),
  };
}

function pairOf({ step, points }: Archive): [number, number] {
  return [step, points];
}

function fetchedOf(fetch: Fetch): WhisperFetched | undefined {
  if (fetch === null) return undefined;
  const [start, end, step, data, known] = fetch;
  const bytes = Buffer.from(data, 'base64');
  const values = Float64Array.from(known, (one, i) =>
    one === '1' ? bytes.readDoubleLE(i * 8) : NaN,
  );
  return { start, end, step, values };
}

/** A slot of a file as it is, whether it counts or not. */
export interface RawSlot {
  time: number;
  value: number;
}

/** By archive, the slots that were ever written. */
export function rawSlots(file: Buffer): RawSlot[][] {
  const archives = file.readUInt32BE(12);
  return Array.from({ length: archives }, (_, i) => {
    const offset = file.readUInt32BE(16 + i * 12);
    const points = file.readUInt32BE(16 + i * 12 + 8);
    const slots: RawSlot[] = [];
    for (let at = offset; at < offset + points * 12; at += 12) {
      const time = file.readUInt32BE(at);
      if (time > 0) slots.push({ time, value: file.readDoubleBE(at + 4) });
    }
    return slots;
  });
}
