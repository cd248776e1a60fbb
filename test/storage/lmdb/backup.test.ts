import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { backupFolder, partialFile } from '../../../src/storage/lmdb/check/backup.ts';
import { verifyFile } from '../../../src/storage/lmdb/check/verify.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '': '10s:2h' });
const MAP_BYTES = 2 ** 30;
const SERIES = 300;

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('was not refused');
}

function frame(flush: number) {
  const values = Array.from({ length: SERIES }, (_, i) => [`s${i}`, flush * 1000 + i] as const);
  return frameOf(NOW + flush * 10, Object.fromEntries(values));
}

async function faultsOf(file: string): Promise<string[]> {
  const faults: string[] = [];
  await verifyFile(file, {
    onFault: ({ database, where, what }) => faults.push(`${database}: ${where}: ${what}`),
    onProgress: () => {},
  });
  return faults;
}

describe('backup', (it) => {
  it(
    'taken while writing goes on, it holds every flush acknowledged before it began',
    async () => {
      await inFolder(async (folder) => {
        const dataDir = path.join(folder, 'data');
        const store = await openIn(dataDir, RULES, { thread: true });
        let acknowledged = 0;
        let isDone = false;
        const writing = (async () => {
          for (let flush = 1; !isDone && flush < 700; flush++) {
            await store.append(frame(flush));
            acknowledged = flush;
          }
        })();
        const backups: { file: string; from: number }[] = [];
        for (const number of [1, 2, 3]) {
          const reached = acknowledged + 20;
          await until(() => acknowledged >= reached);
          const file = path.join(folder, `${number}.mdb`);
          const from = acknowledged;
          const { bytes } = await store.backup(file);
          assert.is(bytes, fs.statSync(file).size);
          assert.ok(!fs.existsSync(path.dirname(partialFile(file))), 'the partial file is gone');
          backups.push({ file, from });
        }
        isDone = true;
        await writing;
        await store.close();
        for (const { file, from } of backups) {
          assert.equal(await faultsOf(file), []);
          const restored = path.join(folder, `restored-${from}`);
          fs.mkdirSync(restored);
          fs.copyFileSync(file, path.join(restored, 'data.mdb'));
          const again = await openIn(restored, RULES);
          assert.is(again.allNames().length, SERIES);
          const end = NOW + from * 10;
          const ids = ['s0', 's299'].map((name) => again.lookup(name)!.id);
          const [first, last] = await again.fetch(ids, NOW, end, end);
          for (let i = 0; i < from; i++) {
            const right = first!.values[i] === (i + 1) * 1000;
            assert.ok(
              right && last!.values[i] === (i + 1) * 1000 + 299,
              `flush ${i + 1} of ${from}`,
            );
          }
          await again.append(frame(701));
          assert.is(again.health().state, 'ok');
          await again.close();
        }
      });
    },
    { timeoutMs: 60_000 },
  );

  it('leaves out what is free', async () => {
    await inFolder(async (folder) => {
      const dataDir = path.join(folder, 'data');
      const store = await openIn(dataDir, RULES);
      for (let flush = 1; flush <= 100; flush++) await store.append(frame(flush));
      const before = store.health().fileBytes;
      const { bytes } = await store.backup(path.join(folder, 'b.mdb'));
      assert.ok(bytes < before, `${bytes} bytes of ${before}`);
      await store.close();
    });
  });

  it('of a stopped store it is the same, and migrates or changes nothing', async () => {
    await inFolder(async (folder) => {
      const dataDir = path.join(folder, 'data');
      const store = await openIn(dataDir, RULES);
      for (let flush = 1; flush <= 5; flush++) await store.append(frame(flush));
      await store.close();
      const bytes = fs.readFileSync(path.join(dataDir, 'data.mdb'));
      const file = path.join(folder, 'b.mdb');
      await backupFolder(dataDir, MAP_BYTES, file);
      assert.equal(await faultsOf(file), []);
      assert.ok(fs.readFileSync(path.join(dataDir, 'data.mdb')).equals(bytes));
      const taken = await openIn(dataDir, RULES);
      const error = await rejection(backupFolder(dataDir, MAP_BYTES, path.join(folder, 'c.mdb')));
      assert.ok(error instanceof UserError && error.code === 'dataDirTaken');
      await taken.close();
      const empty = path.join(folder, 'empty');
      fs.mkdirSync(empty);
      const none = await rejection(backupFolder(empty, MAP_BYTES, path.join(folder, 'd.mdb')));
      assert.ok(none instanceof UserError && none.code === 'notFound');
      assert.equal(fs.readdirSync(empty), []);
    });
  });

  it('refuses a file that is there, a folder that is not, and a disk without room', async () => {
    await inFolder(async (folder) => {
      const store = await openIn(path.join(folder, 'data'), RULES);
      await store.append(frame(1));
      const file = path.join(folder, 'b.mdb');
      fs.writeFileSync(file, 'mine');
      const there = await rejection(store.backup(file));
      assert.ok(there instanceof UserError && there.code === 'badFile');
      assert.match(there.message, 'b.mdb is there already, expected a name that is free');
      assert.is(fs.readFileSync(file, 'utf8'), 'mine');
      const nowhere = await rejection(store.backup(path.join(folder, 'no/b.mdb')));
      assert.match(nowhere.message, /no folder ".+", expected it for the backup/);
      const { statfsSync } = fs;
      fs.statfsSync = ((at: string) => ({ ...statfsSync(at), bavail: 3 })) as typeof statfsSync;
      try {
        const full = await rejection(store.backup(path.join(folder, 'c.mdb')));
        assert.match(full.message, /has \d+ bytes free, expected \d+ for the backup/);
      } finally {
        fs.statfsSync = statfsSync;
      }
      assert.equal(fs.readdirSync(folder).sort(), ['b.mdb', 'data']);
      await store.close();
    });
  });

  it('goes on where a killed one left its partial file', async () => {
    await inFolder(async (folder) => {
      const store = await openIn(path.join(folder, 'data'), RULES);
      await store.append(frame(1));
      const file = path.join(folder, 'b.mdb');
      fs.mkdirSync(path.dirname(partialFile(file)));
      fs.writeFileSync(partialFile(file), 'half');
      await store.backup(file);
      assert.equal(await faultsOf(file), []);
      assert.equal(fs.readdirSync(folder).sort(), ['b.mdb', 'data']);
      await store.close();
    });
  });

  it('runs once at a time, and the store closes after it', async () => {
    await inFolder(async (folder) => {
      const store = await openIn(path.join(folder, 'data'), RULES, { thread: true });
      for (let flush = 1; flush <= 20; flush++) await store.append(frame(flush));
      const file = path.join(folder, 'b.mdb');
      const first = store.backup(file);
      const second = await rejection(store.backup(path.join(folder, 'c.mdb')));
      assert.ok(second instanceof UserError && second.code === 'storeBusy');
      await store.close();
      await first;
      assert.equal(await faultsOf(file), []);
    });
  });
});
