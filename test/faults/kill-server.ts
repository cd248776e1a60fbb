/**
 * kill -9 of the whole server under traffic. What it answered for flushes that /health had called
 * durable must be the same after it is started again on the same folder.
 */
import fs from 'node:fs';
import { Server } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { Traffic, healthOf, secondSlots, storedPoints } from './traffic.ts';

const DURABLE_FLUSHES = 3;

export const killServer: Fault = {
  name: 'kill -9, server',
  fullRounds: 15,
  shortRounds: 2,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const dataDir = `${folder}/data`;
    const flags = secondSlots(folder);
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    let known = new Map<string, number>();
    try {
      for (let round = 0; round <= rounds; round++) {
        const server = await Server.start(flags, dataDir);
        try {
          const missing = await missingFrom(server, known);
          result.lost += missing.length;
          if (missing.length > 0) say(`round ${round}: ${missing.length} points, ${missing[0]}`);
          if (round === rounds) break;
          known = await runUntilKilled(server, random() * 1000);
          result.acknowledged += known.size;
          result.rounds += 1;
        } finally {
          await server.signal('SIGKILL');
        }
        result.badRecords += (await badRecordsIn(dataDir)).length;
      }
      result.note = 'acknowledged: points that were durable before the kill';
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

/** Kills the server at a random moment; what was durable shortly before. */
async function runUntilKilled(server: Server, delayMs: number): Promise<Map<string, number>> {
  const traffic = new Traffic(server);
  try {
    const known = await durablePoints(server);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await server.signal('SIGKILL');
    return known;
  } finally {
    traffic.stop();
  }
}

/** What is durable once a few flushes are. */
export async function durablePoints(server: Server): Promise<Map<string, number>> {
  const start = Date.now() / 1000;
  await until(
    async () => (await healthOf(server)).store.lastDurableFlush >= start + DURABLE_FLUSHES,
    'durable flushes',
  );
  return storedPoints(server, (await healthOf(server)).store.lastDurableFlush);
}

export async function missingFrom(server: Server, known: Map<string, number>): Promise<string[]> {
  const found = await storedPoints(server, Math.floor(Date.now() / 1000));
  return [...known].flatMap(([key, value]) =>
    found.get(key) === value ? [] : `${key}: ${found.get(key)}, not ${value}`,
  );
}
