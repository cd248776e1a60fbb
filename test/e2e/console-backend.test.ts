/** The console backend in a real server: what stands on standard output, and when nobody reads it. */
import dgram from 'node:dgram';
import type { HealthReport } from '../../src/health/health.ts';
import { askConsole } from '../support/ask-console.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

async function sendDatagram(server: Server, text: string): Promise<void> {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) =>
    socket.send(text, server.port('statsd udp'), '127.0.0.1', () => resolve()),
  );
  socket.close();
}

function ask(server: Server, command: string): Promise<string> {
  return askConsole(server.port('console'), command);
}

describe('console backend, end to end', (it) => {
  it.slow(
    'prints flushes, answers stats, and outlives its reader',
    async () => {
      const flags = ['--backends', 'console', '--dialect', 'statsd', '--flush-interval', '300'];
      const server = await Server.start(flags);
      try {
        await sendDatagram(server, 't:5|ms|@0.5\nt:3|ms\nu:x|s');
        await server.until(() => server.stdout.includes('timers: { t: [ 5, 3 ] }'), 'values');
        await server.until(() => server.stdout.includes('timers: { t: [] }'), 'an idle flush');
        assert.match(server.stdout, /\n {6}count: 3,\n/);
        assert.match(server.stdout, /sets: \{ u: \[ 'x' \] \}/);
        const stats = await ask(server, 'stats\n');
        assert.match(stats, /\nconsole\.lastFlush: \d+\nconsole\.lastException: \d+\nEND\n\n$/);
        assert.not.match(stats, /graphite/);
        assert.is(await ask(server, 'delcounters toString\n'), 'deleted: toString\nEND\n\n');
        server.closeStdout();
        await server.until(() => server.stderr.includes('standard output: write EPIPE'), 'EPIPE');
        assert.match(await ask(server, 'health\n'), /up/);
        const page = await (await server.get('/metrics')).text();
        assert.match(page, /^tallyd_stdout_dropped_total\{reason="notWritten"\} [1-9]/m);
        const { refusals } = await server.json<HealthReport>('/health');
        const dropped = refusals?.find(({ what }) => what === 'stdout.dropped');
        assert.match(dropped?.last?.example ?? '', /^Flushing stats at/);
        await server.signal('SIGTERM');
        assert.equal(server.exit, { code: 0, signal: null });
      } finally {
        await server.remove();
      }
    },
    { timeoutMs: 60_000 },
  );
});
