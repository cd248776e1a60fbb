/**
 * The whole server on a disk that is full, and on one that hangs: it goes on receiving and
 * answering, says what is wrong, and comes back by itself; what was durable before stays.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Server } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { buildDiskShim, shimUnavailable, temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { SmallDisk, smallDiskUnavailable } from './small-disk.ts';
import {
  type Health,
  Traffic,
  healthOf,
  secondSlots,
  storedPoints,
  withEnvironment,
} from './traffic.ts';

const PENDING_MAX = 4;
const FLAGS = ['--max-pending-flushes', String(PENDING_MAX)];
const ANSWER_MS_MAX = 3000;
/** 10 s in which nothing moves, and what moves before. */
const STOP_SECONDS_MAX = 20;

interface Trouble {
  server: Server;
  begin(): void;
  end(): void;
  /** /health while it lasts. */
  status: string;
  httpStatus: number;
  reason: RegExp;
}

export const fullDiskServer: Fault = {
  name: 'full disk, server',
  fullRounds: 3,
  shortRounds: 1,
  unavailable: smallDiskUnavailable,
  async run(run: Run): Promise<FaultResult> {
    const disk = new SmallDisk(32);
    const dataDir = `${disk.folder}/data`;
    try {
      const server = await Server.start([...FLAGS, ...secondSlots(disk.folder)], dataDir);
      return await endure(run, dataDir, {
        server,
        begin: () => disk.fill(),
        end: () => disk.free(),
        status: 'failing',
        httpStatus: 503,
        reason:
          /^the disk refuses writes \(.+\), flushes wait in memory(; \d+ flush(es)? could not be stored)?$/,
      });
    } finally {
      disk.remove();
    }
  },
};

export const stalledDiskServer: Fault = {
  name: 'stalled disk, server',
  fullRounds: 3,
  shortRounds: 1,
  unavailable: shimUnavailable,
  async run(run: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const stallFile = path.join(folder, 'stall');
    const dataDir = path.join(folder, 'data');
    const variables = { LD_PRELOAD: buildDiskShim(folder), TALLYD_STALL: stallFile };
    try {
      const flags = [...FLAGS, ...secondSlots(folder)];
      const server = await withEnvironment(variables, () => Server.start(flags, dataDir));
      const result = await endure(run, dataDir, {
        server,
        begin: () => fs.writeFileSync(stallFile, ''),
        end: () => fs.rmSync(stallFile),
        status: 'degraded',
        httpStatus: 200,
        reason: /^\d+ flushes wait for the disk/,
      });
      const again = await withEnvironment(variables, () => Server.start(flags, dataDir));
      await endStalled(again, stallFile);
      result.badRecords += (await badRecordsIn(dataDir)).length;
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

/** A stop that cannot write ends, and says what it leaves. */
async function endStalled(server: Server, stallFile: string): Promise<void> {
  const traffic = new Traffic(server);
  try {
    await durablePoints(server);
    fs.writeFileSync(stallFile, '');
    await until(async () => (await healthOf(server)).store.pendingFlushes > 1, 'flushes wait');
    const started = performance.now();
    await server.signal('SIGTERM');
    const seconds = (performance.now() - started) / 1000;
    if (seconds > STOP_SECONDS_MAX) throw new Error(`the stop took ${Math.round(seconds)} s`);
    if (!/tallyd ends, \d+ flush(?:es)? not written/.test(server.stderr)) {
      throw new Error(`the stop said nothing of what was not written\n${server.stderr}`);
    }
  } finally {
    traffic.stop();
    await server.signal('SIGKILL');
    fs.rmSync(stallFile, { force: true });
  }
}

async function endure(
  { rounds, say }: Run,
  dataDir: string,
  trouble: Trouble,
): Promise<FaultResult> {
  const { server } = trouble;
  const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
  const traffic = new Traffic(server);
  try {
    let dropped = 0;
    for (let round = 0; round < rounds; round++) {
      const known = await durablePoints(server);
      dropped = await enter(trouble);
      trouble.end();
      const from = Math.floor(Date.now() / 1000);
      await until(async () => {
        const { store } = await healthOf(server);
        return store.state === 'ok' && store.lastDurableFlush >= from;
      }, 'writing resumes');
      const found = await storedPoints(server, Math.floor(Date.now() / 1000));
      for (const [key, value] of known) {
        if (found.get(key) === value) continue;
        result.lost += 1;
        if (result.lost === 1) say(`${key}: ${found.get(key)}, not ${value}`);
      }
      result.acknowledged += known.size;
      result.rounds += 1;
    }
    result.note = `${dropped} flushes given up and counted; acknowledged: points`;
    await server.signal('SIGTERM');
    if (server.exit?.code !== 0) {
      throw new Error(`the server exited with ${JSON.stringify(server.exit)}\n${server.stderr}`);
    }
    result.badRecords = (await badRecordsIn(dataDir)).length;
    return result;
  } finally {
    traffic.stop();
    await server.signal('SIGKILL');
  }
}

/** Lasts until flushes are given up; the number of them. */
async function enter(trouble: Trouble): Promise<number> {
  const { server } = trouble;
  const before = await healthOf(server);
  trouble.begin();
  let health: Health = before;
  let slowestMs = 0;
  await until(
    async () => {
      const started = performance.now();
      const response = await server.get('/health');
      health = (await response.json()) as Health;
      await (await server.get('/render?target=stats.gauges.fault.g1&format=json')).text();
      slowestMs = Math.max(slowestMs, performance.now() - started);
      const isGivenUp = health.store.droppedFlushes > before.store.droppedFlushes;
      if (isGivenUp && response.status !== trouble.httpStatus) {
        throw new Error(`/health answered ${response.status}`);
      }
      return isGivenUp;
    },
    'flushes are given up',
    40_000,
  );
  const { status, reason = '', receive, store } = health;
  if (status !== trouble.status || !trouble.reason.test(reason)) {
    throw new Error(`/health says ${status}: ${reason}`);
  }
  const page = await (await server.get('/metrics')).text();
  if (status === 'failing' && !/^tallyd_store_state\{state="failing"\} 1$/m.test(page)) {
    throw new Error('/metrics does not say that the store fails');
  }
  if (receive.datagrams <= before.receive.datagrams) throw new Error('nothing was received');
  if (store.pendingFlushes > PENDING_MAX + 1) throw new Error(`${store.pendingFlushes} wait`);
  if (slowestMs > ANSWER_MS_MAX) throw new Error(`an answer took ${Math.round(slowestMs)} ms`);
  return store.droppedFlushes;
}

async function durablePoints(server: Server): Promise<Map<string, number>> {
  const start = Date.now() / 1000;
  await until(
    async () => (await healthOf(server)).store.lastDurableFlush > start + 1,
    'a durable flush',
  );
  const { lastDurableFlush } = (await healthOf(server)).store;
  return storedPoints(server, lastDurableFlush);
}
