import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/lib/errors.ts';
import { announceServer, findServer, lockDataDir } from '../../src/storage/data-dir-lock.ts';
import { assert, describe } from '../support/suite.ts';
import { temporaryFolder } from './lmdb/open.ts';

describe('data folder lock', (it) => {
  it('tells where the server is while it has the folder', async () => {
    const folder = temporaryFolder();
    try {
      announceServer(folder, 'http://127.0.0.1:1');
      assert.is(findServer(folder), undefined, 'nobody has it');
      const lock = await lockDataDir(folder);
      assert.is(findServer(folder), undefined, 'one without HTTP');
      announceServer(folder, 'http://127.0.0.1:8080');
      assert.is(findServer(folder), 'http://127.0.0.1:8080');
      assert.equal(fs.readdirSync(folder), ['tallyd.lock'], 'nothing else is left');
      await lock.release();
      assert.is(findServer(folder), undefined);
      const next = await lockDataDir(folder);
      assert.is(findServer(folder), undefined, 'the next one has not told yet');
      await next.release();
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('says in a sentence that the folder cannot be written, and leaves nothing there', async () => {
    const folder = temporaryFolder();
    const { renameSync } = fs;
    try {
      fs.renameSync = () => {
        throw new Error('ENOSPC: no space left on device, write');
      };
      const error = await lockDataDir(folder).catch((reason: unknown) => reason);
      assert.instance(error, UserError);
      assert.match((error as UserError).message, `data folder ${folder} cannot be written: ENOSPC`);
      assert.equal(fs.readdirSync(folder), []);
      fs.renameSync = renameSync;
      await (await lockDataDir(folder)).release();
    } finally {
      fs.renameSync = renameSync;
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('does not believe a file that a dead process left, or that is none', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'tallyd.lock');
    try {
      const left = { pid: process.pid, started: 'another boot', url: 'http://127.0.0.1:1' };
      fs.writeFileSync(file, JSON.stringify(left));
      assert.is(findServer(folder), undefined);
      announceServer(folder, 'http://127.0.0.1:2');
      fs.writeFileSync(file, '{"pid":');
      assert.is(findServer(folder), undefined);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
