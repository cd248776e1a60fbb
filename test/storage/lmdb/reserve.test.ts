import fs from 'node:fs';
import path from 'node:path';
import { reserveFile } from '../../../src/storage/lmdb/write/reserve.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const { writeSync, statfsSync } = fs;

/** A disk on which nothing is free while the body runs. */
async function onFullDisk(body: () => Promise<void>): Promise<void> {
  fs.writeSync = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  fs.statfsSync = ((folder: string) => {
    return { ...statfsSync(folder), bavail: 0 };
  }) as typeof statfsSync;
  try {
    await body();
  } finally {
    Object.assign(fs, { writeSync, statfsSync });
  }
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('room for a commit', (it) => {
  it('is made at the end of the file, with blocks of its own', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'file');
      fs.writeFileSync(file, 'first');
      assert.is(reserveFile(file, 1_000_000), true);
      const { size, blocks } = fs.statSync(file);
      assert.is(size, 1_000_000);
      assert.ok(blocks * 512 >= 1_000_000, `${blocks} blocks`);
      assert.is(fs.readFileSync(file).subarray(0, 6).toString(), 'first\0');
      assert.is(reserveFile(file, 10), true);
      assert.is(fs.statSync(file).size, 1_000_000);
    });
  });

  it('leaves the file as it was where the disk has none', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'file');
      fs.writeFileSync(file, 'first');
      let left = 2;
      fs.writeSync = ((...all: Parameters<typeof writeSync>) => {
        if (left-- > 0) return writeSync(...all);
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      }) as typeof writeSync;
      try {
        assert.is(reserveFile(file, 5_000_000), false);
      } finally {
        fs.writeSync = writeSync;
      }
      assert.is(fs.readFileSync(file).toString(), 'first');
    });
  });

  it('is asked for before LMDB meets the full disk; writing goes on when there is some', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, rulesOf({ '': '10s:20m' }));
      await store.append(frameOf(NOW + 10, { a: 1 }));
      const grown = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`s${i}`, i]));
      let waiting: Promise<unknown> | undefined;
      await onFullDisk(async () => {
        waiting = store.append(frameOf(NOW + 20, { a: 2, ...grown }, { firstId: 1 }));
        await until(() => store.health().state === 'failing', 'failing');
        assert.is(
          store.health().reason,
          'the disk refuses writes (ENOSPC, no space is left on it), flushes wait in memory',
        );
      });
      await waiting;
      assert.is(store.health().state, 'ok');
      const [s7] = await store.fetch([store.lookup('s7')!.id], NOW + 10, NOW + 20, NOW + 20);
      assertValues(s7!.values, [7]);
      await store.close();
    });
  });
});
