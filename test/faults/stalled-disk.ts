/**
 * A disk that hangs: writes and syncs of the data file do not return while it is stalled
 * (disk-shim.c). The caller is never held up, what waits is bounded, health says so, the oldest
 * flushes are given up and counted, and everything goes on when the disk does. Runs in a process of
 * its own, under the shim (stalled-child.ts).
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { scriptArgs } from '../support/program.ts';
import type { Fault, FaultResult, Run } from './fault.ts';
import { buildDiskShim, shimUnavailable, temporaryFolder } from './processes.ts';

export const stalledDisk: Fault = {
  name: 'stalled disk, store',
  fullRounds: 20,
  shortRounds: 2,
  unavailable: shimUnavailable,
  async run({ rounds }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    try {
      const stallFile = path.join(folder, 'stall');
      const dataDir = path.join(folder, 'data');
      const args = ['--expose-gc', ...scriptArgs(import.meta.url, './stalled-child')].concat(
        dataDir,
        stallFile,
      );
      const answer = execFileSync(process.execPath, [...args, String(rounds)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, LD_PRELOAD: buildDiskShim(folder), TALLYD_STALL: stallFile },
      });
      return JSON.parse(answer.toString()) as FaultResult;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};
