/**
 * The end of `tallyd start` by a signal: in order, aloud where it takes long, and hard where it goes no
 * further, as on a disk that hangs.
 */
import type { Logger } from 'pino';
import { counted } from '../lib/counted.ts';
import type { Supervisor } from '../lib/supervisor.ts';

/** How often a stop is looked at, and how often one that takes long says what it waits for. */
const LOOK_MS = 500;
const LOG_MS = 3000;
/** How long a stop may go no further. */
const STILL_MS_MAX = 10_000;

/** The running daemon as its end needs it. */
interface Stoppable {
  stop(): Promise<void>;
  /** What the stop is at, and what the store has still to write. */
  stopping(): { waitsFor: string; pendingFlushes: number; lastDurableFlush: number };
}

/** The first signal stops in order and exits 0; a second one does not wait and exits 1. */
export function stopOnSignal(
  starting: Promise<Stoppable>,
  logger: Logger,
  supervisor: Pick<Supervisor, 'stopping'>,
): void {
  let state: 'running' | 'stopping' = 'running';
  const stop = async (signal: string): Promise<void> => {
    if (state === 'stopping') process.exit(1);
    state = 'stopping';
    logger.info(`${signal}: stopping`);
    supervisor.stopping();
    let daemon: Stoppable | undefined;
    setInterval(() => {
      const what = daemon === undefined ? 'the start' : daemon.stopping().waitsFor;
      logger.warn(`still stopping, waits for: ${what}; a second signal ends at once`);
    }, LOG_MS);
    try {
      daemon = await starting;
      endWhereStill(daemon, logger);
      await daemon.stop();
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'could not stop cleanly');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal));
  }
}

/** Ends the process where its stop goes no further, and says what was not written. */
function endWhereStill(daemon: Stoppable, logger: Logger): void {
  let before = '';
  let movedMs = performance.now();
  setInterval(() => {
    const { waitsFor, pendingFlushes, lastDurableFlush } = daemon.stopping();
    const now = [waitsFor, pendingFlushes, lastDurableFlush].join(' ');
    if (now !== before) movedMs = performance.now();
    before = now;
    if (performance.now() - movedMs < STILL_MS_MAX) return;
    const lost = counted(pendingFlushes, 'flush', 'flushes');
    logger.fatal(
      `the stop waits for ${waitsFor} and goes no further for ${STILL_MS_MAX / 1000} s: ` +
        `tallyd ends, ${lost} not written`,
    );
    // An orderly exit waits for threads, and one of them is in a write that does not return.
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_MS);
}
