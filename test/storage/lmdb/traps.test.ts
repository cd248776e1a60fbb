/**
 * What lmdb does that one would not expect, and how the store stands up to it. Each test shows the
 * store's behaviour; where that needs lmdb's own to be as it is, it shows that first.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { open } from 'lmdb';
import { UserError } from '../../../src/lib/errors.ts';
import {
  databaseNames,
  endOfFile,
  openEnvironment,
} from '../../../src/storage/lmdb/db/environment.ts';
import { ringKeys } from '../../../src/storage/lmdb/db/ring-records.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { decodeSeries, nameKey } from '../../../src/storage/lmdb/db/series-names.ts';
import { frameOf, withoutNames } from '../../support/frame.ts';
import { ROOT, scriptArgs } from '../../support/program.ts';
import { assert, assertValues, describe, rounds } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '': '10s:20m' });
const MIB = 2 ** 20;

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await body(dataDir);
  } finally {
    fs.rmSync(dataDir, { recursive: true });
  }
}

function valuesOf(count: number, flush: number, first = 0): Record<string, number> {
  const values: Record<string, number> = {};
  for (let i = first; i < first + count; i++) values[`s${i}`] = flush * 1000 + i;
  return values;
}

/** Values of one series in flushes 1 to `flushes`. */
async function read(store: LmdbStore, name: string, flushes: number): Promise<Float64Array> {
  const end = NOW + flushes * 10;
  const [found] = await store.fetch([store.lookup(name)!.id], NOW, end, end);
  return found!.values;
}

describe('trap 1: a put keeps a pointer to its buffer', (it) => {
  it('lmdb stores what the buffer holds at the commit', async () => {
    await inFolder(async (dataDir) => {
      const { root, records } = openEnvironment(dataDir, 64 * MIB);
      const bytes = Uint8Array.of(1);
      const put = records.put(Buffer.from('k'), bytes);
      bytes[0] = 2;
      await put;
      assert.is(records.get(Buffer.from('k'))![0], 2);
      await root.close();
    });
  });

  it('rows that the next flush changes at once are stored as they were', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      const waiting: Promise<unknown>[] = [];
      // None is awaited: the writer goes on in the same page of memory.
      for (let flush = 1; flush <= 40; flush++) {
        waiting.push(store.append(frameOf(NOW + flush * 10, { a: flush, b: -flush })));
      }
      await Promise.all(waiting);
      const expected = Array.from({ length: 40 }, (_, i) => i + 1);
      assertValues(await read(store, 'a', 40), expected);
      await store.close();
    });
  });
});

describe('trap 2: a put is invisible until it is committed', (it) => {
  it('an append resolves when its points, and the names it brought, can be read', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES, { thread: true });
      for (let flush = 1; flush <= 5; flush++) {
        await store.append(frameOf(NOW + flush * 10, { [`n${flush}`]: flush }));
        assertValues((await read(store, `n${flush}`, flush)).slice(-1), [flush]);
      }
      await store.close();
    });
  });

  it('a name that is made and deleted in one transaction is neither there nor doubled', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      const made = store.append(frameOf(NOW + 10, { a: 1, b: 1 }));
      const gone = store.delete(['a']);
      const again = store.append(frameOf(NOW + 20, { a: 2 }, { firstId: 7 }));
      await Promise.all([made, gone, again]);
      assert.equal(store.allNames(), ['a', 'b']);
      assertValues(await read(store, 'a', 2), [null, 2]);
      await store.close();
    });
  });
});

describe('trap 3: getBinaryFast answers in one buffer for all', (it) => {
  it('the next record overwrites the last, and only `length` is the record’s own', async () => {
    await inFolder(async (dataDir) => {
      const { root, records } = openEnvironment(dataDir, 64 * MIB);
      await records.put(Buffer.from('a'), Buffer.from('first and long'));
      await records.put(Buffer.from('b'), Buffer.from('next'));
      const first = records.getBinaryFast(Buffer.from('a'))!;
      assert.is(first.length, 14);
      assert.is(Buffer.from(first.subarray(0, 5)).toString(), 'first');
      records.getBinaryFast(Buffer.from('b'));
      assert.is(Buffer.from(first.subarray(0, 4)).toString(), 'next');
      await root.close();
    });
  });

  it('a record is decoded by its length, whatever buffer it is in', () => {
    const large = Buffer.alloc(64 * 1024, 0xee);
    const key = nameKey('a.b');
    assert.is(decodeSeries(key, large.subarray(0, 20)), undefined);
    assert.is(decodeSeries(key, large), undefined);
  });

  it('two fetches at once do not see each other’s records', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      for (let flush = 1; flush <= 70; flush++) {
        await store.append(frameOf(NOW + flush * 10, valuesOf(300, flush)));
      }
      const reads = Array.from({ length: 20 }, (_, i) => read(store, `s${i * 15}`, 70));
      for (const [i, values] of (await Promise.all(reads)).entries()) {
        const expected = Array.from({ length: 70 }, (_, j) => (j + 1) * 1000 + i * 15);
        assertValues(values, expected);
      }
      await store.close();
    });
  });
});

describe('traps 4 and 6: what makes the file grow', (it) => {
  it(
    'a reader at work all the time does not: no snapshot of ours stays open',
    async () => {
      const sizes: number[] = [];
      for (const withReader of [false, true]) {
        await inFolder(async (dataDir) => {
          const store = await openIn(dataDir, RULES);
          for (let flush = 1; flush <= rounds(25, 300); flush++) {
            await store.append(frameOf(NOW + flush * 10, valuesOf(400, flush)));
            if (!withReader || flush % 3 !== 0) continue;
            const now = NOW + flush * 10;
            await store.fetch([store.lookup('s1')!.id], now - 600, now, now);
            store.listRecords('');
            store.newestTimes(store.lookup('s1')!.id);
            await store.lastGauges();
            await store.verifyPart('row/');
          }
          sizes.push(store.health().fileBytes);
          await store.close();
        });
      }
      assert.ok(sizes[1]! <= sizes[0]! * 1.1, `${sizes[0]} bytes without, ${sizes[1]} with reads`);
    },
    { timeoutMs: 60_000 },
  );

  it(
    'names that come and go do not: their places and pages are used again',
    async () => {
      await inFolder(async (dataDir) => {
        const store = await openIn(dataDir, RULES);
        const sizes: number[] = [];
        for (let round = 0; round < 12; round++) {
          const time = NOW + round * 3000;
          const names = Array.from({ length: 500 }, (_, i) => `churn.${round}.${i}`);
          const values = Object.fromEntries(names.map((name) => [name, 1]));
          const first = round * 500;
          for (let flush = 0; flush < 5; flush++) {
            await store.append(frameOf(time + flush * 10, values, { firstId: first }));
          }
          assert.is(await store.delete(names), 500);
          sizes.push(store.health().fileBytes);
        }
        assert.equal(store.allNames(), []);
        assert.ok(sizes.at(-1)! <= sizes[5]! * 1.1, `sizes ${sizes.join(' ')}`);
        await store.close();
      });
    },
    { timeoutMs: 60_000 },
  );
});

describe('trap 9: a failed commit lets rejections go unhandled', (it) => {
  const name = 'a disk that refuses is no rejection that nobody owns; writing resumes by itself';
  if (spawnSync('prlimit', ['--version']).status !== 0) {
    it.skipAloud(name, 'there is no prlimit (Debian: util-linux)');
    return;
  }
  it(
    name,
    async () => {
      const child = scriptArgs(import.meta.url, './failing-disk-child');
      // In blocks of 512 bytes. Node ignores the signal, so that a write beyond fails with EFBIG.
      const script = 'ulimit -S -f 600; exec "$0" --unhandled-rejections=strict "$@"';
      const ran = spawnSync('sh', ['-c', script, process.execPath, ...child], {
        encoding: 'utf8',
        timeout: 120_000,
        // Node warns of the two that colour its output where both are there.
        env: { PATH: process.env['PATH'] ?? '' },
      });
      const [reason, outcome] = ran.stdout.trim().split('\n');
      assert.is(ran.status, 0, ran.stderr);
      const others = ran.stderr.split('\n').filter((line) => !/^(Write error: .*)?$/.test(line));
      assert.equal(others, [], 'LMDB itself says only that writes fail');
      assert.match(reason!, /^the disk refuses writes \(.+\), flushes wait in memory$/);
      assert.is(outcome, 'true, all true, right true');
    },
    { timeoutMs: 50_000 },
  );
});

describe('trap 10: lmdb-js enlarges the map instead of keeping to mapSize', (it) => {
  it('so lmdb alone goes past it', async () => {
    await inFolder(async (dataDir) => {
      const environment = openEnvironment(dataDir, MIB);
      const { root, records } = environment;
      for (let i = 0; i < 40; i++) {
        root.transactionSync(() => records.putSync(Buffer.from(`k${i}`), Buffer.alloc(100_000)));
      }
      assert.ok(endOfFile(environment) > 3 * MIB);
      await root.close();
    });
  });

  it(
    'the store keeps to mapSizeBytes as to a full disk, and goes on with more',
    async () => {
      await inFolder(async (dataDir) => {
        const mapSizeBytes = MIB;
        const log: string[] = [];
        const store = await openIn(dataDir, RULES, { mapSizeBytes, maxPendingFlushes: 5, log });
        let acknowledged = 0;
        const rejected: unknown[] = [];
        // Each row of 2,000 series takes some 16 KiB: the ring of 120 does not fit.
        for (let flush = 1; flush <= 200; flush++) {
          const done = store.append(frameOf(NOW + flush * 10, valuesOf(2000, flush)));
          void done.then(
            () => (acknowledged = flush),
            (error: unknown) => rejected.push(error),
          );
          await until(
            () => acknowledged === flush || store.health().state !== 'ok',
            `flush ${flush} or a word on it`,
          );
          if (store.health().state === 'failing') break;
        }
        assert.ok(acknowledged > 3 && acknowledged < 120, `${acknowledged} flushes fitted`);
        const { state, reason, fileBytes } = store.health();
        assert.is(state, 'failing');
        assert.is(
          reason,
          'the data file has reached mapSizeBytes (1048576 bytes), flushes wait in memory',
        );
        assert.ok(fileBytes <= mapSizeBytes * 1.1, `${fileBytes} bytes`);
        for (let flush = acknowledged + 2; flush <= acknowledged + 12; flush++) {
          const frame = frameOf(
            NOW + flush * 10,
            { [`late${flush}`]: 1 },
            { firstId: 5000 + flush },
          );
          store.append(frame).catch((error: unknown) => rejected.push(error));
        }
        await until(() => store.health().droppedFlushes > 0, 'flushes given up');
        assert.ok(store.health().pendingFlushes <= 8, `${store.health().pendingFlushes} wait`);
        assert.ok(rejected.every((error) => error instanceof UserError));
        const kept = acknowledged;
        await store.close();
        const said = log.filter((line) => line.includes('mapSizeBytes'));
        assert.is(said.length, 2, said.join('\n')); // once while it ran, and what was left at its end
        assert.match(
          said[1]!,
          /\d+ flush(?:es)? and 0 other changes were not written before the stop/,
        );

        const more = await openIn(dataDir, RULES, { mapSizeBytes: 64 * MIB });
        const expected = Array.from({ length: kept }, (_, i) => (i + 1) * 1000 + 7);
        assertValues(await read(more, 's7', kept), expected);
        await more.append(frameOf(NOW + 2000, { s7: 1, fresh: 2 }));
        assert.is(more.health().state, 'ok');
        await more.close();
      });
    },
    { timeoutMs: 60_000 },
  );

  it(
    'new series are refused before that, known ones go on, and the new come once there is room',
    async () => {
      await inFolder(async (dataDir) => {
        const rules = rulesOf({ '': '10s:2m' });
        const first = await openIn(dataDir, rules);
        for (let flush = 1; flush <= 150; flush++) {
          await first.append(frameOf(NOW + flush * 10, valuesOf(100, flush)));
        }
        const { fileBytes } = first.health();
        await first.close();
        const store = await openIn(dataDir, rules, { mapSizeBytes: fileBytes });
        for (let flush = 151; flush <= 320; flush++) {
          const values = { ...valuesOf(100, flush), fresh: flush };
          await store.append(frameOf(NOW + flush * 10, values));
        }
        const { state, reason, refusedSeries } = store.health();
        assert.is(state, 'ok');
        assert.match(reason!, /bytes below mapSizeBytes \(\d+ bytes\): new series are refused$/);
        assert.ok(refusedSeries >= 1);
        assert.is(store.lookup('fresh'), undefined);
        assert.ok(store.health().fileBytes <= fileBytes * 1.1);
        const end = NOW + 3200;
        const [s5] = await store.fetch([store.lookup('s5')!.id], end - 20, end, end);
        assertValues(s5!.values, [319_005, 320_005]);
        await store.close();
        const more = await openIn(dataDir, rules, { mapSizeBytes: 64 * MIB });
        await more.append(frameOf(NOW + 3210, { fresh: 321 }));
        assert.ok(more.lookup('fresh'));
        await more.close();
      });
    },
    { timeoutMs: 60_000 },
  );

  it('so are they when the disk has little left', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      await store.append(frameOf(NOW + 10, { a: 1 }));
      await store.close();
      // More than any disk has, so the twentieth of this one counts; half of it is "used" here.
      const { statfsSync } = fs;
      let free = 0.04;
      fs.statfsSync = ((folder: string) => {
        const real = statfsSync(folder);
        return { ...real, bavail: Math.floor(real.blocks * free) };
      }) as typeof statfsSync;
      try {
        const full = await openIn(dataDir, RULES, { diskHeadroomBytes: 2 ** 60 });
        await full.append(frameOf(NOW + 20, { a: 2, b: 2 }));
        assert.match(full.health().reason!, /^the disk of the data folder has \d+ bytes free/);
        assert.equal([full.allNames(), full.health().refusedSeries], [['a'], 1]);
        free = 0.5;
        // The commit looks again; after it there is room, and the series comes by itself.
        const next = frameOf(NOW + 30, { a: 3, b: 3 });
        await full.append(withoutNames(next));
        await full.append(withoutNames(frameOf(NOW + 40, { a: 4, b: 4 })));
        assert.equal([full.allNames(), full.health().reason], [['a', 'b'], undefined]);
        assertValues(await read(full, 'b', 4), [null, null, null, 4]);
        await full.close();
      } finally {
        fs.statfsSync = statfsSync;
      }
    });
  });
});

/** Flushes of one thread, reads of another. */
const COUNT = rounds(6, 100);

describe('trap 11: threads and processes on one path', (it) => {
  it(
    'a thread that reads beside the writer never sees half a flush',
    async () => {
      await inFolder(async (dataDir) => {
        const store = await openIn(dataDir, RULES);
        await store.append(frameOf(NOW + 10, valuesOf(3000, 1)));
        const shared = new Int32Array(new SharedArrayBuffer(12));
        const reader = new Worker(new URL('./torn-reader.mjs', import.meta.url), {
          workerData: { dataDir, shared },
          execArgv: [],
        });
        const failed = new Promise<never>((_, reject) => void reader.once('error', reject));
        const ended = new Promise((resolve) => void reader.once('exit', resolve));
        for (let flush = 2; flush <= COUNT || Atomics.load(shared, 1) < COUNT; flush++) {
          await Promise.race([
            store.append(frameOf(NOW + flush * 10, valuesOf(3000, flush))),
            failed,
          ]);
          if (flush > 5000) throw new Error('the reader reads nothing');
        }
        Atomics.store(shared, 0, 1);
        await Promise.race([ended, failed]);
        assert.ok(Atomics.load(shared, 1) >= COUNT);
        assert.is(Atomics.load(shared, 2), 0, 'torn reads');
        await store.close();
      });
    },
    { timeoutMs: 60_000 },
  );

  it('a path that is open is not opened with other sync flags, and one place opens it', async () => {
    await inFolder(async (dataDir) => {
      const { root } = openEnvironment(dataDir, 64 * MIB);
      assert.throws(
        () => open({ path: dataDir, noSubdir: false, overlappingSync: true }),
        /overlappingSync on a database that was opened without/,
      );
      await root.close();
    });
    const source = path.join(ROOT, 'src/storage/lmdb');
    const files = fs.readdirSync(source, { recursive: true, encoding: 'utf8' });
    const openers = files.filter((file) => {
      if (!file.endsWith('.ts')) return false;
      return /\bopen\b[^;]*from 'lmdb'/.test(fs.readFileSync(path.join(source, file), 'utf8'));
    });
    assert.equal(openers, ['db/environment.ts']);
  });
});

describe('trap 12: limits on keys and databases', (it) => {
  it('names of any length are stored, found again and deleted', async () => {
    await inFolder(async (dataDir) => {
      const names = [1899, 1900, 1901, 1978, 1979, 5000].map((length) => 'n'.repeat(length));
      names.push(`tagged;${'t'.repeat(1500)}=${'v'.repeat(1500)}`);
      const store = await openIn(dataDir, RULES);
      await store.append(frameOf(NOW + 10, Object.fromEntries(names.map((name, i) => [name, i]))));
      await store.close();
      const again = await openIn(dataDir, RULES);
      assert.equal(again.allNames().sort(), [...names].sort());
      for (const [i, name] of names.entries()) assertValues(await read(again, name, 1), [i]);
      assert.is(await again.delete(names), names.length);
      await again.close();
    });
  });

  it('a record key that is too long is refused with a sentence, one of the limit is not', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      await store.putRecord('k'.repeat(1977), 'text');
      assert.is(store.listRecords('k').length, 1);
      let refused: unknown;
      await store.putRecord('k'.repeat(1978), 'text').catch((error: unknown) => (refused = error));
      assert.ok(refused instanceof UserError && refused.code === 'badRequest');
      assert.match(refused.message, 'record key of 1978 bytes, expected 1 to 1977');
      await store.append(frameOf(NOW + 10, { a: 1 }));
      await store.close();
    });
  });

  it('there is room for more databases than there are', async () => {
    await inFolder(async (dataDir) => {
      const environment = openEnvironment(dataDir, 64 * MIB);
      const spare = Array.from({ length: 4 }, (_, i) => `spare${i}`);
      for (const name of spare) environment.root.openDB({ name });
      const there = databaseNames(environment);
      assert.ok(spare.every((name) => there.includes(name)));
      await environment.root.close();
    });
  });
});

describe('trap 13: a file is not to be copied while it is open', (it) => {
  it('a backup is whole where a copy of the file may not be', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES, { thread: true });
      const file = path.join(dataDir, 'copy.mdb');
      let flush = 0;
      const writing = async (): Promise<void> => {
        while (!fs.existsSync(file)) {
          flush += 1;
          await store.append(frameOf(NOW + flush * 10, valuesOf(500, flush)));
        }
      };
      await store.append(frameOf(NOW, { start: 1 }));
      await Promise.all([store.backup(file), writing()]);
      await store.close();
      const restored = path.join(dataDir, 'restored');
      fs.mkdirSync(restored);
      fs.renameSync(file, path.join(restored, 'data.mdb'));
      const { root, rows } = openEnvironment(restored, 64 * MIB);
      assert.ok(rows.get(ringKeys(0, []).row(0, NOW / 10, 0)) !== undefined);
      await root.close();
    });
  });
});
