/**
 * hot-shots through its whole interface: UDP, a TCP connection, a unix stream, buffers, child
 * clients, aggregation, telemetry, events and checks. The one argument is JSON: where the package
 * is, and the ports. Its dice always fall on "send", so that a rate of 0.1 counts ten. Prints the
 * timestamp, epoch seconds, that it gave a gauge.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';

const { packages, udp, tcp, unix } = JSON.parse(process.argv[2]);
const { StatsD } = createRequire(path.join(packages, 'any.js'))('hot-shots');
Math.random = () => 0;

const host = '127.0.0.1';
const close = (client) =>
  new Promise((resolve, reject) => client.close((error) => (error ? reject(error) : resolve())));

const plain = new StatsD({ host, port: udp, prefix: 'hs.' });
plain.increment('hits');
plain.increment('hits', 4);
plain.increment(['one', 'two']);
plain.increment('sampled', 3, 0.1);
plain.increment('zero', 0);
plain.decrement('hits', 2);
plain.gauge('level', 41);
plain.gaugeDelta('level', 1.5);
plain.gaugeDelta('level', -0.25);
plain.gauge('below', -7);
plain.set('users', 'alice');
plain.unique('users', 'bob');
plain.set('users', 'alice');
for (const ms of [10, 20, 30, 40]) plain.timing('took', ms);
plain.timing('rare', 12.5, 0.25);
plain.timing('since', new Date());
plain.histogram('sizes', 7);
plain.distribution('sizes', 9);
plain.timer(() => 1, 'work')();
await plain.asyncTimer(() => Promise.resolve(1), 'async')();
await plain.asyncDistTimer(() => Promise.resolve(1), 'distributed')();
plain.increment('tagged', 5, { zone: 'b', app: 'web' });
plain.increment('tagged', 2, ['app:web', 'zone:b']);
plain.increment('odd name/é', 1);
const then = Math.floor(Date.now() / 1000) - 60;
plain.gauge('then', 17, { timestamp: then });
console.log(String(then));
const child = plain.childClient({ prefix: 'kid.', suffix: '.end', globalTags: { kid: '1' } });
child.increment('hits', 6);
plain.event('deploy', 'by bob\nat noon', { alert_type: 'warning', priority: 'low' }, ['app:web']);
// It counts the lengths of an event in units of UTF-16, the protocol in bytes.
plain.event('déploiement 🎉', 'à midi');
plain.check('disk', plain.CHECKS.CRITICAL, { message: 'full' }, ['host:a']);
await close(plain);

const buffered = new StatsD({ host, port: udp, prefix: 'hsb', maxBufferSize: 512 });
for (let i = 0; i < 1000; i++) buffered.increment('hits', 2);
await close(buffered);

const telegraf = new StatsD({ host, port: udp, prefix: 'hst.', telegraf: true });
telegraf.increment('hits', 3, { zone: 'b', app: 'web' });
telegraf.timing('took', 5, { zone: 'b' });
await close(telegraf);

const aggregating = new StatsD({
  host,
  port: udp,
  prefix: 'hsa.',
  aggregation: true,
  datadog: true,
  containerID: 'abc123',
  cardinality: 'low',
});
for (let i = 0; i < 10; i++) aggregating.increment('hits', 1, { zone: 'b' });
for (let i = 0; i < 10; i++) aggregating.gauge('level', i);
await close(aggregating);

const overTcp = new StatsD({ host, port: tcp, protocol: 'tcp', prefix: 'hstcp.' });
for (let i = 0; i < 50; i++) overTcp.increment('hits', 1, { zone: 'b' });
overTcp.gauge('level', 3);
overTcp.timing('took', 25);
await close(overTcp);

const stream = net.connect(unix);
await once(stream, 'connect');
const overUnix = new StatsD({ stream, protocol: 'stream', prefix: 'hsunix.' });
for (let i = 0; i < 50; i++) overUnix.increment('hits');
await close(overUnix);
