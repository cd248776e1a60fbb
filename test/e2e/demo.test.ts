/** `demo` against a server: to the last count, and over kill -9 in the middle of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, TALLYD } from '../support/program.ts';
import { type Point, Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

interface Sent {
  type: 'c' | 'ms' | 'g' | 's';
  count: number;
  sum: number;
  last?: number;
}

function spawnDemo(port: number, seconds: number) {
  const child = spawn(
    process.execPath,
    [...TALLYD, 'demo', '--json', '--seed', '11', '--hosts', '50', '--rate', '3000'].concat([
      '--port',
      String(port),
      '--duration',
      String(seconds),
    ]),
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  const done = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`demo ended with ${String(code)}`);
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
      kind: string;
      metrics: Record<string, Sent>;
    };
    assert.is(last.kind, 'total');
    return last.metrics;
  });
  // Whoever awaits it is told; in the meantime its end is nobody's surprise.
  done.catch(() => {});
  return { child, done };
}

const sum = (points: Point[] | undefined): number =>
  (points ?? []).reduce((total, { value }) => total + (value ?? 0), 0);

/** What the server has counted so far of the counters that were sent. */
async function arrived(server: Server, counters: [string, Sent][]): Promise<number> {
  const counts = await server.render('stats_counts.**');
  return counters.reduce((all, [name]) => all + sum(counts.get(`stats_counts.${name}`)), 0);
}

/** Everything a render target gives up to a time, as text to compare. */
async function stored(server: Server, until: number): Promise<string> {
  const series = await server.render('stats_counts.**', '-30min');
  return [...series]
    .map(
      ([name, points]) => `${name} ${JSON.stringify(points.filter(({ time }) => time <= until))}`,
    )
    .filter((line) => !line.endsWith(' []'))
    .join('\n');
}

describe('e2e/demo', (it) => {
  it.slow(
    'what demo says it sent is what render answers',
    async () => {
      const server = await Server.start();
      try {
        const metrics = Object.entries(await spawnDemo(server.port('statsd udp'), 8).done);
        const counters = metrics.filter(([, { type }]) => type === 'c');
        const timers = metrics.filter(([, { type }]) => type === 'ms');
        const gauges = metrics.filter(([, { type }]) => type === 'g');
        for (const kind of [counters, timers, gauges]) assert.ok(kind.length >= 5);
        const total = counters.reduce((all, [, sent]) => all + sent.sum, 0);
        await server.until(async () => (await arrived(server, counters)) >= total, 'all counts');
        // A flush may have come between the last counters and the rest of what was sent.
        const timed = timers.reduce((all, [, sent]) => all + sent.count, 0);
        await server.until(
          async () => (await server.sum('stats.timers.**.count')) >= timed,
          'all timers',
        );
        await server.until(async () => {
          const levels = await server.render('stats.gauges.**');
          return gauges.every(
            ([name, sent]) => levels.get(`stats.gauges.${name}`)?.at(-1)?.value === sent.last,
          );
        }, 'the last gauges');
        const counts = await server.render('stats_counts.**');
        for (const [name, sent] of counters) {
          assert.is(sum(counts.get(`stats_counts.${name}`)), sent.sum, name);
        }
        const timerCounts = await server.render('stats.timers.**.count');
        const timerSums = await server.render('stats.timers.**.sum');
        for (const [name, sent] of timers) {
          assert.is(sum(timerCounts.get(`stats.timers.${name}.count`)), sent.count, name);
          assert.is(sum(timerSums.get(`stats.timers.${name}.sum`)), sent.sum, name);
        }
      } finally {
        await server.remove();
      }
    },
    { timeoutMs: 60_000 },
  );

  it.slow(
    'kill -9 in the middle: every flush that was durable is there afterwards',
    async () => {
      const schemas = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-')), 's.conf');
      fs.writeFileSync(schemas, '[seconds]\npattern = .*\nretentions = 1s:1h,1m:1d\n');
      let server = await Server.start(['--storage-schemas', schemas]);
      const port = server.port('statsd udp');
      const demo = spawnDemo(port, 30);
      try {
        for (let round = 0; round < 4; round++) {
          let durable = 0;
          let before = '';
          const notBefore = Math.floor(Date.now() / 1000) + 1 + round;
          const running = server;
          await running.until(async () => {
            const health = await running.json<{ store: { lastDurableFlush: number } }>('/health');
            durable = health.store.lastDurableFlush;
            if (durable < notBefore) return false;
            before = await stored(running, durable);
            return before.length > 1000;
          }, 'durable flushes that hold something to lose');
          await server.signal('SIGKILL');
          const again = ['--port', String(port), '--storage-schemas', schemas];
          server = await Server.start(again, server.dataDir);
          assert.is(await stored(server, durable), before);
        }
      } finally {
        demo.child.kill('SIGKILL');
        await demo.done.catch(() => {}); // it was killed; what it sent is not of interest
        await server.remove();
        fs.rmSync(path.dirname(schemas), { recursive: true });
      }
    },
    { timeoutMs: 120_000 },
  );
});
