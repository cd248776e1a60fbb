/**
 * uvu with its traps closed: the suite always runs, a `before` that throws fails every test instead
 * of passing them by, and a test that hangs is failed after a time limit. A rejection that nobody
 * handles, or an error thrown in a callback, fails the test that it happens in (the next one when it
 * happens between two) instead of ending the run of all files.
 */
import { inspect } from 'node:util';
import { suite as uvuSuite } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuSeconds } from './cpu-time.ts';
import type { Cost } from './runner-messages.ts';

export { assert };

type Body = () => void | Promise<void>;

export interface It {
  (name: string, body: Body, options?: { timeoutMs?: number }): void;
  before(body: Body): void;
  after(body: Body): void;
  /** A test that a contributor does not wait for: `npm run test:all` alone runs it. */
  slow(name: string, body: Body, options?: { timeoutMs?: number }): void;
  /** Skips a test aloud: the reason names what is missing on this machine. */
  skipAloud(name: string, reason: string): void;
}

const ALL = process.env['TALLYD_TESTS'] === 'all';

/** Names of the slow tests that this run leaves out. */
export const leftOut: string[] = [];

/** CPU seconds of each test that has run, with what it started. */
export const costs: Cost[] = [];

/** How often a test tries something at random: in `npm test`, and in `npm run test:all`. */
export function rounds(quick: number, all: number): number {
  return ALL ? all : quick;
}

const TIMEOUT_MS = 20_000;
/** Limits are what a test needs on a quiet machine at most; others take a multiple of that. */
const PATIENCE = 3;

/** What a failed test left open must not keep the run from ending: nothing lasts that long between two. */
const IDLE_MS_MAX = 60_000;
let idle: NodeJS.Timeout | undefined;

/** What happened while no test was running. */
const strays: Error[] = [];
const keepStray = (error: Error): void => void strays.push(error);
let takeStray = keepStray;
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (cause: unknown) => takeStray(new Error(`${event}: ${inspect(cause)}`)));
}
process.on('exit', () => {
  if (strays.length === 0) return;
  console.error('After the last test:', ...strays);
  process.exitCode = process.exitCode || 1;
});

export function describe(name: string, define: (it: It) => void): void {
  const suite = uvuSuite(name);
  const befores: Body[] = [];
  let beforeError: unknown;
  let count = 0;
  const it = ((testName, body, options) => {
    count += 1;
    suite(testName, async () => {
      const stray = strays.shift();
      if (stray !== undefined) throw stray;
      if (beforeError !== undefined) throw beforeError;
      await limited(body, testName, options?.timeoutMs ?? TIMEOUT_MS);
    });
  }) as It;
  it.before = (body) => void befores.push(body);
  // Thrown from here, an error would end the run of all files.
  it.after = (body) =>
    suite.after(async () => {
      if (count === 0) return;
      await limited(body, 'after', TIMEOUT_MS).catch((error: unknown) =>
        keepStray(new Error(`after of "${name}": ${inspect(error)}`)),
      );
    });
  it.slow = (testName, body, options) => {
    if (ALL) it(testName, body, options);
    else leftOut.push(testName);
  };
  it.skipAloud = (testName, reason) => {
    if (process.env['CI'] === 'true') {
      it(testName, () => {
        throw new Error(`may not be skipped in CI: ${reason}`);
      });
      return;
    }
    console.error(`SKIPPED ${name}: ${testName}: ${reason}`);
    suite.skip(testName);
  };
  suite.before(async () => {
    // What a run leaves out needs nothing made ready.
    if (count === 0) return;
    try {
      for (const body of befores) await limited(body, 'before', 60_000);
    } catch (error) {
      beforeError = error ?? new Error('before failed');
    }
  });
  define(it);
  if (count === 0) suite('has tests, or says why it skips them', () => {});
  suite.run();
}

async function limited(body: Body, name: string, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const startedAt = cpuSeconds();
  clearTimeout(idle);
  const cut = new Promise<never>((_, reject) => {
    const limitMs = timeoutMs * PATIENCE;
    timer = setTimeout(() => reject(new Error(`"${name}" took over ${limitMs} ms`)), limitMs);
    takeStray = reject;
  });
  // Node tells of a rejection that nobody handled at the end of its turn.
  const run = async (): Promise<void> => {
    await body();
    await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    await Promise.race([run(), cut]);
  } finally {
    clearTimeout(timer);
    takeStray = keepStray;
    costs.push({ name, seconds: cpuSeconds() - startedAt });
    idle = setTimeout(endIdleRun, IDLE_MS_MAX).unref();
  }
}

function endIdleRun(): void {
  console.error(`No test runs, still open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(process.exitCode || 1);
}

/** Compares columns of datapoints: NaN equals NaN, everything else exactly or within tolerance. */
export function assertValues(
  actual: ArrayLike<number>,
  expected: ArrayLike<number | null>,
  tolerance = 0,
): void {
  assert.is(actual.length, expected.length, `${actual.length} values, expected ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    const got = actual[i]!; // i < length
    const want = expected[i] ?? NaN;
    const same =
      Object.is(got, want) ||
      got === want ||
      Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));
    if (!same) assert.unreachable(`value ${i}: ${got}, expected ${want}`);
  }
}
