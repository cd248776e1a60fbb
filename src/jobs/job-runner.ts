/**
 * Periodic work of the main thread. Each job has its interval and never runs twice at once; time is
 * passed in; after a stop no run begins, and the one under way is told to end after its slice.
 */
import type { PendingWork } from '../lib/pending-work.ts';
import type { Service } from '../lib/services.ts';

export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** From `add` to the first run. */
  readonly firstMs: number;
  /** What the log says when a run fails: `series were not compared with the rules`. */
  readonly failure: string;
  /** One run; a long one works in slices, and ends between two of them once `signal` is aborted. */
  run(nowSeconds: number, signal: AbortSignal): Promise<unknown>;
}

export interface JobClock {
  /** Wall clock, milliseconds. */
  nowMs(): number;
  /** Calls once after `ms`; returns how to cancel. */
  after(ms: number, callback: () => void): () => void;
}

const SYSTEM_CLOCK: JobClock = {
  nowMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface State {
  cancelTimer(): void;
  /** Ends the run under way. */
  running: AbortController | undefined;
  /** Whether another run follows the one under way at once. */
  again: boolean;
}

/** Runs these jobs by the system's clock; runs are among the work that an end waits for. */
export function jobsService(jobs: readonly Job[], work: PendingWork): Service<JobRunner> {
  return {
    name: 'jobs',
    start() {
      const runner = new JobRunner(SYSTEM_CLOCK, (run, failure) => work.track(run, failure));
      for (const job of jobs) runner.add(job);
      return runner;
    },
    stop: (runner) => runner.stop(),
  };
}

export class JobRunner {
  private readonly clock: JobClock;
  private readonly track: (run: Promise<unknown>, failure: string) => void;
  private readonly states = new Map<Job, State>();
  private stopped = false;

  /** `track` tells a run's failure, and lets the end of the program wait for runs. */
  constructor(clock: JobClock, track: (run: Promise<unknown>, failure: string) => void) {
    this.clock = clock;
    this.track = track;
  }

  add(job: Job): void {
    const state: State = { cancelTimer: () => {}, running: undefined, again: false };
    this.states.set(job, state);
    const schedule = (ms: number): void => {
      state.cancelTimer = this.clock.after(ms, () => {
        schedule(job.everyMs);
        if (state.running === undefined) this.begin(job, state);
      });
    };
    schedule(job.firstMs);
  }

  /** A run at once, because what the job looks at has changed; the run under way is given up. */
  runAnew(job: Job): void {
    const state = this.states.get(job);
    if (state === undefined) return;
    state.again = state.running !== undefined;
    if (state.again) state.running?.abort();
    else this.begin(job, state);
  }

  stop(): void {
    this.stopped = true;
    for (const { cancelTimer, running } of this.states.values()) {
      cancelTimer();
      running?.abort();
    }
  }

  private begin(job: Job, state: State): void {
    if (this.stopped) return;
    const controller = new AbortController();
    state.running = controller;
    const run = async (): Promise<void> => {
      try {
        await job.run(Math.floor(this.clock.nowMs() / 1000), controller.signal);
      } finally {
        state.running = undefined;
        if (state.again) {
          state.again = false;
          this.begin(job, state);
        }
      }
    };
    this.track(run(), job.failure);
  }
}
