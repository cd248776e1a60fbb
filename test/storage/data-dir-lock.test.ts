import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/lib/errors.ts';
import { announceServer, findServer, lockDataDir } from '../../src/storage/data-dir-lock.ts';
import { ownOwner, readOwner, writeOwner } from '../../src/storage/owner-record.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from './lmdb/open.ts';

type Body = (folder: string) => Promise<void>;

/** Of a machine without flock(1), where the owner's count is all there is to go by. */
async function withoutFlock(body: () => Promise<void>): Promise<void> {
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  try {
    await body();
  } finally {
    process.env['PATH'] = PATH;
  }
}

async function inFolder(body: Body): Promise<void> {
  const folder = temporaryFolder();
  try {
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function refused(folder: string, isPatient = false): Promise<UserError> {
  const error = await lockDataDir(folder, { isPatient }).catch((reason: unknown) => reason);
  assert.instance(error, UserError);
  return error as UserError;
}

/** An owner that this machine cannot ask after: only whether its count moves tells. */
function elsewhere(token = 'another') {
  return { ...ownOwner(token, false), pidSpace: 'pid:[1]', host: 'other', pid: 7 };
}

describe('data folder lock', (it) => {
  it('tells where the server is while it has the folder', async () => {
    await inFolder(async (folder) => {
      announceServer(folder, 'http://127.0.0.1:1');
      assert.is(findServer(folder), undefined, 'nobody has it');
      const lock = await lockDataDir(folder);
      assert.is(findServer(folder), undefined, 'one without HTTP');
      announceServer(folder, 'http://127.0.0.1:8080');
      assert.equal(findServer(folder), { url: 'http://127.0.0.1:8080', token: lock.token });
      await lock.release();
      assert.is(findServer(folder), undefined);
      const next = await lockDataDir(folder);
      assert.is(findServer(folder), undefined, 'the next one has not told yet');
      await next.release();
      assert.equal(fs.readdirSync(folder), ['tallyd.held', 'tallyd.lock'], 'nothing else is left');
    });
  });

  it("is one holder's, of this process as well", async () => {
    await inFolder(async (folder) => {
      const lock = await lockDataDir(folder);
      const { code, message } = await refused(folder);
      assert.is(code, 'dataDirTaken');
      assert.match(
        message,
        `is in use by another tallyd (process ${process.pid}), expected one to`,
      );
      await lock.release();
      await (await lockDataDir(folder)).release();
    });
  });

  it('does not ask whose process number it is where the kernel knows', async () => {
    await inFolder(async (folder) => {
      // Of a container that was killed: the same number, here alive, in another namespace.
      writeOwner(folder, { ...elsewhere(), hasKernelLock: true, pid: process.pid });
      const waits: string[] = [];
      await (await lockDataDir(folder, { onWait: (sentence) => waits.push(sentence) })).release();
      assert.equal(waits, []);
    });
  });

  it('a full disk does not keep the next owner out', async () => {
    await inFolder(async (folder) => {
      const { writeSync } = fs;
      fs.writeSync = () => {
        throw new Error('ENOSPC: no space left on device, write');
      };
      try {
        const lock = await lockDataDir(folder);
        assert.is((await refused(folder)).code, 'dataDirTaken');
        await lock.release();
      } finally {
        fs.writeSync = writeSync;
      }
    });
  });

  it('says in a sentence that the folder cannot be locked', async () => {
    await inFolder(async (folder) => {
      fs.mkdirSync(path.join(folder, 'tallyd.held'));
      const { code, message } = await refused(folder);
      assert.is(code, 'badFile');
      assert.match(message, `data folder ${folder} cannot be locked: EISDIR`);
    });
  });

  it('does not believe a record that a dead process left, or that is none', async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'tallyd.lock');
      const left = { pid: process.pid, started: 'another boot', url: 'http://127.0.0.1:1' };
      for (const text of [JSON.stringify(left), '{"pid":', 'null', '', '{"pid":"7"}']) {
        fs.writeFileSync(file, text);
        assert.is(findServer(folder), undefined);
        announceServer(folder, 'http://127.0.0.1:2');
        await (await lockDataDir(folder)).release();
      }
    });
  });

  it('nobody else can take the lock that the kernel gives', async () => {
    await inFolder(async (folder) => {
      await (await lockDataDir(folder)).release();
      const modes = ['tallyd.held', 'tallyd.lock'].map((file) => {
        return (fs.statSync(path.join(folder, file)).mode & 0o777).toString(8);
      });
      assert.equal(modes, ['600', '644']);
    });
  });
});

describe('data folder lock, by the count of its owner', (it) => {
  it('waits for one that may be dead, says so, and takes its place', async () => {
    await inFolder(async (folder) => {
      writeOwner(folder, elsewhere());
      const waits: string[] = [];
      const lock = await lockDataDir(folder, { onWait: (sentence) => waits.push(sentence) });
      assert.equal(waits, [
        'waiting up to 3 s to see whether process 7 on other still lives, which has or had data ' +
          `folder ${folder}`,
      ]);
      await lock.release();
    });
  });

  it('gives way to one that moves', async () => {
    await inFolder(async (folder) => {
      const owner = elsewhere();
      writeOwner(folder, owner);
      setTimeout(() => writeOwner(folder, { ...owner, beats: 1 }), 300);
      const { code, message } = await refused(folder);
      assert.is(code, 'dataDirTaken');
      assert.match(message, '(process 7 on other)');
    });
  });

  it("moves while it has the folder, and leaves another's record alone", async () => {
    await inFolder(async (folder) => {
      const lock = await lockDataDir(folder);
      await until(() => readOwner(folder)!.beats >= 1, 'it counts on');
      writeOwner(folder, elsewhere());
      await new Promise((resolve) => setTimeout(resolve, 700));
      await lock.release();
      assert.is(readOwner(folder)!.token, 'another');
    });
  });

  it("of two that start at once without the kernel's lock one gets the folder", async () => {
    await withoutFlock(() =>
      inFolder(async (folder) => {
        assert.is(spawnSync('flock', ['--version']).status, null, 'there is none');
        const both = await Promise.allSettled([lockDataDir(folder), lockDataDir(folder)]);
        const states = both.map(({ status }) => status).sort();
        assert.equal(states, ['fulfilled', 'rejected']);
        assert.is((await refused(folder)).code, 'dataDirTaken');
        for (const one of both) if (one.status === 'fulfilled') await one.value.release();
        await (await lockDataDir(folder)).release();
      }),
    );
  });
});
