/** The store worker ends by a bug or from outside: nothing acknowledged is lost, nothing is silent. */
import dgram from 'node:dgram';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reply } from '../../../src/storage/lmdb/write/messages.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { CommitLoop } from '../../../src/storage/lmdb/write/commit-loop.ts';
import { Writer } from '../../../src/storage/lmdb/write/writer.ts';
import { frameOf } from '../../support/frame.ts';
import { Server } from '../../support/server.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '': '10s:1h' });

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('was not refused');
}

describe('a store worker with a bug', (it) => {
  it(
    'fails what was not acknowledged, says so, keeps what was',
    async () => {
      const dataDir = temporaryFolder();
      try {
        const log: string[] = [];
        const dead: string[] = [];
        const store = await openIn(dataDir, RULES, {
          thread: true,
          log,
          onDead: (sentence) => void dead.push(sentence),
        });
        await store.append(frameOf(NOW + 10, { a: 1 }));
        await store.append(frameOf(NOW + 20, { a: 2 }));
        // What no ingest worker sends: the store's thread cannot make sense of it.
        const poison = { ...frameOf(NOW + 30, { a: 3 }), refs: null as unknown as Uint32Array };
        const error = await rejection(store.append(poison));
        const { state, reason, droppedFlushes } = store.health();
        assert.equal([state, droppedFlushes], ['failing', 1]);
        assert.match(reason!, 'the store worker failed, nothing is stored until a restart');
        assert.match(reason!, 'lost: 1 flush not acknowledged');
        assert.equal(dead, [reason]);
        assert.ok(log.includes(reason!));
        assert.is(await rejection(store.append(frameOf(NOW + 40, { a: 4 }))), error);
        await store.close();
        const again = await openIn(dataDir, RULES);
        const [a] = await again.fetch([again.lookup('a')!.id], NOW, NOW + 40, NOW + 40);
        assertValues(a!.values, [1, 2, null, null]);
        await again.close();
      } finally {
        fs.rmSync(dataDir, { recursive: true });
      }
    },
    { timeoutMs: 60_000 },
  );

  it('does not take a bug in a commit for a disk that refuses', async () => {
    const dataDir = temporaryFolder();
    try {
      const environment = openEnvironment(dataDir, 2 ** 30);
      const writer = new Writer(environment, RULES, { maxSeries: 100 });
      writer.commit = () => {
        throw new TypeError('x is not a function');
      };
      const replies: Reply[] = [];
      const bug = await new Promise((resolve) => {
        const loop = new CommitLoop(writer, {
          post: (reply) => void replies.push(reply),
          retryLater: () => Promise.reject(new Error('was tried again')),
          nextTurn: () => Promise.resolve(),
          onBug: resolve,
          onClosed: () => {},
        });
        loop.push({ kind: 'batch', job: 1, now: NOW, batch: frameOf(NOW, { a: 1 }) });
      });
      assert.instance(bug, TypeError);
      assert.equal(replies, []);
      await environment.root.close();
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  });
});

describe('a server whose store worker ends', (it) => {
  it.slow(
    'ends aloud with 1, and starts again with all that was acknowledged',
    async () => {
      const preload = fileURLToPath(new URL('./end-store-worker.cjs', import.meta.url));
      const before = process.env['NODE_OPTIONS'];
      process.env['NODE_OPTIONS'] = `${before ?? ''} --require ${preload}`;
      const first = await Server.start();
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
      let second: Server | undefined;
      try {
        const socket = dgram.createSocket('udp4');
        socket.send('kept:7|c', first.port('statsd udp'), '127.0.0.1');
        await first.until(async () => (await first.sum('stats_counts.kept')) === 7, 'a flush');
        socket.close();
        first.signalOnly('SIGUSR2');
        await first.waitForExit();
        assert.is(first.exit!.code, 1, first.stderr);
        assert.match(first.stderr, 'the store worker failed, nothing is stored until a restart');
        assert.match(first.stderr, 'tallyd ends, to be started again');
        second = await Server.start([], first.dataDir);
        assert.is(await second.sum('stats_counts.kept'), 7);
      } finally {
        await second?.remove();
        await first.remove();
      }
    },
    { timeoutMs: 90_000 },
  );
});
