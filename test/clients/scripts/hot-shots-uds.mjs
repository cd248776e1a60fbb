/**
 * hot-shots over a unix datagram socket, as it talks to an agent on the same machine. The one
 * argument is JSON: where the package is, and the path of the socket.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

const { packages, datagrams } = JSON.parse(process.argv[2]);
const { StatsD } = createRequire(path.join(packages, 'any.js'))('hot-shots');

const client = new StatsD({ protocol: 'uds', path: datagrams, prefix: 'hsuds.' });
for (let i = 0; i < 1000; i++) client.increment('hits', 1, { zone: 'b' });
client.gauge('level', 3);
client.timing('took', 25);
client.event('deploy', 'over a socket');
client.close();
