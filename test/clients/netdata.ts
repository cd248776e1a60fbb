/**
 * netdata both ways: its Graphite exporter into our carbon port, and our repeater into its own
 * StatsD, whose numbers come back with the export.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../support/free-port.ts';
import { findDebian } from './children.ts';
import type { Program } from './program.ts';

/** netdata tells tags of the host with each of its series. */
const TAGS = '_has_unstable_connection=false;_is_ephemeral=false';

function mainFile(folder: string, ports: { web: number; statsd: number }): string {
  return `
[global]
  run as user = ${os.userInfo().username}
  hostname = ndhost
[directories]
  config = ${folder}
  cache = ${folder}/cache
  lib = ${folder}/lib
  log = ${folder}/log
[logs]
  error = stderr
[db]
  mode = alloc
  update every = 1
[web]
  bind to = 127.0.0.1:${ports.web}
[health]
  enabled = no
[ml]
  enabled = no
[plugins]
  apps = no
  cgroups = no
  checks = no
  diskspace = no
  ebpf = no
  perf = no
  slabinfo = no
  nfacct = no
  tc = no
  idlejitter = no
[statsd]
  enabled = yes
  bind to = udp:127.0.0.1:${ports.statsd}
  update every (flushInterval) = 1
`;
}

function exportFile(port: number): string {
  return `
[exporting:global]
  enabled = yes
  update every = 1
[graphite:tallyd]
  enabled = yes
  destination = 127.0.0.1:${port}
  data source = average
  prefix = nd
  update every = 1
  send charts matching = statsd_* system.*
`;
}

export const netdata: Program = {
  name: 'netdata',
  from: 'Debian netdata-core',
  sends: 'the Graphite exporter over TCP, tags included; its StatsD is fed by our repeater',
  find: () => findDebian('netdata-core'),
  async run(stage) {
    const ports = { statsd: await freePort(), web: await freePort() };
    const server = await stage.open({
      backends: ['./backends/repeater'],
      repeater: [{ host: '127.0.0.1', port: ports.statsd }],
    });
    for (const name of ['cache', 'lib', 'log']) fs.mkdirSync(path.join(stage.folder, name));
    const file = stage.file('netdata.conf', mainFile(stage.folder, ports));
    stage.file('exporting.conf', exportFile(server.port('carbon tcp')));
    const running = stage.start('/usr/sbin/netdata', ['-D', '-c', file]);
    await stage.some(
      [`nd.ndhost.system.uptime.uptime;${TAGS}`, `nd.ndhost.system.ram.used;${TAGS}`],
      'above 0',
      (value) => value > 0,
    );
    if (running.isOver) throw new Error(running.how());
    await stage.send('level:42.5|g', 'hits:20|c', 'users:alice|s\nusers:bob|s');
    await stage.latest({ [`nd.ndhost.statsd_level.gauge.gauge;${TAGS}`]: 42.5 });
    // It spreads a count over the seconds on both sides of it.
    await stage.some(
      [`integral(nd.ndhost.statsd_hits.counter.counter;${TAGS})`],
      'about 20 hits',
      (value) => Math.abs(value - 20) < 0.01,
    );
    await running.stop();
  },
};
