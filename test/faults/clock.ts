/** The clock is set to and fro at random (clock-run.ts), with a store reopened now and then. */
import fs from 'node:fs';
import { type LmdbStore, openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { CLOCK_RULES, ClockRun, randomLeap } from './clock-run.ts';
import type { Fault, FaultResult, Run } from './fault.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';

/** Leaps in one round. */
const LEAPS = 6;

export const clock: Fault = {
  name: 'clock set to and fro',
  fullRounds: 60,
  shortRounds: 5,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const dataDir = temporaryFolder();
    const log: string[] = [];
    const open = (): Promise<LmdbStore> =>
      openLmdbStore({
        dataDir,
        rules: CLOCK_RULES,
        mapSizeBytes: 2 ** 32,
        maxPendingFlushes: 60,
        maxSeries: 1000,
        thread: false,
        onLog: (_level, message) => void log.push(message),
      });
    const run = new ClockRun(await open());
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    let points = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        await run.flush(30 + Math.floor(random() * 200));
        const leaps: string[] = [];
        for (let i = 0; i < LEAPS; i++) {
          const leap = randomLeap(random, round * LEAPS + i);
          leaps.push(`${leap.seconds} s for ${leap.flushes}`);
          await run.leap(leap);
        }
        const found = await run.differences();
        points += found.points;
        result.lost += found.different;
        result.rounds += 1;
        if (found.complaint !== undefined) {
          say(
            `round ${round}, leaps ${leaps.join(', ')}: ${found.different} points, ${found.complaint}`,
          );
          break;
        }
        if (round % 3 === 2) {
          await run.store.close();
          result.badRecords += (await badRecordsIn(dataDir)).length;
          run.reopened(await open());
        }
      }
    } finally {
      await run.store.close();
      fs.rmSync(dataDir, { recursive: true });
    }
    const sayings = log.filter((line) => line.startsWith('the clock ')).length;
    if (sayings === 0) throw new Error('nothing was said of the clock');
    result.acknowledged = run.flushCount;
    result.note = `${points} points compared, the log has ${sayings} lines on it`;
    return result;
  },
};
