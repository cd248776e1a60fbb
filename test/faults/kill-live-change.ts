/**
 * kill -9 of a server under traffic while `retention apply` changes its series over HTTP, with and
 * without `--rewrite`. What was durable before answers the same after the restart, and again when
 * the change was brought to its end.
 */
import fs from 'node:fs';
import path from 'node:path';
import { runHere } from '../cli/run-here.ts';
import { Server } from '../support/server.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { durablePoints, missingFrom } from './kill-server.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { Traffic, secondSlots } from './traffic.ts';
import { runVerb } from './verb-process.ts';

/** The change of some hundred series takes less than that. */
const CHANGE_MS_MAX = 400;

export const killLiveChange: Fault = {
  name: 'kill -9, live change',
  fullRounds: 12,
  shortRounds: 1,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const flags = secondSlots(folder);
    const conf = path.join(folder, 'new.conf');
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    let cuts = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        const dataDir = path.join(folder, `data-${round}`);
        // The finest step stays, so that every answer does.
        fs.writeFileSync(conf, '[all]\npattern = .*\nretentions = 1s:2h,5m:2d\n');
        const change = ['retention', 'apply', '--storage-schemas', conf];
        if (round % 2 === 0) change.push('--rewrite');
        const first = await Server.start(flags, dataDir);
        const traffic = new Traffic(first);
        let known: Map<string, number>;
        try {
          known = await durablePoints(first);
          let begun = (): void => {};
          const begins = new Promise<void>((resolve) => (begun = resolve));
          const changing = runVerb([...change, '--url', urlOf(first)], 60_000, begun);
          await begins;
          await new Promise((resolve) => setTimeout(resolve, random() * CHANGE_MS_MAX));
          await first.signal('SIGKILL');
          if ((await changing).code !== 0) cuts += 1;
        } finally {
          traffic.stop();
          await first.signal('SIGKILL');
        }
        result.badRecords += (await badRecordsIn(dataDir)).length;
        const second = await Server.start(flags, dataDir);
        try {
          const missing = await missingFrom(second, known);
          const { code, stderr } = await runHere([...change, '--url', urlOf(second)]);
          if (code !== 0) throw new Error(stderr);
          missing.push(...(await missingFrom(second, known)));
          if (missing.length > 0) say(`round ${round}: ${missing.length} points, ${missing[0]}`);
          result.lost += missing.length;
        } finally {
          await second.signal('SIGKILL');
        }
        result.badRecords += (await badRecordsIn(dataDir)).length;
        result.acknowledged += known.size;
        result.rounds += 1;
      }
      result.note = `acknowledged: points; ${cuts} changes had not ended`;
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

function urlOf(server: Server): string {
  return `http://127.0.0.1:${server.port('http')}`;
}
