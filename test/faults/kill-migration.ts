/**
 * kill -9 while a store of format 1 is opened, which makes it one of format 2. Killed or not, and
 * opened again: it answers what it did when the older tallyd wrote it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openEnvironment } from '../../src/storage/lmdb/db/environment.ts';
import { unpackFormat1 } from '../storage/format-1.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { openFaultStore } from './open-fault-store.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { runVerb } from './verb-process.ts';

export const killMigration: Fault = {
  name: 'kill -9, migration',
  fullRounds: 20,
  shortRounds: 2,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    const formats = new Map<number, number>();
    try {
      const open = async (dataDir: string, killAfterMs: number) => {
        fs.mkdirSync(dataDir);
        const { series } = unpackFormat1(dataDir);
        const { stderr, ...end } = await runVerb(
          ['series', 'info', series[0]!.name, '--data-dir', dataDir],
          killAfterMs,
        );
        if (!end.wasKilled && end.code !== 0) throw new Error(stderr);
        return end;
      };
      const { tookMs } = await open(path.join(folder, 'measured'), 60_000);
      for (let round = 0; round < rounds; round++) {
        const dataDir = path.join(folder, `data-${round}`);
        await open(dataDir, random() * tookMs);
        const format = await formatOf(dataDir);
        formats.set(format, (formats.get(format) ?? 0) + 1);
        const wrong = await wrongIn(dataDir);
        if (wrong.length > 0) say(wrong[0]!);
        result.lost += wrong.length;
        result.badRecords += (await badRecordsIn(dataDir)).length;
        if ((await formatOf(dataDir)) !== 3) throw new Error('the store is not of format 3');
        result.rounds += 1;
        result.acknowledged += 1;
      }
      const found = [...formats].map(([format, count]) => `${count} of format ${format}`);
      result.note = `acknowledged: stores; after the kill ${found.join(', ')}`;
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

async function formatOf(dataDir: string): Promise<number> {
  const { root, meta } = openEnvironment(dataDir, 2 ** 30);
  const format = JSON.parse(Buffer.from(meta.get(Buffer.from('format'))!).toString()) as {
    version: number;
  };
  await root.close();
  return format.version;
}

/** Series that do not answer as they did, one line each. */
async function wrongIn(dataDir: string): Promise<string[]> {
  const spare = temporaryFolder();
  const { now, series } = unpackFormat1(spare);
  fs.rmSync(spare, { recursive: true });
  const store = await openFaultStore(dataDir);
  try {
    const wrong: string[] = [];
    for (const { name, answers } of series) {
      for (const { from, until, start, step, values } of answers) {
        const id = store.lookup(name)?.id ?? -1;
        const [found] = await store.fetch([id], from, until, now);
        const same =
          found?.start === start &&
          found.step === step &&
          found.values.length === values.length &&
          // As JSON has no NaN, a missing value is null there.
          values.every((value, i) => Object.is(found.values[i], value ?? NaN));
        if (same) continue;
        wrong.push(`${name} answers otherwise from ${from} to ${until}`);
        break;
      }
    }
    return wrong;
  } finally {
    await store.close();
  }
}
