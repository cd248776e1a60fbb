import { type Job, type JobClock, JobRunner } from '../../src/jobs/job-runner.ts';
import { PendingWork } from '../../src/lib/pending-work.ts';
import { assert, describe } from '../support/suite.ts';

const START_MS = 1_700_000_000_500;

/** Time that passes when it is told to. */
class FakeClock implements JobClock {
  private now = START_MS;
  private timers: { at: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.now + ms, callback };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  }

  /** Calls what comes due, in order, and lets promises go on after each. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.now = next.at;
      next.callback();
      await new Promise(setImmediate);
    }
    this.now = until;
  }
}

/** A job whose runs last until `end`, and what became of each. */
class Recorded implements Job {
  readonly name = 'recorded';
  readonly everyMs = 10_000;
  readonly firstMs = 3000;
  readonly failure = 'nothing was recorded';
  readonly begun: number[] = [];
  readonly signals: AbortSignal[] = [];
  isLong = false;
  fault: Error | undefined;
  end = (): void => {};

  async run(nowSeconds: number, signal: AbortSignal): Promise<void> {
    this.begun.push(nowSeconds - Math.floor(START_MS / 1000));
    this.signals.push(signal);
    if (this.fault !== undefined) throw this.fault;
    if (this.isLong) await new Promise<void>((resolve) => (this.end = resolve));
  }
}

function running() {
  const told: string[] = [];
  const work = new PendingWork({ error: ({ err }, what) => told.push(`${what}: ${String(err)}`) });
  const clock = new FakeClock();
  const runner = new JobRunner(clock, (run, failure) => work.track(run, failure));
  const job = new Recorded();
  runner.add(job);
  return { told, work, clock, runner, job };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('job runner', (it) => {
  it('runs a job first when it says, then at its interval, and passes the time in', async () => {
    const { clock, job } = running();
    await clock.pass(2999);
    assert.equal(job.begun, []);
    await clock.pass(21_000);
    assert.equal(job.begun, [3, 13, 23]);
  });

  it('never runs two of the same at once', async () => {
    const { clock, job } = running();
    job.isLong = true;
    await clock.pass(25_000);
    assert.equal(job.begun, [3]);
    job.end();
    await turn();
    assert.equal(job.begun, [3], 'waits for its next time');
    await clock.pass(8000);
    assert.equal(job.begun, [3, 33]);
  });

  it('tells a failure, and goes on', async () => {
    const { clock, job, told } = running();
    job.fault = new Error('disk');
    await clock.pass(3000);
    job.fault = undefined;
    await clock.pass(10_000);
    assert.equal(told, ['nothing was recorded: Error: disk']);
    assert.equal(job.begun, [3, 13]);
  });

  it('runs anew at once, the run under way ended first', async () => {
    const { clock, job, runner } = running();
    runner.runAnew(job);
    assert.equal(job.begun, [0]);
    job.isLong = true;
    await clock.pass(3000);
    runner.runAnew(job);
    runner.runAnew(job);
    assert.is(job.signals[1]!.aborted, true);
    assert.equal(job.begun, [0, 3]);
    job.end();
    await turn();
    assert.equal(job.begun, [0, 3, 3]);
    job.end();
    await turn();
    assert.equal(job.begun, [0, 3, 3], 'once, however often it was asked');
  });

  it('begins nothing after a stop, which ends the run under way', async () => {
    const { clock, job, runner, work } = running();
    job.isLong = true;
    await clock.pass(3000);
    runner.runAnew(job);
    runner.stop();
    assert.is(job.signals[0]!.aborted, true);
    let settled = false;
    const end = work.settled().then(() => (settled = true));
    await turn();
    assert.is(settled, false, 'the end waits for it');
    job.end();
    await end;
    runner.runAnew(job);
    await clock.pass(60_000);
    assert.equal(job.begun, [3]);
  });
});
