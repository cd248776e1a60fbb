/** A backup to a path with a NUL, or one longer than the system takes: each was a 500. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { backupEnvironment } from '../../../src/storage/lmdb/check/backup.ts';
import { assert, describe } from '../../support/suite.ts';

describe('a backup', (it) => {
  it('says what is wrong with a path that cannot be', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-backup-'));
    const environment = openEnvironment(path.join(folder, 'data'), 2 ** 26);
    try {
      for (const name of ['a\0b', 'x'.repeat(300), 'y/'.repeat(2500), `data/data.mdb/x`]) {
        const error: unknown = await backupEnvironment(environment, path.join(folder, name)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        assert.instance(error, UserError, JSON.stringify(name.slice(0, 20)));
        assert.is((error as UserError).status, 400);
        assert.ok((error as UserError).message.length < 300);
      }
    } finally {
      await environment.root.close();
      fs.rmSync(folder, { recursive: true });
    }
  });
});
