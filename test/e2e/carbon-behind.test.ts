/**
 * Debian's carbon as the Graphite behind our backend, stopped and started under load: every interval
 * arrives, whether it waited in memory, on disk, or in a connection that broke. What carbon itself
 * held in memory when it was stopped is its own loss: up to two seconds before each stop.
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Carbon, hasCarbon } from '../support/carbon.ts';
import { type Point, Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

const MISSING = 'Debian package graphite-carbon is not installed';

describe('e2e/carbon behind', (it) => {
  const name = 'gets every interval, however often it is restarted';
  if (!hasCarbon()) {
    it.skipAloud(name, MISSING);
    return;
  }
  const body = async (): Promise<void> => {
    const carbon = await Carbon.make();
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-'));
    const schemas = path.join(carbon.folder, 'storage-schemas.conf');
    const flags = ['--graphite-host', '127.0.0.1', '--graphite-port', String(carbon.port)];
    flags.push('--storage-schemas', schemas);
    let server = await Server.start(flags, dataDir);
    const socket = dgram.createSocket('udp4');
    let sent = 0;
    const load = setInterval(() => {
      socket.send('hits:3|c', server.port('statsd udp'), '127.0.0.1');
      sent += 3;
    }, 10);
    const queued = async (): Promise<number> => {
      const page = await (await server.get('/metrics')).text();
      return Number(/^tallyd_graphite_queued (\d+)$/m.exec(page)?.[1]);
    };
    const stored = async (): Promise<Point[]> =>
      (await server.render('stats_counts.hits', '-5min')).get('stats_counts.hits') ?? [];
    /** What tallyd stored and carbon has not, or otherwise. */
    const wrong = (own: readonly Point[]): Point[] => {
      const theirs = carbon.points('stats_counts.hits');
      return own.filter(({ time, value }) => {
        const known = theirs.get(time);
        return known === undefined ? !carbon.forgot(time) : known !== value;
      });
    };
    try {
      // Away from the start, then once more, when tallyd itself is restarted meanwhile.
      await server.until(async () => (await queued()) >= 4, 'flushes wait');
      const waited = await stored();
      await carbon.start();
      // It gets them at once and writes them in its own time: a stop before that is its own loss.
      await server.until(() => wrong(waited).length === 0, 'carbon has those that waited');
      await carbon.stop();
      await server.until(async () => (await queued()) >= 4, 'flushes wait again');
      clearInterval(load);
      await server.signal('SIGTERM');
      server = await Server.start(flags, dataDir);
      await carbon.start();
      const own = await stored();
      await server.until(() => wrong(own).length === 0, 'carbon has written all').catch(() => {});
      assert.equal(wrong(own), []);
      assert.ok(own.length >= 4, `${own.length} intervals`);
      let sum = 0;
      for (const { value } of own) sum += value ?? 0;
      assert.is(sum, sent);
    } finally {
      clearInterval(load);
      socket.close();
      await server.remove();
      await carbon.remove();
    }
  };
  it.slow(name, body, { timeoutMs: 120_000 });
});
