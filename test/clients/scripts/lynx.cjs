/**
 * lynx through its whole interface. The one argument is JSON: where the package is, and the port.
 * Rates are 1, which it writes out, or so near to 1 that its dice do not matter.
 */
const { createRequire } = require('node:module');
const path = require('node:path');

const { packages, udp } = JSON.parse(process.argv[2]);
const Lynx = createRequire(path.join(packages, 'any.js'))('lynx');

const client = new Lynx('127.0.0.1', udp, { scope: 'lx' });
client.increment('hits');
client.increment(['one', 'two']);
client.decrement('hits');
client.count('hits', 7);
client.count('rated', 5, 1);
client.count('almost', 5, 0.9999999999);
client.gauge('level', 100);
client.gauge('level', -5);
client.set('users', 'set1');
client.set('users', 567);
client.timing('took', 500);
client.timing('took', 1.25);
client.createTimer('timer').stop();
client.send({ b1: '1|c', b2: '-1|c', b3: '3|ms', b4: '4|g' });
client.send({ b5: '8|c' }, 1);
// As a stream: lines with and without a rate, cut anywhere.
client.write('piped:1|c\npip');
client.write('ed:2|c\nslow:3|ms|@0.9999999\n');
setTimeout(() => client.close(), 200);
