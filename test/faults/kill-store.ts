/** kill -9 at random moments of a process that writes flushes, late points, names and deletions. */
import fs from 'node:fs';
import type { Fault, FaultResult, Run } from './fault.ts';
import { checkAfterCrash } from './history-check.ts';
import { startWriting, temporaryFolder } from './processes.ts';

const STEADY = 2500;
const LIFE_MS = [20, 900] as const;

export const killStore: Fault = {
  name: 'kill -9, store',
  fullRounds: 50,
  shortRounds: 6,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const dataDir = temporaryFolder();
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    let first = 0;
    let points = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        const writing = startWriting(dataDir, { first, count: 100_000, steadyCount: STEADY });
        await writing.open;
        const lifeMs = LIFE_MS[0] + random() * (LIFE_MS[1] - LIFE_MS[0]);
        await new Promise((resolve) => setTimeout(resolve, lifeMs));
        writing.child.kill('SIGKILL');
        const ended = await writing.ended;
        if (ended !== 'SIGKILL') throw new Error(`the writer ended by itself: ${ended}`);
        const { acknowledged, count } = writing.progress;
        const standing = await checkAfterCrash(dataDir, STEADY, acknowledged, 3);
        result.rounds += 1;
        result.acknowledged += count;
        result.lost += standing.lost;
        result.badRecords += standing.badRecords;
        points += standing.points;
        if (standing.complaint !== undefined) {
          say(`round ${round}: ${standing.complaint}`);
          break;
        }
        first = standing.step + 1;
      }
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
    result.note = `${first} steps, ${points} points compared`;
    return result;
  },
};
