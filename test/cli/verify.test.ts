import fs from 'node:fs';
import path from 'node:path';
import { openEnvironment } from '../../src/storage/lmdb/db/environment.ts';
import { frameOf } from '../support/frame.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';
import { openIn, temporaryFolder } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { runHere, runVerb } from './run-here.ts';

const NOW = 1_700_000_000;

interface Result {
  databases: { database: string; records: number; faults: number }[];
  faultCount: number;
  faults: { database: string; where: string; what: string; loss: string }[];
  repaired?: { dropped: number; mended: number; left: number };
}

interface BackupResult {
  bytes: number;
  checked: { records: number; faults: number } | null;
}

async function makeStore(dataDir: string): Promise<void> {
  const store = await openIn(dataDir, rulesOf({ '': '10s:20m' }));
  for (let flush = 1; flush <= 130; flush++) {
    await store.append(frameOf(NOW + flush * 10, { a: flush, b: -flush }));
  }
  await store.close();
}

/** Flips a bit of the first `count` chunks or names. */
async function damage(dataDir: string, database: 'chunks' | 'rows', count: number): Promise<void> {
  const environment = openEnvironment(dataDir, 2 ** 30);
  const found = [...environment[database].getRange({ limit: count })].map(({ key, value }) => {
    return { key: Uint8Array.from(key), value: Uint8Array.from(value) };
  });
  environment.root.transactionSync(() => {
    for (const { key, value } of found) {
      value[value.length - 6]! ^= 8;
      environment[database].putSync(key, value);
    }
  });
  await environment.root.close();
}

describe('verify and backup', (it) => {
  let folder = '';
  let dataDir = '';
  it.before(async () => {
    folder = temporaryFolder();
    dataDir = path.join(folder, 'data');
    await makeStore(dataDir);
  });
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it('finds nothing: a table, exit 0', async () => {
    const ran = await runVerb(['verify', '--data-dir', dataDir]);
    assert.equal([ran.code, ran.stderr], [0, '']);
    assert.match(ran.stdout, /^database +records +bytes +wrong\n/);
    assert.match(ran.stdout, /\nname +2 +\d+ +0\n/);
    assert.match(ran.stdout, `${dataDir}: nothing is wrong, `);
  });

  it(
    'says what is wrong and where, what a repair loses, repairs, finds nothing',
    async () => {
      const copy = path.join(folder, 'damaged');
      fs.cpSync(dataDir, copy, { recursive: true });
      await damage(copy, 'chunks', 1);
      await damage(copy, 'rows', 30);
      const found = await runVerb(['verify', '--data-dir', copy]);
      assert.equal([found.code, found.stderr], [1, '']);
      const where = 'class 0, archive 0 \\(10 s x 120\\), slot \\d+, block 0';
      assert.match(found.stdout, new RegExp(`\nchunk: ${where}: its checksum is wrong`));
      const lines = found.stdout.split('\n').filter((line) => line.startsWith('row: '));
      assert.is(lines.length, 21);
      assert.is(lines.at(-1), 'row: more follow, counted below');
      assert.match(found.stdout, /\nrow +\d+ +\d+ +30\n/);
      assert.match(found.stdout, `${copy}: 31 things are wrong`);

      const bytes = fs.readFileSync(path.join(copy, 'data.mdb'));
      const dry = await runVerb(['verify', '--repair', '--dry-run', '--data-dir', copy]);
      assert.is(dry.code, 1);
      assert.match(dry.stdout, 'A repair would lose:');
      assert.match(dry.stdout, /one value of up to 1920 series at 2023-11-1\dT[\d:]+Z/);
      assert.ok(fs.readFileSync(path.join(copy, 'data.mdb')).equals(bytes), 'nothing was changed');

      const ran = await runVerb(['verify', '--repair', '--json', '--data-dir', copy]);
      assert.equal([ran.code, ran.stderr], [0, '']);
      const result = JSON.parse(ran.stdout) as Result;
      assert.is(result.faultCount, 31);
      assert.is(result.faults.length, 31);
      assert.is(result.repaired!.left, 0);
      const again = await runVerb(['verify', '--json', '--data-dir', copy]);
      assert.is(again.code, 0);
      assert.is((JSON.parse(again.stdout) as Result).faultCount, 0);
    },
    { timeoutMs: 90_000 },
  );

  it(
    'tells a file that is none, and a wrong use, in one sentence',
    async () => {
      const bad = path.join(folder, 'bad');
      fs.mkdirSync(bad);
      fs.writeFileSync(path.join(bad, 'data.mdb'), 'garbage');
      const cases: [string[], number, string][] = [
        [['verify', '--data-dir', bad], 1, 'is no data file of tallyd'],
        [['verify', path.join(folder, 'no.mdb')], 1, 'no data file "'],
        [['verify', '--data-dir', path.join(folder, 'no')], 1, 'no data folder "'],
        [['verify', '--dry-run', '--data-dir', dataDir], 2, 'read --dry-run, expected it with'],
        [['verify', '--repair', path.join(folder, 'x.mdb')], 2, 'read a file with --repair'],
        [['backup', '--data-dir', dataDir], 2, 'missing required argument'],
        [['backup', path.join(bad, 'data.mdb'), '--data-dir', dataDir], 1, 'is there already'],
      ];
      for (const [args, code, message] of cases) {
        const ran = await runHere(args);
        assert.equal([ran.code, ran.stdout], [code, ''], ran.stderr);
        assert.match(ran.stderr, message);
        assert.is(ran.stderr.trim().split('\n').length, 1, ran.stderr);
      }
    },
    { timeoutMs: 90_000 },
  );

  it(
    'backs a stopped store up, checks the copy, and says how to restore',
    async () => {
      const file = path.join(folder, 'copy.mdb');
      const ran = await runVerb(['backup', file, '--data-dir', dataDir, '--json']);
      assert.equal([ran.code, ran.stderr], [0, '']);
      const result = JSON.parse(ran.stdout) as BackupResult;
      assert.is(result.bytes, fs.statSync(file).size);
      assert.is(result.checked!.faults, 0);
      assert.ok(result.checked!.records > 100);
      const checked = await runVerb(['verify', file]);
      assert.equal([checked.code, checked.stderr], [0, '']);
      const unchecked = await runVerb([
        'backup',
        path.join(folder, 'unchecked.mdb'),
        '--data-dir',
        dataDir,
        '--no-verify',
      ]);
      assert.match(unchecked.stdout, /: \d+ bytes in [\d.]+ s, not checked\n$/);
      const help = await runVerb(['backup', '--help']);
      assert.match(help.stdout, 'mkdir restored && cp monday.mdb restored/data.mdb');
    },
    { timeoutMs: 60_000 },
  );

  it.slow(
    'both go through a running server, and its store goes on',
    async () => {
      const copy = path.join(folder, 'served');
      fs.cpSync(dataDir, copy, { recursive: true });
      await damage(copy, 'chunks', 1);
      const server = await Server.start([], copy);
      try {
        const ran = await runVerb(['verify', '--data-dir', copy, '--json']);
        assert.equal([ran.code, ran.stderr], [1, '']);
        const result = JSON.parse(ran.stdout) as Result;
        assert.is(result.faultCount, 1);
        assert.is(result.faults[0]!.database, 'chunk');
        const names = result.databases.find(({ database }) => database === 'name');
        assert.ok(names!.records >= 2);
        const repair = await runVerb(['verify', '--repair', '--data-dir', copy]);
        assert.equal([repair.code, repair.stdout], [1, '']);
        assert.match(repair.stderr, 'is in use by another tallyd');
        const file = path.join(folder, 'served.mdb');
        const backup = await runVerb(['backup', file, '--data-dir', copy]);
        assert.is(backup.code, 1, 'the copy has the damage too');
        assert.match(backup.stdout, /: \d+ bytes in [\d.]+ s, \d+ records checked, 1 wrong\n$/);
        await server.until(async () => {
          return (await server.json<{ status: string }>('/health')).status === 'ok';
        }, 'ok');
      } finally {
        await server.remove();
      }
    },
    { timeoutMs: 120_000 },
  );
});
