import fs from 'node:fs';
import { ClassRecords } from './damage.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import type { Reply, Request, WriterStatus } from '../../../src/storage/lmdb/write/messages.ts';
import { WriteQueue } from '../../../src/storage/lmdb/write/write-queue.ts';
import { type LoopWriter, CommitLoop } from '../../../src/storage/lmdb/write/commit-loop.ts';
import { Writer } from '../../../src/storage/lmdb/write/writer.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { frameOf, withoutNames } from '../../support/frame.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '': '10s:20m,1m:1h' });

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await body(dataDir);
  } finally {
    fs.rmSync(dataDir, { recursive: true });
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.unreachable('was not refused');
}

describe('opening', (it) => {
  it('refuses a folder that is in use, in this process or another', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      const error = await rejection(openIn(dataDir, RULES));
      assert.ok(error instanceof UserError && error.code === 'dataDirTaken');
      assert.match(error.message, `process ${process.pid}`);
      await store.close();
      const again = await openIn(dataDir, RULES);
      await again.close();
    });
  });

  it('takes a folder over from a process that is gone', async () => {
    await inFolder(async (dataDir) => {
      const lock = `${dataDir}/tallyd.lock`;
      for (const owner of [
        '{"pid":4194305,"started":"x"}',
        `{"pid":${process.ppid},"started":"other"}`,
        'junk',
      ]) {
        fs.writeFileSync(lock, owner);
        await (await openIn(dataDir, RULES)).close();
      }
    });
  });

  it('refuses a folder that a newer tallyd wrote', async () => {
    await inFolder(async (dataDir) => {
      const environment = openEnvironment(dataDir, 2 ** 30);
      await environment.meta.put(Buffer.from('format'), Buffer.from('{"version":4}'));
      await environment.root.close();
      const error = await rejection(openIn(dataDir, RULES));
      assert.ok(error instanceof UserError && error.code === 'badFile');
      assert.match(error.message, 'format 4');
    });
  });

  it('refuses a folder that cannot be one', async () => {
    await inFolder(async (dataDir) => {
      fs.writeFileSync(`${dataDir}/file`, '');
      const error = await rejection(openIn(`${dataDir}/file`, RULES));
      assert.ok(error instanceof UserError && error.code === 'badFile');
    });
  });
});

describe('damaged records', (it) => {
  /** A store of a.i = i and b.i = -i, damaged while it was closed. */
  const damaged = async (
    damage: (records: ClassRecords) => void,
    body: (store: LmdbStore, now: number) => Promise<void>,
  ): Promise<void> => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      for (let i = 1; i <= 115; i++) {
        await store.append(frameOf(NOW + i * 10, { a: i, b: -i }));
      }
      await store.close();
      const environment = openEnvironment(dataDir, 2 ** 30);
      damage(new ClassRecords(environment));
      await environment.root.close();
      const again = await openIn(dataDir, RULES);
      await body(again, NOW + 1150);
      await again.append(frameOf(NOW + 1160, { a: 1, b: 2, c: 3 }));
      await again.close();
    });
  };

  /** Nulls of a series where there are values; all others must be right. */
  const nullsOf = async (store: LmdbStore, name: string, now: number): Promise<number> => {
    const [found] = await store.fetch([store.lookup(name)!.id], NOW, now, now);
    let nulls = 0;
    found!.values.forEach((value, i) => {
      if (value !== value) nulls += 1;
      else assert.is(value, name === 'a' ? i + 1 : -i - 1);
    });
    return nulls;
  };

  for (const [database, position, nulls] of [
    ['rows', 20, [1, 60]],
    ['rows', 0, [1, 60]],
    ['chunks', -6, [1, 60]],
    ['chunks', 0, [1, 60]],
  ] as const) {
    it(`${database}, byte ${position}: read as null, are counted, do no other harm`, async () => {
      await damaged(
        (records) => assert.ok(records.flipFirst(database, position)),
        async (store, now) => {
          const found = await nullsOf(store, 'b', now);
          assert.ok(found >= nulls[0] && found <= nulls[1], `${found} nulls`);
          assert.ok(store.health().corruptRecords > 0);
        },
      );
    });
  }

  it('a name is lost, the others stay', async () => {
    await damaged(
      (records) => assert.ok(records.flipFirst('names', 3)),
      async (store, now) => {
        assert.equal(store.allNames(), ['b']);
        assert.is(await nullsOf(store, 'b', now), 0);
        assert.is(store.health().corruptRecords, 1);
      },
    );
  });
});

/** A writer whose disk can be broken, and the queue before it. */
class Failing {
  broken = false;
  readonly replies: Reply[] = [];
  readonly queue: WriteQueue;
  private readonly loop: CommitLoop;
  private retries: (() => void)[] = [];

  constructor(writer: Writer, maxPendingFlushes: number) {
    const commit = writer.commit.bind(writer);
    writer.commit = () => {
      if (this.broken) throw new Error('EIO: no space');
      return commit();
    };
    const loopWriter: LoopWriter = writer;
    this.queue = new WriteQueue({
      maxPendingFlushes,
      post: (request) => this.loop.push(request),
      onDropped: ({ job }) =>
        void this.replies.push({ kind: 'dropped', job, status: this.loop.status }),
    });
    this.loop = new CommitLoop(loopWriter, {
      post: (reply) => {
        this.replies.push(reply);
        if (reply.kind === 'committed') this.queue.answered(reply.jobs.length);
        else if (reply.kind === 'dropped') this.queue.answered(1);
      },
      retryLater: () => new Promise((resolve) => this.retries.push(resolve)),
      nextTurn: () => Promise.resolve(),
      onBug: (error) => {
        throw error;
      },
      onClosed: () => {},
    });
  }

  frame(number: number, series: Record<string, number>, born = true): void {
    const frame = frameOf(NOW + number * 10, series);
    const batch = born ? frame : withoutNames(frame);
    this.push({ kind: 'batch', job: number, now: batch.times, batch });
  }

  push(request: Request): void {
    this.queue.push(request);
  }

  get status(): WriterStatus {
    return this.loop.status;
  }

  async retry(): Promise<void> {
    for (const resolve of this.retries.splice(0)) resolve();
    await settled();
  }

  /** Numbers of jobs by what became of them. */
  outcome(kind: 'committed' | 'dropped'): number[] {
    return this.replies.flatMap((reply) => {
      if (reply.kind !== kind) return [];
      return reply.kind === 'committed'
        ? reply.jobs.map(({ job }) => job).filter((job) => job > 0)
        : [reply.job];
    });
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('failing commits', (it) => {
  it('keep what they were given, say so, and go on when the disk does', async () => {
    await inFolder(async (dataDir) => {
      const environment = openEnvironment(dataDir, 2 ** 30);
      const failing = new Failing(new Writer(environment, RULES, { maxSeries: 100 }), 4);
      failing.frame(1, { a: 1 });
      await settled();
      assert.equal(failing.outcome('committed'), [1]);
      failing.broken = true;
      failing.frame(2, { a: 2 });
      failing.frame(3, { a: 3 });
      failing.frame(4, { a: 4, fresh: 40 });
      for (let number = 5; number <= 6; number++) failing.frame(number, { a: number }, false);
      await settled();
      await failing.retry();
      assert.equal(failing.outcome('committed'), [1]);
      const failures = failing.replies.filter(({ kind }) => kind === 'failing');
      assert.is(failures.length, 2);
      assert.equal(failing.outcome('dropped'), [4]);
      assert.is(failing.queue.droppedFlushes, 1);
      assert.is(failing.status.lastDurableFlush, NOW + 10);
      failing.broken = false;
      await failing.retry();
      assert.equal(failing.outcome('committed'), [1, 2, 3, 5, 6]);
      failing.frame(7, { a: 7, fresh: 70 }, false);
      await settled();
      await environment.root.close();
      const store = await openIn(dataDir, RULES);
      const ids = ['a', 'fresh'].map((name) => store.lookup(name)!.id);
      const [a, fresh] = await store.fetch(ids, NOW, NOW + 70, NOW + 70);
      assertValues(a!.values, [1, 2, 3, null, 5, 6, 7]);
      assertValues(fresh!.values, [null, null, null, null, null, null, 70]);
      await store.close();
    });
  });

  it('do not keep a store from closing', async () => {
    await inFolder(async (dataDir) => {
      const environment = openEnvironment(dataDir, 2 ** 30);
      const failing = new Failing(new Writer(environment, RULES, { maxSeries: 100 }), 3);
      failing.broken = true;
      failing.frame(1, { a: 1 });
      failing.push({ kind: 'close', job: 2 });
      await settled();
      await failing.retry();
      assert.equal(failing.outcome('dropped'), [1, 2]);
      await environment.root.close();
    });
  });
});

describe('the data file', (it) => {
  it.slow(
    'stops growing when the rings are full',
    async () => {
      await inFolder(async (dataDir) => {
        const rules = rulesOf({ '': 'sum 10s:10m,30s:30m' });
        const store = await openIn(dataDir, rules);
        const names = Array.from({ length: 200 }, (_, i) => `s${i}`);
        const sizes: number[] = [];
        const value = (flush: number, i: number): number => ((flush * 31 + i * 7) % 997) / 8;
        for (let flush = 0; flush < 1600; flush++) {
          const values = Object.fromEntries(names.map((name, i) => [name, value(flush, i)]));
          await store.append(frameOf(NOW + flush * 10, values));
          if (flush % 100 === 99) sizes.push(store.health().fileBytes);
          if (flush % 250 !== 249) continue;
          const now = NOW + flush * 10;
          const ids = names.map((name) => store.lookup(name)!.id);
          const found = await store.fetch(ids, now - 600, now, now);
          found.forEach((one, i) => {
            const expected = Array.from({ length: 60 }, (_, j) => value(flush - 59 + j, i));
            assertValues(one!.values, expected);
          });
        }
        await store.close();
        assert.is(sizes.at(-1), sizes[11], `sizes ${sizes.join(' ')}`);
      });
    },
    { timeoutMs: 40_000 },
  );
});
