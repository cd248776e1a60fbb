/** Real StatsD clients against a real server: what they send comes back from /render exactly. */
import { spawnSync } from 'node:child_process';
import { StatsD } from 'hot-shots';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

/** The newest value of the one series that a target gives. */
async function latest(server: Server, target: string): Promise<number | null | undefined> {
  const [points] = (await server.render(target)).values();
  return points?.at(-1)?.value;
}

const PYTHON_CLIENT = `
import sys
from statsd import StatsClient
client = StatsClient("127.0.0.1", int(sys.argv[1]), prefix="py")
for i in range(500):
    client.incr("hits", 3)
client.decr("hits", 100)
client.gauge("level", 40)
client.gauge("level", 2, delta=True)
client.timing("took", 320)
client.set("users", "alice")
client.set("users", "bob")
client.set("users", "alice")
with client.pipeline() as pipe:
    for i in range(50):
        pipe.incr("piped")
`;

describe('e2e/clients', (it) => {
  it('hot-shots: counters, gauges, timers, sets, tags', async () => {
    const server = await Server.start();
    try {
      const client = new StatsD({
        host: '127.0.0.1',
        port: server.port('statsd udp'),
        prefix: 'hs.',
        maxBufferSize: 1000,
      });
      for (let i = 0; i < 1000; i++) client.increment('hits', 2);
      client.decrement('hits', 500);
      client.gauge('level', 41);
      client.gaugeDelta('level', 1.5);
      for (const ms of [10, 20, 30, 40]) client.timing('took', ms);
      client.distribution('sizes', 7);
      client.set('users', 'alice');
      client.set('users', 'bob');
      client.increment('tagged', 5, { zone: 'b', app: 'web' });
      client.event('deploy', 'by bob\nat noon', { alert_type: 'warning' }, ['app:web']);
      client.check('disk', client.CHECKS.CRITICAL, { message: 'full' }, ['host:a']);
      await new Promise<void>((resolve, reject) =>
        client.close((error) => (error ? reject(error) : resolve())),
      );
      const sum = (target: string) => server.sum(target);
      await server.until(
        async () =>
          (await sum('stats_counts.hs.hits')) === 1500 &&
          (await sum('stats.sets.hs.users.count')) === 2 &&
          (await sum('stats.timers.hs.took.count')) === 4 &&
          (await sum('stats.timers.hs.sizes.count')) === 1,
        'all of it',
      );
      assert.is(await latest(server, 'stats.gauges.hs.level'), 42.5);
      assert.is(await sum('stats.timers.hs.took.sum'), 100);
      assert.is(await sum('stats.timers.hs.sizes.sum'), 7);
      assert.is(await sum('seriesByTag("name=stats_counts.hs.tagged","app=web","zone=b")'), 5);
      const found = async (): Promise<unknown[]> => {
        const events =
          await server.json<{ what: string; data: string; tags: string[] }[]>('/events/get_data');
        return events.map(({ what, data, tags }) => [what, data, tags]);
      };
      await server.until(async () => (await found()).length === 2, 'the events');
      assert.equal(await found(), [
        ['hs.deploy', 'by bob\nat noon', ['app:web', 'alert_type:warning']],
        ['hs.disk: critical', 'full', ['host:a', 'check']],
      ]);
      assert.is(await latest(server, 'stats.gauges.hs.disk;host=a'), 2);
      const { receive } = await server.json<{ receive: { badLines: number } }>('/health');
      assert.is(receive.badLines, 0);
    } finally {
      await server.remove();
    }
  });

  const found = spawnSync('/usr/bin/python3', ['-c', 'import statsd'], { encoding: 'utf8' });
  if (found.status !== 0) {
    it.skipAloud('python3-statsd', 'needs the Debian package python3-statsd');
    return;
  }
  it('python3-statsd: counters, gauges, timers, sets, pipelines', async () => {
    const server = await Server.start();
    try {
      const port = String(server.port('statsd udp'));
      const run = spawnSync('/usr/bin/python3', ['-c', PYTHON_CLIENT, port], { encoding: 'utf8' });
      assert.is(run.status, 0, run.stderr);
      await server.until(
        async () =>
          (await server.sum('stats_counts.py.hits')) === 1400 &&
          (await server.sum('stats_counts.py.piped')) === 50 &&
          (await server.sum('stats.sets.py.users.count')) === 2 &&
          (await server.sum('stats.timers.py.took.sum')) === 320,
        'all of it',
      );
      assert.is(await latest(server, 'stats.gauges.py.level'), 42);
    } finally {
      await server.remove();
    }
  });
});
