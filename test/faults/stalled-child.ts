/** The process of stalled-disk.ts: data folder, file that stalls the disk, rounds; prints a result. */
import fs from 'node:fs';
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { until } from '../support/until.ts';
import { type FaultResult } from './fault.ts';
import { Ledger } from './ledger.ts';
import { openFaultStore } from './open-fault-store.ts';
import { badRecordsIn } from './records.ts';

const PENDING_MAX = 6;
const WIDTH = 10_000;
/** Of 120 kB each: waiting unbounded they would show. */
const FLUSHES_STALLED = 100;
const GROWTH_BYTES_MAX = 6e6;
/** The longest turn of the event loop that is no wait for the disk, on a busy machine. */
const TURN_MS_MAX = 1000;

const [dataDir, stallFile, rounds] = process.argv.slice(2);
const ledger = new Ledger();
const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
let longestTurnMs = 0;
let store = await open();
for (let round = 0; round < Number(rounds); round++) {
  for (let i = 0; i < 5; i++) await ledger.append(store, WIDTH);
  await stall(store);
  const { lost, complaint } = await ledger.lostIn(store, 17);
  if (complaint !== undefined) console.error(complaint);
  result.lost += lost;
  result.rounds += 1;
  if (round % 5 === 4) {
    await store.close();
    store = await open();
    ledger.restarted();
  }
}
await store.close();
result.badRecords = (await badRecordsIn(dataDir!)).length;
result.acknowledged = ledger.count('acknowledged');
const turn = `the event loop was held up for ${Math.round(longestTurnMs)} ms at most`;
result.note = `${ledger.count('given up')} given up and counted, ${turn}`;
console.log(JSON.stringify(result));

function open(): Promise<LmdbStore> {
  return openFaultStore(dataDir!, { thread: true, maxPendingFlushes: PENDING_MAX });
}

async function stall(stalled: LmdbStore): Promise<void> {
  const droppedBefore = stalled.health().droppedFlushes;
  fs.writeFileSync(stallFile!, '');
  const under: Promise<void>[] = [];
  const before = await bufferBytes();
  for (let i = 0; i < FLUSHES_STALLED; i++) {
    under.push(ledger.append(stalled, WIDTH));
    const started = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    longestTurnMs = Math.max(longestTurnMs, performance.now() - started);
    checkWaiting(stalled, i);
  }
  const id = stalled.lookup('ledger.s7')!.id;
  const now = Math.max(0, stalled.health().lastDurableFlush);
  const [read] = await stalled.fetch([id], now - 60, now, now);
  assert(read!.values.length > 0, 'reading goes on');
  const grown = (await bufferBytes()) - before;
  assert(grown < GROWTH_BYTES_MAX, `memory grew by ${grown} bytes`);
  assert(longestTurnMs < TURN_MS_MAX, `the event loop was held up for ${longestTurnMs} ms`);
  const dropped = stalled.health().droppedFlushes - droppedBefore;
  assert(dropped > FLUSHES_STALLED / 2, `${dropped} flushes counted as given up`);
  fs.rmSync(stallFile!);
  await until(() => stalled.health().pendingFlushes === 0, 'catching up');
  await Promise.all(under);
  const { state } = stalled.health();
  assert(state === 'ok', `the store is ${state} when the disk is well again`);
}

/** Memory of frames that something still holds; what is free is given back in the background. */
async function bufferBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!(); // started with --expose-gc
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().arrayBuffers;
}

function checkWaiting(stalled: LmdbStore, flushes: number): void {
  const { state, reason = '', pendingFlushes } = stalled.health();
  assert(pendingFlushes <= PENDING_MAX + 1, `${pendingFlushes} flushes wait`);
  if (flushes < 10) return;
  assert(state === 'behind', `health says ${state}`);
  assert(/^\d+ flushes wait for the disk/.test(reason), `health says "${reason}"`);
}

function assert(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(sentence);
}
