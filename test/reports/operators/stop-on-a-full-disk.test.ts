/** A disk that takes nothing and a Graphite that is dead: a stop ends, and says what is not written. */
import { UserError } from '../../../src/lib/errors.ts';
import { PendingWork } from '../../../src/lib/pending-work.ts';
import { unlessHopeless } from '../../../src/lib/unless-hopeless.ts';
import { Server } from '../../support/server.ts';
import { assert, describe } from '../../support/suite.ts';
import { deadPort } from '../../support/tcp-peer.ts';
import { sendLines } from '../../support/send-lines.ts';

describe('reports: a stop on a full disk with Graphite dead', (it) => {
  it.slow('ends soon and says what was not written, each in one line', async () => {
    const server = await Server.start(
      ['--map-size-bytes', '1048576', '--graphite-host', '127.0.0.1'].concat([
        '--graphite-port',
        String(await deadPort()),
      ]),
    );
    try {
      let names = 0;
      await server.until(async () => {
        const lines = Array.from({ length: 500 }, () => `full.disk.n${names++}:1|c`);
        await sendLines(server.port('statsd udp'), lines);
        return (await server.get('/health')).status === 503;
      }, 'the data file is full');
      const { reason } = (await (await server.get('/health')).json()) as { reason: string };
      assert.match(reason, /mapSizeBytes .*; Graphite at 127\.0\.0\.1:\d+ is away for \d+ s/);
      // One that goes no further is killed, and has no code.
      await server.signal('SIGTERM');
      assert.is(server.exit?.code, 0);
      const said = server.log.map(({ msg }) => String(msg));
      const count = (pattern: RegExp): number => said.filter((text) => pattern.test(text)).length;
      assert.is(count(/^Graphite at .* is away/), 1, said.join('\n'));
      assert.is(count(/flushes for Graphite wait on disk for the next start$/), 1);
      assert.is(
        count(/^\d+ flush(?:es)? and \d+ other changes? were not written before the stop: /),
        1,
      );
      assert.is(count(/^flush not stored: the store gave up/), 1);
      assert.ok(!server.stderr.includes('    at '), 'no stacks');
    } finally {
      await server.remove();
    }
  });

  it('waits for work only while there is hope', async () => {
    const never = new Promise<void>(() => {});
    await unlessHopeless(never, () => true, 30);
    let isHopeless = true;
    setTimeout(() => (isHopeless = false), 20);
    let done = (): void => {};
    const work = new Promise<void>((resolve) => (done = resolve));
    setTimeout(() => done(), 200);
    const startedMs = performance.now();
    await unlessHopeless(work, () => isHopeless, 120);
    assert.ok(performance.now() - startedMs >= 190, 'it went on being waited for');
    await unlessHopeless(
      Promise.reject(new Error('told elsewhere')).catch(() => {}),
      () => false,
    );
  });

  it('the same failure of each flush is told once a minute, and each is counted', async () => {
    const told: string[] = [];
    const work = new PendingWork({ error: (_fields, text) => told.push(text) });
    for (let i = 0; i < 5; i++) {
      work.track(Promise.reject(new UserError('storeBusy', 'the store gave up')), 'not stored');
    }
    work.track(Promise.reject(new TypeError('ours')), 'not stored');
    await work.settled();
    assert.equal([told, work.failed], [['not stored: the store gave up', 'not stored'], 6]);
  });
});
