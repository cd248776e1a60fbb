/** mtail: a log read line by line, pushed to StatsD over UDP and to carbon over TCP. */
import fs from 'node:fs';
import { freePort } from '../support/free-port.ts';
import { findDebian, flags } from './children.ts';
import type { Program } from './program.ts';

const COUNTING = `
counter lines_total
gauge last_len by kind
histogram lat buckets 1, 2, 4

/^(?P<kind>\\w+) (?P<len>\\d+)$/ {
  lines_total++
  last_len[$kind] = $len
  lat = $len
}
`;

export const mtail: Program = {
  name: 'mtail',
  from: 'Debian mtail',
  sends: 'a counter, gauges and a histogram (a StatsD line without a type) every second, both ways',
  find: () => findDebian('mtail'),
  async run(stage) {
    const server = await stage.open();
    stage.file('programs/count.mtail', COUNTING);
    const log = stage.file('app.log', '');
    const options = flags({
      progs: `${stage.folder}/programs`,
      logs: log,
      logtostderr: true,
      address: '127.0.0.1',
      port: await freePort(),
      metric_push_interval: '1s',
      poll_interval: '100ms',
      disable_fsnotify: true,
      statsd_hostport: `127.0.0.1:${server.port('statsd udp')}`,
      statsd_prefix: 'p.',
      graphite_host_port: `127.0.0.1:${server.port('carbon tcp')}`,
      graphite_prefix: 'm.',
    });
    const running = stage.start('/usr/bin/mtail', options);
    await stage.some(['stats_counts.p.count.mtail.lines_total'], 'it is up', (value) => value >= 0);
    if (running.isOver) throw new Error(running.how());
    fs.appendFileSync(log, 'foo 3\nbar 5\nfoo 1\n');
    await stage.latest({
      'm.count.mtail.lines_total': 3,
      'm.count.mtail.last_len.kind.foo': 1,
      'm.count.mtail.last_len.kind.bar': 5,
      'm.count.mtail.lat.count': 3,
      'stats.gauges.p.count.mtail.last_len.kind.foo': 1,
      'stats.gauges.p.count.mtail.last_len.kind.bar': 5,
      // It sends totals as if they were counts, the histogram's sum without a type.
      'stats_counts.p.count.mtail.lat': 9,
    });
    await running.stop();
  },
};
