/** attacks, medium: another user could take the name of the lock, and keep tallyd from starting. */
import fs from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';

describe('the name of the lock', (it) => {
  it('is nothing that another user can take', async () => {
    const folder = temporaryFolder();
    const { dev, ino } = fs.statSync(folder);
    const taker = net.createServer().listen(`\0tallyd-data-${dev}-${ino}`);
    await once(taker, 'listening');
    try {
      const store = await openIn(folder, rulesOf({ '': '10s:1h' }));
      await store.close();
      assert.is(fs.statSync(`${folder}/tallyd.held`).mode & 0o077, 0, 'the kernel’s lock on it');
    } finally {
      taker.close();
      fs.rmSync(folder, { recursive: true });
    }
  });
});
