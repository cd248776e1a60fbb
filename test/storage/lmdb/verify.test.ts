import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import {
  type Environment,
  databaseOf,
  openEnvironment,
} from '../../../src/storage/lmdb/db/environment.ts';
import { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { encodeSeries } from '../../../src/storage/lmdb/db/series-names.ts';
import { type Fault, verifyFile } from '../../../src/storage/lmdb/check/verify.ts';
import {
  type FolderVerified,
  verifyFolder,
} from '../../../src/storage/lmdb/check/verify-folder.ts';
import type { VerifiedPart } from '../../../src/storage/roles.ts';
import { openJson, sealJson } from '../../../src/storage/lmdb/db/sealed-text.ts';
import { verifyPart } from '../../../src/storage/lmdb/check/verify-part.ts';
import { frameOf } from '../../support/frame.ts';
import { timerFrame } from '../../support/timer-frame.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { points } from '../../support/points.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const FLUSHES = 130;
const TOGETHER = 10;
const MAP_BYTES = 2 ** 30;
/** Two blocks of a chunk, one page of a row. */
const SERIES = 150;
const RULES = rulesOf({ '^one': '10s:30m,1m:2h', '': '10s:30m' });
const LAST = NOW + FLUSHES * 10;

type Points = Map<string, number[]>;

async function fill(dataDir: string): Promise<void> {
  const store = await openIn(dataDir, RULES);
  const names = Array.from({ length: SERIES }, (_, i) => `s.${i}`);
  names.push('one', 'tagged;a=1;b=2', `long.${'x'.repeat(2000)}`);
  const written: Promise<unknown>[] = [];
  for (let flush = 1; flush <= FLUSHES; flush++) {
    const values = names.map((name, i) => [name, (flush * 31 + i * 7) % 997]);
    written.push(store.append(frameOf(NOW + flush * 10, Object.fromEntries(values))));
    // Several share a transaction.
    if (written.length === TOGETHER) await Promise.all(written.splice(0));
  }
  await Promise.all(written);
  await store.putRecord('event/1', 'a text');
  await store.putRecord('dashboard/shop', '{"title":"Shop"}');
  await store.close();
}

/** Puts a row of class 99 by a process of its own. */
function commitElsewhere(dataDir: string): void {
  const options = `{ encoding: 'binary', keyEncoding: 'binary' }`;
  const script = `const root = require('lmdb').open({ path: ${JSON.stringify(dataDir)}, maxDbs: 32, overlappingSync: false, ...${options} });
    const row = root.openDB({ name: 'row', ...${options} });
    row.putSync(Buffer.from('0063000000000000000000', 'hex'), Buffer.from('none'));
    root.close();`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
}

/** All finest points of all series. */
async function pointsOf(dataDir: string): Promise<Points> {
  const store = await openIn(dataDir, RULES);
  const names = store.allNames();
  const ids = names.map((name) => store.lookup(name)!.id);
  const fetched = await store.fetch(ids, NOW, LAST, LAST);
  await store.close();
  return new Map(names.map((name, i) => [name, [...fetched[i]!.values]]));
}

/** Points that are there no more; all others must be as they were. */
function lostOf(before: Points, after: Points): { series: number; points: number } {
  let points = 0;
  let series = 0;
  for (const [name, values] of before) {
    const now = after.get(name);
    if (now === undefined) {
      series += 1;
      continue;
    }
    values.forEach((value, i) => {
      if (Number.isNaN(now[i]!) && !Number.isNaN(value)) points += 1;
      else assert.ok(Object.is(now[i], value), `${name}[${i}]: ${now[i]}, expected ${value}`);
    });
  }
  assert.equal(
    [...after.keys()].filter((name) => !before.has(name)),
    [],
  );
  return { series, points };
}

interface Outcome extends FolderVerified {
  faults: Fault[];
}

async function verify(dataDir: string, repair: boolean): Promise<Outcome> {
  const faults: Fault[] = [];
  const outcome = await verifyFolder(dataDir, {
    mapSizeBytes: MAP_BYTES,
    onFault: (fault) => void faults.push(fault),
    onLeft: ({ where, what }) => assert.unreachable(`left: ${where}: ${what}`),
    onProgress: () => {},
    onVerified: () => repair,
  });
  return { ...outcome, faults };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.unreachable('was not refused');
}

function writeAt(file: string, at: number, bytes: Uint8Array): void {
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, bytes, 0, bytes.length, at);
  fs.closeSync(fd);
}

describe('verify', (it) => {
  let whole = '';
  let before: Points = new Map();
  it.before(async () => {
    whole = temporaryFolder();
    await fill(whole);
    before = await pointsOf(whole);
  });
  it.after(() => fs.rmSync(whole, { recursive: true }));

  const onCopy = async (body: (dataDir: string, file: string) => Promise<void>): Promise<void> => {
    const dataDir = temporaryFolder();
    const file = path.join(dataDir, 'data.mdb');
    try {
      fs.copyFileSync(path.join(whole, 'data.mdb'), file);
      await body(dataDir, file);
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  };

  const change = async (dataDir: string, body: (environment: Environment) => void) => {
    const environment = openEnvironment(dataDir, MAP_BYTES);
    environment.root.transactionSync(() => body(environment));
    await environment.root.close();
  };

  /** The first record of a database, or the one under a key that starts with the text. */
  const firstOf = (environment: Environment, database: string, start = '') => {
    const source = databaseOf(environment, database);
    for (const { key, value } of source.getRange({ start: Buffer.from(start), limit: 1 })) {
      return { source, key: Uint8Array.from(key), value: Uint8Array.from(value) };
    }
    throw new Error(`no record in ${database}`);
  };

  /** Damages, finds the one fault, repairs, finds nothing, compares all points. */
  const repairs = (
    name: string,
    damage: (environment: Environment) => void,
    expected: { database: string; what: string | RegExp; series?: number; points?: number },
  ): void => {
    it(`finds and repairs ${name}`, async () => {
      await onCopy(async (dataDir) => {
        await change(dataDir, damage);
        const found = await verify(dataDir, true);
        const { faults, repaired, left } = found;
        const [first] = faults;
        assert.is(
          faults.length,
          1,
          faults.map(({ where, what }) => `${where}: ${what}`).join('\n'),
        );
        assert.is(first!.database, expected.database);
        assert.match(first!.what, expected.what);
        assert.equal([left, repaired!.dropped + repaired!.mended], [0, 1]);
        assert.is((await verify(dataDir, false)).verified.faultCount, 0);
        const { series = 0, points = 0 } = expected;
        assert.equal(lostOf(before, await pointsOf(dataDir)), { series, points });
        assert.is((await verify(dataDir, false)).verified.faultCount, 0, 'after it was opened');
      });
    });
  };

  it('finds nothing wrong in a store that is whole', async () => {
    await onCopy(async (dataDir) => {
      const { verified, faults } = await verify(dataDir, true);
      assert.equal(faults, []);
      const records = new Map(verified.databases.map((one) => [one.database, one.records]));
      assert.is(records.get('name'), SERIES + 3);
      assert.is(records.get('record'), 2);
      assert.ok(records.get('row')! > 100 && records.get('chunk')! > 2);
    });
  });

  const flip = (database: string, position: number) => (environment: Environment) => {
    const { source, key, value } = firstOf(environment, database);
    value[position < 0 ? value.length + position : position]! ^= 4;
    source.putSync(key, value);
  };
  // Of the first row slot block 0 is in a chunk already, block 1 has its only copy in the row.
  repairs('a value of a row', flip('row', 8 + 8 * 140), {
    database: 'row',
    what: 'checksum wrong for columns 128 to 255',
    points: SERIES + 2 - 128,
  });
  repairs('the header of a row', flip('row', 0), {
    database: 'row',
    what: 'it is no row page',
    points: SERIES + 2 - 128,
  });
  repairs('a chunk', flip('chunk', 400), {
    database: 'chunk',
    what: 'its checksum is wrong',
    points: 39 * 128, // those of its rows that were written
  });
  repairs('a name', flip('name', 3), {
    database: 'name',
    what: 'its checksum is wrong',
    series: 1,
  });
  repairs(
    'a row in the slot of another',
    (environment) => {
      const { source, key, value } = firstOf(environment, 'row');
      key[6]! += 1;
      source.putSync(key, value);
    },
    { database: 'row', what: /^checksum wrong for columns 0 to 127/, points: SERIES + 2 - 128 },
  );
  repairs(
    'a row that no series can own',
    (environment) => {
      const { source, key, value } = firstOf(environment, 'row');
      key[10] = 7;
      source.putSync(key, value);
    },
    { database: 'row', what: /^no series owns it, the class has 15\d$/ },
  );
  repairs(
    'a chunk of a class that is not there',
    (environment) => {
      const { source, key, value } = firstOf(environment, 'chunk');
      key[1] = 9;
      source.putSync(key, value);
    },
    { database: 'chunk', what: 'class 9 is not there' },
  );
  repairs(
    'a key of the wrong length',
    (environment) => databaseOf(environment, 'row').putSync(Buffer.from('abc'), Buffer.from('x')),
    { database: 'row', what: 'its key has 3 bytes, expected 11' },
  );
  repairs(
    'a second series with the same id',
    (environment) => {
      const series = {
        id: 0,
        classId: 0,
        column: 3,
        since: 0,
        merge: 2,
        method: 0,
        xFilesFactor: 0.5,
        previous: [],
      };
      databaseOf(environment, 'name').putSync(Buffer.from('zz'), encodeSeries('zz', series));
    },
    { database: 'name', what: /another series' already/ },
  );
  repairs(
    'a name that is not canonical',
    (environment) => {
      const name = 'x;b=1;a=2';
      const series = {
        id: 999,
        classId: 0,
        column: 3,
        since: 0,
        merge: 2,
        method: 0,
        xFilesFactor: 0,
        previous: [],
      };
      databaseOf(environment, 'name').putSync(Buffer.from(name), encodeSeries(name, series));
    },
    { database: 'name', what: 'its name should be "x;a=2;b=1"' },
  );
  repairs(
    'a text that is none',
    (environment) =>
      databaseOf(environment, 'record').putSync(Buffer.from('k'), Uint8Array.of(255)),
    { database: 'record', what: 'its text is not UTF-8' },
  );
  repairs(
    'progress that is no JSON',
    ({ meta }) => meta.putSync(Buffer.from('progress'), Buffer.from('{')),
    { database: 'meta', what: 'it is no JSON object' },
  );
  repairs(
    'a class whose cursor is nowhere',
    (environment) => {
      const { source, key, value } = firstOf(environment, 'meta', 'class/0');
      const meta = openJson(key, value) as { states: { cursorChunk: number }[] };
      meta.states[0]!.cursorChunk -= 5;
      source.putSync(key, sealJson(key, meta));
    },
    { database: 'meta', what: /^archive 0: its cursor is at chunk/ },
  );

  it('gives up a class whose record is gone, and keeps the others', async () => {
    await onCopy(async (dataDir) => {
      const one = JSON.stringify([...before.get('one')!]);
      await change(dataDir, ({ meta }) => meta.putSync(Buffer.from('class/0'), Buffer.from('x')));
      const { faults, left } = await verify(dataDir, true);
      assert.ok(faults.length > 100);
      assert.is(left, 0);
      const after = await pointsOf(dataDir);
      assert.equal([...after.keys()], ['one']);
      assert.is(JSON.stringify([...after.get('one')!]), one);
      const store = await openIn(dataDir, RULES);
      await store.append(frameOf(LAST + 10, { one: 1, again: 2 }));
      assert.equal(store.allNames(), ['again', 'one']);
      await store.close();
      assert.is((await verify(dataDir, false)).verified.faultCount, 0);
    });
  });

  it('changes nothing when it is not to repair', async () => {
    await onCopy(async (dataDir, file) => {
      await change(dataDir, flip('chunk', 400));
      const bytes = fs.readFileSync(file);
      assert.is((await verify(dataDir, false)).verified.faultCount, 1);
      assert.ok(fs.readFileSync(file).equals(bytes));
    });
  });

  it('finds the same in parts while a store goes on, and nothing wrong in what it writes', async () => {
    await onCopy(async (dataDir) => {
      await change(dataDir, flip('chunk', 400));
      const store = await openIn(dataDir, RULES);
      const faults: string[] = [];
      const records = new Map<string, number>();
      let after: string | undefined;
      let time = LAST;
      do {
        const part: VerifiedPart = await store.verifyPart(after);
        faults.push(...part.faults.map(({ what }) => what));
        records.set(part.database, (records.get(part.database) ?? 0) + part.records);
        after = part.next;
        time += 10;
        await store.append(frameOf(time, { 's.0': time % 7, [`new.${time}`]: 1 }));
        await store.delete([`new.${time - 30}`]);
      } while (after !== undefined);
      assert.equal(faults.length, 1);
      assert.match(faults[0]!, 'its checksum is wrong');
      assert.ok(records.get('name')! >= SERIES);
      await store.close();
    });
  });

  it('reads a part in one snapshot, whatever another process commits meanwhile', async () => {
    await onCopy(async (dataDir) => {
      const environment = openEnvironment(dataDir, MAP_BYTES);
      const { meta } = environment;
      const getRange = meta.getRange.bind(meta);
      // Behind the classes, before the rows: a row of a class that the first did not have.
      meta.getRange = (...args) => {
        const entries = [...getRange(...args)];
        commitElsewhere(dataDir);
        return entries as unknown as ReturnType<typeof getRange>;
      };
      const before = environment.rows.getStats() as { entryCount: number };
      const part = verifyPart(environment, 'row/');
      assert.equal(part.faults, []);
      environment.root.resetReadTxn();
      const after = environment.rows.getStats() as { entryCount: number };
      assert.is(after.entryCount, before.entryCount + 1, 'it was committed');
      await environment.root.close();
    });
  });

  it('refuses a part that nobody gave', async () => {
    await onCopy(async (dataDir) => {
      const environment = openEnvironment(dataDir, MAP_BYTES);
      for (const cursor of ['', 'nowhere/', 'row/xyz', 'row/1']) {
        assert.throws(
          () => verifyPart(environment, cursor),
          (error: unknown) => error instanceof UserError && error.code === 'badRequest',
        );
      }
      await environment.root.close();
    });
  });
});

describe('verify of sketches and of when series were seen', (it) => {
  for (const [database, what] of [
    ['srow', 'its checksum is wrong'],
    ['schunk', 'its checksum is wrong'],
    ['sname', 'its checksum is wrong'],
    ['slink', 'its checksum is wrong'],
    ['seen', 'its checksum is wrong'],
  ] as const) {
    it(`finds and repairs a damaged record of ${database}, points stay`, async () => {
      const dataDir = temporaryFolder();
      try {
        const store = await openIn(dataDir, RULES);
        for (let flush = 1; flush <= 125; flush++) {
          await store.append(
            timerFrame(NOW + flush * 10, { 'timer.a': [flush, 2], 'timer.b': [1] }),
          );
        }
        await store.close();
        const before = await pointsOf(dataDir);
        const environment = openEnvironment(dataDir, MAP_BYTES);
        const source = databaseOf(environment, database);
        environment.root.transactionSync(() => {
          for (const { key, value } of source.getRange({ limit: 1 })) {
            const damaged = Uint8Array.from(value);
            damaged[damaged.length - 6]! ^= 1;
            source.putSync(Uint8Array.from(key), damaged);
          }
        });
        await environment.root.close();
        const { faults, left, repaired } = await verify(dataDir, true);
        assert.equal([faults.length, left, repaired!.dropped], [1, 0, 1]);
        assert.is(faults[0]!.database, database);
        assert.match(faults[0]!.what, what);
        assert.equal(lostOf(before, await pointsOf(dataDir)), { series: 0, points: 0 });
        assert.is((await verify(dataDir, false)).verified.faultCount, 0);
      } finally {
        fs.rmSync(dataDir, { recursive: true });
      }
    });
  }
});

describe('verify raises no false alarm', (it) => {
  it(
    'after imports, deletions, renames, changed retention, late points and a clock set back',
    async () => {
      const dataDir = temporaryFolder();
      try {
        const store = await openIn(dataDir, rulesOf({ '': '10s:30m,1m:2h' }));
        const names = Array.from({ length: 300 }, (_, i) => `busy.${i}`);
        let time = NOW;
        const flushes = async (count: number): Promise<void> => {
          const written: Promise<unknown>[] = [];
          for (let i = 0; i < count; i++) {
            time += 10;
            const values = Object.fromEntries(names.map((name, j) => [name, (i * j) % 13]));
            written.push(store.append(frameOf(time, values)));
            written.push(store.append(timerFrame(time, { 'timer.a': [i, 2, 3], 'timer.b': [i] })));
            if (written.length >= TOGETHER) await Promise.all(written.splice(0));
          }
          await Promise.all(written);
        };
        const check = async (after: string): Promise<void> => {
          const file = path.join(dataDir, 'copy.mdb');
          await store.backup(file);
          const faults: string[] = [];
          await verifyFile(file, {
            onFault: ({ database, where, what }) =>
              faults.push(`after ${after}: ${database}: ${where}: ${what}`),
            onProgress: () => {},
          });
          fs.rmSync(file);
          assert.equal(faults, []);
        };
        await flushes(130);
        await check('flushes');
        const archives = [{ step: 60, points: 100 }];
        const times = Float64Array.from({ length: 90 }, (_, i) => NOW - 6000 + i * 60);
        const info = { archives, aggregationMethod: 'sum', xFilesFactor: 0 } as const;
        for (const name of ['imported.a', 'imported.b', 'imported.c']) {
          const archive = { step: 60, times, values: times.map((_, i) => i) };
          await store.importSeries({ ...info, archives, name }, [archive]);
        }
        await check('an import');
        assert.is(await store.delete(['busy.3', 'busy.200', 'imported.b', 'timer.a.count']), 4);
        assert.is(await store.rename([{ from: 'busy.4', to: 'renamed;b=2;a=1' }]), 1);
        await flushes(5);
        await check('deletions and a renaming');
        const longer = [{ step: 10, points: 720 }];
        const changes = ['busy.5', 'busy.6', 'imported.c'].map((name) => {
          return { name, archives: longer, aggregationMethod: 'last', xFilesFactor: 0.5 } as const;
        });
        assert.is(
          await store.retain(changes.map((change) => ({ ...change, archives: longer }))),
          3,
        );
        await flushes(70);
        await check('a change of retention');
        const late = points(['busy.7', 'late.new'], [time - 900, time - 700], [1, 2]);
        await store.append(late, time);
        await check('late points');
        time -= 3000;
        await flushes(20);
        await check('a clock set back');
        time += 9000;
        await flushes(70);
        await check('a leap ahead');
        await store.close();
        assert.is((await verify(dataDir, false)).verified.faultCount, 0);
      } finally {
        fs.rmSync(dataDir, { recursive: true });
      }
    },
    { timeoutMs: 60_000 },
  );
});

describe('verify of a file that LMDB itself cannot read', (it) => {
  let whole = '';
  let before: Points = new Map();
  let size = 0;
  it.before(async () => {
    whole = temporaryFolder();
    await fill(whole);
    before = await pointsOf(whole);
    size = fs.statSync(path.join(whole, 'data.mdb')).size;
  });
  it.after(() => fs.rmSync(whole, { recursive: true }));

  const onCopy = async (body: (dataDir: string, file: string) => Promise<void>): Promise<void> => {
    const dataDir = temporaryFolder();
    const file = path.join(dataDir, 'data.mdb');
    try {
      fs.copyFileSync(path.join(whole, 'data.mdb'), file);
      await body(dataDir, file);
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  };

  /** Pages of trees, by what they are. */
  const pagesWith = (flag: number): number[] => {
    const bytes = fs.readFileSync(path.join(whole, 'data.mdb'));
    const pages: number[] = [];
    for (let page = 2; page * 4096 < bytes.length; page++) {
      if (bytes.readUInt16LE(page * 4096 + 18) === flag) pages.push(page);
    }
    return pages;
  };

  it(
    'survives any page zeroed or overwritten, and salvages the rest',
    async () => {
      const leaves = pagesWith(2);
      const branches = pagesWith(1);
      assert.ok(leaves.length > 5);
      let faulty = 0;
      for (const [i, page] of [...branches, ...leaves].entries()) {
        if (i % rounds(12, 1) !== 0) continue;
        await onCopy(async (dataDir, file) => {
          writeAt(file, page * 4096, new Uint8Array(4096).fill(i % 2 === 0 ? 0 : 0xa5));
          const opened = await openIn(dataDir, RULES).catch((error: unknown) => error);
          if (opened instanceof LmdbStore) {
            await opened.close();
            return; // a page that is free
          }
          assert.ok(opened instanceof UserError && opened.code === 'badFile');
          assert.match(opened.message, /is damaged \(.+, page \d+: .+"tallyd verify --repair/);
          const { verified, repaired, left } = await verify(dataDir, true);
          assert.ok(verified.faultCount > 0);
          faulty += 1;
          assert.is(left, 0);
          assert.ok(fs.existsSync(repaired!.oldFile ?? file));
          lostOf(before, await pointsOf(dataDir));
        });
      }
      assert.ok(faulty >= rounds(1, 5), `${faulty} of ${leaves.length} leaves were in use`);
    },
    { timeoutMs: 60_000 },
  );

  it(
    'survives a file that ends anywhere',
    async () => {
      for (const bytes of [size - 1, size - 4096, Math.floor(size / 2), 5 * 4096 + 17, 3 * 4096]) {
        await onCopy(async (dataDir, file) => {
          fs.truncateSync(file, bytes);
          const opened = await openIn(dataDir, RULES).catch((error: unknown) => error);
          if (opened instanceof LmdbStore) await opened.close();
          else assert.ok(opened instanceof UserError && opened.code === 'badFile');
          const { faults, left } = await verify(dataDir, true);
          const ends = faults.filter(({ what }) => /the file ends|is outside/.test(what));
          if (bytes < size - 4096) assert.ok(ends.length > 0);
          assert.is(left ?? 0, 0);
          if (faults.length > 0) lostOf(before, await pointsOf(dataDir));
        });
      }
    },
    { timeoutMs: 60_000 },
  );

  it('makes a head anew of the other half', async () => {
    for (const page of [0, 1]) {
      await onCopy(async (dataDir, file) => {
        writeAt(file, page * 4096, new Uint8Array(4096));
        const { faults, left } = await verify(dataDir, true);
        assert.equal(faults.map(({ where, what }) => [where, what]).slice(0, 1), [
          [`page ${page}`, 'it is no meta page'],
        ]);
        assert.is(left, 0);
        lostOf(before, await pointsOf(dataDir));
      });
    }
  });

  it('says in one sentence that a file is none of ours, and leaves it alone', async () => {
    const garbage = Buffer.alloc(20_000, 'garbage ');
    for (const content of [Buffer.alloc(0), Buffer.alloc(8192), garbage, garbage.subarray(0, 10)]) {
      await onCopy(async (dataDir, file) => {
        fs.writeFileSync(file, content);
        const error = await rejection(verify(dataDir, true));
        assert.ok(error instanceof UserError && error.code === 'badFile');
        assert.match(error.message, 'is no data file of tallyd');
        assert.match(error.message, 'restore it from a backup');
        assert.ok(fs.readFileSync(file).equals(content));
      });
    }
    const nowhere = await rejection(
      verifyFile('/nowhere/data.mdb', { onFault: () => {}, onProgress: () => {} }),
    );
    assert.ok(nowhere instanceof UserError && nowhere.code === 'notFound');
  });
});
