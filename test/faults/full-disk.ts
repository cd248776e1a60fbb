/**
 * A full disk, on a small one that is mounted for it. Flushes wait in bounded memory, health says
 * why, the oldest beyond the bound are given up and counted, writing resumes by itself when there is
 * space, and what was acknowledged before or after is there.
 */
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { until } from '../support/until.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { Ledger } from './ledger.ts';
import { openFaultStore } from './open-fault-store.ts';
import { badRecordsIn } from './records.ts';
import { SmallDisk, smallDiskUnavailable } from './small-disk.ts';

const PENDING_MAX = 5;
/** Flushes written while the disk is full: more than may wait. */
const FLUSHES_FULL = 25;
/** New series of each round, so that the file has to grow. */
const GROWTH = 300;

export const fullDisk: Fault = {
  name: 'full disk, store',
  fullRounds: 12,
  shortRounds: 3,
  unavailable: smallDiskUnavailable,
  async run({ rounds, say }: Run): Promise<FaultResult> {
    const disk = new SmallDisk(64);
    const dataDir = `${disk.folder}/data`;
    const ledger = new Ledger();
    const log: string[] = [];
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    const open = () =>
      openFaultStore(dataDir, { thread: true, maxPendingFlushes: PENDING_MAX, log });
    let store = await open();
    try {
      for (let round = 1; round <= rounds; round++) {
        for (let i = 0; i < 20; i++) await ledger.append(store, round * GROWTH);
        await fillUp(disk, store, ledger, (round + 1) * GROWTH);
        if (round % 2 === 0) {
          await store.close();
          result.badRecords += (await badRecordsIn(dataDir)).length;
          store = await open();
          ledger.restarted();
        }
        const { lost, complaint } = await ledger.lostIn(store);
        if (complaint !== undefined) say(complaint);
        result.lost += lost;
        result.badRecords += store.health().corruptRecords;
        result.rounds += 1;
      }
      result.acknowledged = ledger.count('acknowledged');
      result.note = `${ledger.count('given up')} given up and counted`;
      return result;
    } finally {
      await store.close();
      disk.remove();
    }
  },
};

/** Fills the disk, writes on, frees it; throws when the store does not behave. */
async function fillUp(
  disk: SmallDisk,
  store: LmdbStore,
  ledger: Ledger,
  width: number,
): Promise<void> {
  const droppedBefore = store.health().droppedFlushes;
  const givenUpBefore = ledger.count('given up');
  disk.fill();
  const under: Promise<void>[] = [];
  for (let i = 0; i < FLUSHES_FULL; i++) {
    under.push(ledger.append(store, width));
    if (i === 0) await until(() => store.health().state === 'failing', 'failing');
  }
  const { reason = '' } = store.health();
  if (!/^the disk refuses writes \(.+\), flushes wait in memory$/.test(reason)) {
    throw new Error(`health says "${reason}"`);
  }
  await until(() => store.health().pendingFlushes <= PENDING_MAX + 1, 'a bounded queue');
  await new Promise((resolve) => setTimeout(resolve, 0));
  const health = store.health();
  if (health.state !== 'failing') throw new Error(`the store is ${health.state} on a full disk`);
  const dropped = health.droppedFlushes - droppedBefore;
  const givenUp = ledger.count('given up') - givenUpBefore;
  if (dropped === 0 || dropped !== givenUp) {
    throw new Error(`${dropped} flushes counted as given up, ${givenUp} were`);
  }
  disk.free();
  await until(() => store.health().state === 'ok', 'writing resumes');
  await Promise.all(under);
  if (store.health().pendingFlushes !== 0) throw new Error('flushes still wait');
}
