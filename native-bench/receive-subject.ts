/** What the receive bench measures: processes that take datagrams and can be asked for their counts. */
import { execFileSync, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

export const BUFFER_BYTES = 4 * 1024 * 1024;

export interface Mark {
  /** As the receiver counted them; NaN where it does not tell. */
  datagrams: number;
  /** Dropped by the kernel at its socket. */
  drops: number;
  /** Bytes that wait at its socket; 0 where the receiver counts for itself. */
  queued: number;
  /** User and system time of all its threads. */
  cpuUs: number;
}

/** A receiver under test: a process that can be asked for its counts. */
export interface Subject {
  name: string;
  port: number;
  mark(): Promise<Mark>;
  /** Ends the process; the packets in all its flushes, where it has flushes. */
  stop(): Promise<number | undefined>;
}

export const pinned = availableParallelism() > 1 && has('taskset');

export function has(program: string, flag = '--version'): boolean {
  try {
    execFileSync(program, [flag], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as { status?: unknown }).status === 1; // it is there, and has no such flag
  }
}

/** Generator on core 0, receiver on core 1: neither may slow the other down. */
export function pin(core: number, command: string[]): [string, string[]] {
  const whole = pinned ? ['taskset', '-c', String(core), ...command] : command;
  return [whole[0]!, whole.slice(1)]; // a command has a name
}

/** The JSON lines of a process, one by one. */
export function reader(child: ChildProcess): () => Promise<Record<string, unknown>> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator](); // piped
  return async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${child.spawnfile} ended early`);
    return JSON.parse(line.value) as Record<string, unknown>;
  };
}
