/**
 * Readers that never end: one fetches everything again and again, one holds a snapshot and never
 * lets go. Writing goes on at its pace and acknowledges everything; the file stays as it is beside
 * the first, because every group of series is read in a snapshot of its own; the second is shown to
 * be what the first avoids: it makes the file grow, and letting go ends that.
 */
import fs from 'node:fs';
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { openEnvironment } from '../../src/storage/lmdb/db/environment.ts';
import type { Fault, FaultResult, Run } from './fault.ts';
import { compare } from './history-check.ts';
import { DELETE, operationOf, timeOf } from './history.ts';
import { HistoryWriter } from './history-writer.ts';
import { openFaultStore } from './open-fault-store.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';

const STEADY = 600;
/** Rings are full and names are born by then. */
const WARM_STEPS = 600;
const STEPS = 120;
/** Pages that were not free at one moment: against the file of a few megabytes. */
const GROWTH_MAX = 0.5;

export const endlessReader: Fault = {
  name: 'endless reader',
  fullRounds: 6,
  shortRounds: 1,
  async run({ rounds, say }: Run): Promise<FaultResult> {
    const dataDir = temporaryFolder();
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    const store = await openFaultStore(dataDir, { thread: true });
    const writer = new HistoryWriter(store, STEADY);
    let next = 0;
    const write = async (steps: number): Promise<void> => {
      for (const end = next + steps; next < end; next++) {
        await writer.step(next, () => (result.acknowledged += 1));
      }
    };
    try {
      await write(WARM_STEPS);
      const size = store.health().fileBytes;
      let reads = 0;
      for (let round = 0; round < rounds; round++) {
        reads += await readWhile(store, () => write(STEPS), next);
        result.rounds += 1;
      }
      const grown = store.health().fileBytes / size - 1;
      if (grown > GROWTH_MAX) throw new Error(`the file grew by ${percent(grown)} beside a reader`);
      const stuck = await besideStuckSnapshot(dataDir, store, () => write(STEPS));
      const { standing } = await compare(store, STEADY, operationOf(next - 1, DELETE));
      if (standing.complaint !== undefined) say(standing.complaint);
      result.lost += standing.lost;
      result.note = `${reads} reads of all, file +${percent(grown)}; ${stuck}`;
    } finally {
      await store.close();
      result.badRecords = (await badRecordsIn(dataDir)).length;
      fs.rmSync(dataDir, { recursive: true });
    }
    return result;
  },
};

/** Fetches all series without end while the work is done; the number of fetches. */
async function readWhile(
  store: LmdbStore,
  work: () => Promise<void>,
  step: number,
): Promise<number> {
  let reads = 0;
  let done = false;
  const reader = (async () => {
    while (!done) {
      const ids = store.allNames().flatMap((name) => store.lookup(name)?.id ?? []);
      const now = timeOf(step);
      await store.fetch(ids, now - 2400, now, now);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await work();
  done = true;
  await reader;
  return reads;
}

/** What a snapshot that is never let go costs, and that it ends with it. */
async function besideStuckSnapshot(
  dataDir: string,
  store: LmdbStore,
  work: () => Promise<void>,
): Promise<string> {
  const before = store.health().fileBytes;
  const environment = openEnvironment(dataDir, 2 ** 32);
  const snapshot = environment.root.useReadTransaction();
  try {
    await work();
  } finally {
    snapshot.done();
  }
  const beside = store.health().fileBytes;
  await work();
  const after = store.health().fileBytes;
  if (after > beside * (1 + GROWTH_MAX)) {
    throw new Error(`the file went on growing, from ${beside} to ${after} bytes`);
  }
  return `held snapshot +${percent(beside / before - 1)}, after it +${percent(after / beside - 1)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
