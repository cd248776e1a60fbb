/**
 * A store on a disk that takes no more: started with a limit on the size of files, so that LMDB's
 * writes fail, which this process lifts later. Any unhandled rejection ends it with an error.
 * Prints what became of the flushes.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { frameOf } from '../../support/frame.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const folder = temporaryFolder();
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
try {
  const store = await openIn(folder, rulesOf({ '': '10s:20m' }));
  let stored = 0;
  let flush = 0;
  const waiting: Promise<void>[] = [];
  const append = (): void => {
    flush += 1;
    const values = Array.from({ length: 1000 }, (_, i) => [`s${i}`, flush * 1000 + i]);
    const frame = frameOf(NOW + flush * 10, Object.fromEntries(values) as Record<string, number>);
    waiting.push(store.append(frame).then(() => void (stored += 1)));
  };
  while (store.health().state !== 'failing') {
    append();
    await until(() => stored === flush || store.health().state === 'failing');
  }
  const { reason } = store.health();
  const before = stored;
  append();
  append();
  await until(() => store.health().pendingFlushes === 3);
  spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
  await Promise.all(waiting);
  const end = NOW + flush * 10;
  const [s7] = await store.fetch([store.lookup('s7')!.id], NOW, end, end);
  const right = s7!.values.every((value, i) => value === (i + 1) * 1000 + 7);
  await store.close();
  console.log(reason);
  console.log(`${before > 2}, all ${stored === flush}, right ${right}`);
} finally {
  fs.rmSync(folder, { recursive: true });
}
