/**
 * collectd both ways: its write_graphite into our carbon port over TCP, UDP and with tags, and our
 * repeater into its statsd plugin, whose numbers come back the same way.
 */
import { cpus } from 'node:os';
import { freePort } from '../support/free-port.ts';
import { findDebian } from './children.ts';
import type { Program } from './program.ts';

const LINES = [
  'level:42.5|g',
  'hits:20|c',
  'hits:1|c|@0.1',
  'took:10|ms\ntook:20|ms\ntook:30|ms',
  'users:alice|s\nusers:bob|s',
];

function configFile(ports: { statsd: number; carbonTcp: number; carbonUdp: number }): string {
  const node = (name: string, protocol: string, port: number, more: string): string => `
  <Node "${name}">
    Host "127.0.0.1"
    Port "${port}"
    Protocol "${protocol}"
    Prefix "${name}."
    ${more}
  </Node>`;
  return `
Hostname "web.example"
FQDNLookup false
Interval 1
LoadPlugin logfile
<Plugin logfile>
  File stderr
</Plugin>
LoadPlugin cpu
<Plugin cpu>
  ReportNumCpu true
  ReportByState false
</Plugin>
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "${ports.statsd}"
  TimerLower true
  TimerUpper true
  TimerSum true
  TimerCount true
</Plugin>
LoadPlugin write_graphite
<Plugin write_graphite>${node('tcp', 'tcp', ports.carbonTcp, 'StoreRates false')}
${node('udp', 'udp', ports.carbonUdp, 'StoreRates false\n    SeparateInstances true')}
${node('tagged', 'tcp', ports.carbonTcp, 'StoreRates false\n    UseTags true')}
</Plugin>
`;
}

export const collectd: Program = {
  name: 'collectd',
  from: 'Debian collectd-core',
  sends:
    'write_graphite over TCP, UDP and with tags; its statsd plugin is fed by our repeater with ' +
    `${LINES.length} packets`,
  find: () => findDebian('collectd-core'),
  async run(stage) {
    const statsd = await freePort();
    const server = await stage.open({
      backends: ['./backends/repeater'],
      repeater: [{ host: '127.0.0.1', port: statsd }],
    });
    const ports = {
      statsd,
      carbonTcp: server.port('carbon tcp'),
      carbonUdp: server.port('carbon udp'),
    };
    const file = stage.file('collectd.conf', configFile(ports));
    const running = stage.start('/usr/sbin/collectd', ['-f', '-C', file]);
    const processors = cpus().length;
    await stage.latest({
      'tcp.web_example.cpu.count': processors,
      'udp.web_example.cpu.count': processors,
      'tagged.cpu.count;host=web.example;plugin=cpu;type=count': processors,
    });
    if (running.isOver) throw new Error(running.how());
    await stage.send(...LINES);
    const tagged = (kind: string, name: string): string =>
      `tagged.statsd.${kind};host=web.example;plugin=statsd;type=${kind};type_instance=${name}`;
    await stage.latest({
      'tcp.web_example.statsd.gauge-level': 42.5,
      'udp.web_example.statsd.gauge.level': 42.5,
      [tagged('gauge', 'level')]: 42.5,
      'tcp.web_example.statsd.derive-hits': 30,
      'udp.web_example.statsd.derive.hits': 30,
      [tagged('derive', 'hits')]: 30,
    });
    await stage.sums({
      'tcp.web_example.statsd.gauge-took-count': 3,
      'udp.web_example.statsd.gauge.took-count': 3,
      [tagged('gauge', 'took-count')]: 3,
      'tcp.web_example.statsd.objects-users': 2,
      [tagged('objects', 'users')]: 2,
    });
    // Seconds, in collectd's own binary fractions.
    await stage.some(
      ['maxSeries(tcp.web_example.statsd.latency-took-sum)'],
      'about 0.06 s',
      (value) => Math.abs(value - 0.06) < 1e-6,
    );
    await stage.sees('/metrics: nan of an idle timer dropped and counted', true, async () => {
      const page = await (await server.get('/metrics')).text();
      return /(not_finite_total|reason="notFinite"\}) [1-9]/.test(page);
    });
    await running.stop();
  },
};
