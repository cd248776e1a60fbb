/**
 * statsd-client through its whole interface: UDP in packets and one by one, TCP, tags, children,
 * helpers. The one argument is JSON: where the package is, and the ports.
 */
const { createRequire } = require('node:module');
const path = require('node:path');

const { packages, udp, tcp } = JSON.parse(process.argv[2]);
const Client = createRequire(path.join(packages, 'any.js'))('statsd-client');
const host = '127.0.0.1';

// Packets of up to 1200 bytes; a packet leaves when it is full, after a second, or at the close.
const client = new Client({ host, port: udp, prefix: 'sc', socketTimeout: 50 });
for (let i = 0; i < 300; i++) client.increment('hits');
client.increment('hits', 10);
client.decrement('hits', 5);
client.counter('hits', -5);
client.gauge('level', 9);
client.gaugeDelta('level', 3);
client.gaugeDelta('level', -0.5);
client.gauge('below', -4);
client.set('users', 'me@x');
client.set('users', 'you');
client.set('users', 'me@x');
client.timing('took', 12);
client.timing('took', 5);
client.timing('since', new Date());
client.histogram('sizes', 4);
client.distribution('sizes', 6);
client.increment('tagged', 2, { zone: 'b', app: 'web' });
client.raw('raw.line:1|c');
client.getChildClient('kid').increment('hits', 7);
client.helpers.wrapCallback('called', () => {})(null);

// Every line a packet of its own.
const single = new Client({ host, port: udp, prefix: 'scs', maxBufferSize: 0, tags: { all: '1' } });
for (let i = 0; i < 20; i++) single.increment('hits');

const overTcp = new Client({ host, port: tcp, tcp: true, prefix: 'sct', socketTimeout: 50 });
// More than fits into one packet before it is connected, and it mixes up its buffer.
for (let i = 0; i < 20; i++) overTcp.increment('hits', 2);
overTcp.gauge('level', 1);
overTcp.timing('took', 8);

// It opens its sockets with the first packet, and its close() sends nothing before that.
setTimeout(() => {
  for (const one of [client, single, overTcp]) one.close();
}, 300);
