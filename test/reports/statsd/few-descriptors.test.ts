/**
 * A process that may have few files open (F5): what listeners take is held against it at the start,
 * connections that are refused are counted, and nobody is shut out by connections that only lie
 * there.
 */
import { once } from 'node:events';
import net from 'node:net';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { fitConnections } from '../../../src/config/fit-connections.ts';
import { askConsole } from '../../support/ask-console.ts';
import { Server } from '../../support/server.ts';
import { assert, describe } from '../../support/suite.ts';

interface Health {
  status: string;
  refusals: { what: string; reason: string; count: number; last?: { sender: string } }[];
}

/** Opens connections that send nothing, or one line. */
async function crowd(port: number, count: number, line = ''): Promise<net.Socket[]> {
  const sockets = Array.from({ length: count }, () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('connect', () => line !== '' && socket.write(line));
    return socket;
  });
  await Promise.all(
    sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])),
  );
  return sockets;
}

describe('reports: few descriptors', (it) => {
  it.slow('400 idle connections to each port shut nobody out, and are counted', async () => {
    const server = await Server.start(['--server', './servers/tcp'], undefined, 256);
    const open: net.Socket[] = [];
    try {
      const warning = server.log
        .map(({ msg }) => String(msg))
        .find((text) => /may have 256/.test(text));
      assert.match(
        warning ?? '',
        /maxConnections is \d+ instead of 1024 on each of 3 listeners, httpLimits\.connections is \d+ /,
      );
      open.push(...(await crowd(server.port('statsd tcp'), 400, 'fd.c:1|c\n')));
      open.push(...(await crowd(server.port('carbon tcp'), 400)));
      open.push(...(await crowd(server.port('http'), 400)));
      const health = await server.json<Health>('/health');
      const countOf = (what: string, reason: string): number =>
        health.refusals.find((one) => one.what === what && one.reason === reason)?.count ?? 0;
      const refused =
        countOf('connections.refused', 'tooMany') +
        countOf('connections.refused', 'tooManyFromSource');
      assert.ok(refused >= 700, `${refused} of 800 refused`);
      assert.match(await askConsole(server.port('console'), 'stats'), /uptime: \d+/);
      const metrics = await (await server.get('/metrics')).text();
      assert.match(metrics, /^tallyd_http_connections_refused_total\{reason="gaveWay"\} \d{3}$/m);
      assert.match(metrics, /^tallyd_self_metrics_unreadable_total 0$/m);
      assert.ok(!server.stderr.includes('EMFILE'), server.stderr);
    } finally {
      for (const socket of open) socket.destroy();
      await server.remove();
    }
  });

  it('the configured numbers stay where they fit, and are scaled where they do not', () => {
    const roomy = fitConnections(DEFAULT_CONFIG, { limit: 1_048_576, open: 30 });
    assert.is(roomy.config, DEFAULT_CONFIG);
    assert.is(roomy.warning, undefined);
    assert.is(fitConnections(DEFAULT_CONFIG, { limit: Infinity, open: 30 }).warning, undefined);
    // The default has two stream listeners: 3 x 1024 in all.
    const some = fitConnections(DEFAULT_CONFIG, { limit: 1024, open: 30 });
    assert.equal(some.config.connections, { max: 288, maxPerSource: 144 });
    assert.is(some.config.httpLimits.connections, 288);
    const least = fitConnections(DEFAULT_CONFIG, { limit: 64, open: 60 });
    assert.equal(least.config.connections, { max: 8, maxPerSource: 4 });
    const none = { ...DEFAULT_CONFIG, carbon: undefined, carbonPickle: undefined, http: undefined };
    assert.is(fitConnections(none, { limit: 200, open: 60 }).warning, undefined);
  });
});
