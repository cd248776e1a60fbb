/**
 * uvu with its traps closed: the suite always runs, a `before` that throws fails every test instead
 * of passing them by, and a test that hangs is failed after a time limit.
 */
import { suite as uvuSuite } from 'uvu';
import * as assert from 'uvu/assert';

export { assert };

type Body = () => void | Promise<void>;

export interface It {
  (name: string, body: Body, options?: { timeoutMs?: number }): void;
  before(body: Body): void;
  after(body: Body): void;
  /** Skips a test aloud: the reason names what is missing on this machine. */
  skipAloud(name: string, reason: string): void;
}

const TIMEOUT_MS = 20_000;

export function describe(name: string, define: (it: It) => void): void {
  const suite = uvuSuite(name);
  const befores: Body[] = [];
  let beforeError: unknown;
  let count = 0;
  const it = ((testName, body, options) => {
    count += 1;
    suite(testName, async () => {
      if (beforeError !== undefined) throw beforeError;
      await limited(body, testName, options?.timeoutMs ?? TIMEOUT_MS);
    });
  }) as It;
  it.before = (body) => void befores.push(body);
  it.after = (body) => suite.after(async () => limited(body, 'after', TIMEOUT_MS));
  it.skipAloud = (testName, reason) => {
    if (process.env['CI'] === 'true') {
      it(testName, () => {
        throw new Error(`may not be skipped in CI: ${reason}`);
      });
      return;
    }
    console.error(`SKIPPED ${name}: ${testName}: ${reason}`);
  };
  suite.before(async () => {
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
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${name}" took over ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([(async () => body())(), late]);
  } finally {
    clearTimeout(timer);
  }
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
