/**
 * node-statsd through its whole interface. The one argument is JSON: where the package is, and the
 * port. Its dice always fall on "send", so that a rate of 0.1 counts ten.
 */
const { createRequire } = require('node:module');
const path = require('node:path');

const { packages, udp } = JSON.parse(process.argv[2]);
const StatsD = createRequire(path.join(packages, 'any.js'))('node-statsd');
Math.random = () => 0;

const client = new StatsD({ host: '127.0.0.1', port: udp, prefix: 'ns.' });
const tagged = new StatsD({
  host: '127.0.0.1',
  port: udp,
  suffix: '.end',
  global_tags: ['zone:b'],
  cacheDns: true,
});
let open = 0;
const sent = (error) => {
  if (error) throw error;
  open -= 1;
  if (open === 0) for (const one of [client, tagged]) one.close();
};
const send = (call) => {
  open += 1;
  call(sent);
};
send((done) => client.increment('hits', undefined, done));
send((done) => client.increment('hits', 3, done));
send((done) => client.decrement('hits', 1, done));
send((done) => client.increment('sampled', 2, 0.1, done));
send((done) => client.increment(['one', 'two'], 1, done));
send((done) => client.gauge('level', 1.5, done));
send((done) => client.gauge('level', -2, done));
send((done) => client.timing('took', 320, done));
send((done) => client.timing('rare', 9, 0.25, done));
send((done) => client.histogram('sizes', 11, done));
send((done) => client.unique('users', 'foo', done));
send((done) => client.set('users', 'bar baz', done));
send((done) => client.increment('tagged', 4, ['zone:b', 'bare'], done));
send((done) => tagged.increment('nsall', 6, ['app:web'], done));
