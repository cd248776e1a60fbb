/** glances' two exports; what it measures of this machine is known from elsewhere. */
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { findDebian, flags } from './children.ts';
import type { Found, Program } from './program.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 3;

/** Debian's glances imports what its exports need only when they are asked for. */
function findModule(module: string, hint: string): Found {
  const found = findDebian('glances');
  if ('missing' in found) return found;
  const { status } = spawnSync('/usr/bin/python3', ['-c', `import ${module}`]);
  return status === 0 ? found : { missing: `Python's module ${module} (${hint})` };
}

async function exportTo(stage: Stage, kind: string, port: number, more = ''): Promise<void> {
  const text = `[${kind}]\nhost=127.0.0.1\nport=${port}\nprefix=gl\n${more}`;
  const file = stage.file('glances.conf', text);
  const options = flags({
    config: file,
    export: kind,
    quiet: true,
    time: 1,
    'stop-after': ROUNDS,
    'disable-plugin': 'docker,cloud,ip,ports,sensors,wifi,gpu,smart,raid,folders,alert,irq',
  });
  await stage.script('/usr/bin/glances', ...options);
}

export const glancesStatsd: Program = {
  name: 'glances --export statsd',
  from: 'Debian glances, python3-statsd',
  sends: `${ROUNDS} rounds of every number of this machine as gauges`,
  find: () => findModule('statsd', 'Debian package python3-statsd'),
  async run(stage) {
    const server = await stage.open();
    await exportTo(stage, 'statsd', server.port('statsd udp'));
    await stage.latest({
      'stats.gauges.gl.load.cpucore': os.cpus().length,
      'stats.gauges.gl.mem.total': os.totalmem(),
    });
    await stage.some(['stats.gauges.gl.mem.percent'], 'percent', (v) => v > 0 && v <= 100);
  },
};

export const glancesGraphite: Program = {
  name: 'glances --export graphite',
  from: 'Debian glances',
  sends: `${ROUNDS} rounds of every number of this machine over TCP`,
  find: () => findModule('graphitesend', 'on PyPI, not in Debian'),
  async run(stage) {
    const server = await stage.open();
    await exportTo(stage, 'graphite', server.port('carbon tcp'), 'system_name=web\n');
    await stage.latest({
      'gl.web.load.cpucore': os.cpus().length,
      'gl.web.mem.total': os.totalmem(),
    });
  },
};
