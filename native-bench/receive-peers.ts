/**
 * Other StatsD servers for the receive bench, where this machine has them: the real StatsD (npm
 * `statsd`, installed for the run), netdata's and collectd's, both in C (Debian's `netdata-core` and
 * `collectd-core`). Each takes StatsD lines on one UDP port and flushes every second; all else of
 * theirs is off. They do not tell what they received, so what the kernel did not drop counts as
 * taken: the kindest reading.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.ts';
import { cpuSecondsOf } from './process-time.ts';
import { has, pin, type Mark, type Subject } from './receive-subject.ts';

const STATSD = 'statsd@0.9.0';
const UP_MS_MAX = 20_000;

interface Peer {
  name: string;
  /** What is missing on this machine; undefined: nothing. */
  missing(): string | undefined;
  /** Writes its configuration into the folder; the command that runs it in the foreground. */
  command(folder: string, port: number): string[];
}

const PEERS: Peer[] = [
  {
    name: 'npm statsd',
    missing: () => undefined,
    command(folder, port) {
      const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
      const main = join(folder, 'node_modules/statsd/stats.js');
      if (!existsSync(main)) {
        const install = ['install', '--prefix', folder, ...quiet, STATSD];
        execFileSync('npm', install, { stdio: 'ignore' });
      }
      const config = { address: '127.0.0.1', port, mgmt_port: 0, flushInterval: 1000 };
      const file = join(folder, 'statsd.js');
      writeFileSync(file, JSON.stringify({ ...config, backends: [] }));
      return [process.execPath, main, file];
    },
  },
  {
    name: 'netdata (C)',
    missing: () => (has('netdata', '-v') ? undefined : "Debian's netdata-core"),
    command(folder, port) {
      const at = (name: string): string => {
        mkdirSync(join(folder, name), { recursive: true });
        return join(folder, name);
      };
      const off = ['timex', 'checks', 'idlejitter', 'tc', 'diskspace', 'proc', 'cgroups', 'apps'];
      off.push('perf', 'slabinfo', 'nfacct', 'loopsleepms', 'netdata monitoring');
      const file = join(folder, 'netdata.conf');
      const sections = {
        global: [`run as user = ${userInfo().username}`],
        directories: ['cache', 'lib', 'log', 'config'].map((name) => `${name} = ${at(name)}`),
        logs: ['debug = none', 'error = none', 'access = none'],
        db: ['mode = none'],
        plugins: ['statsd = yes', 'enable running new plugins = no'].concat(
          off.map((name) => `${name} = no`),
        ),
        web: ['mode = none'],
        ml: ['enabled = no'],
        health: ['enabled = no'],
        cloud: ['enabled = no'],
        statsd: ['enabled = yes', `bind to = udp:127.0.0.1:${port}`],
      };
      writeFileSync(
        file,
        Object.entries(sections)
          .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
          .join('\n'),
      );
      return ['netdata', '-D', '-c', file];
    },
  },
  {
    name: 'collectd (C)',
    missing: () => (has('collectd', '-h') ? undefined : "Debian's collectd-core"),
    command(folder, port) {
      const file = join(folder, 'collectd.conf');
      writeFileSync(
        file,
        `BaseDir "${folder}"\nPIDFile "${folder}/pid"\nInterval 1\nLoadPlugin statsd\n` +
          `<Plugin statsd>\nHost "127.0.0.1"\nPort "${port}"\nTimerPercentile 90.0\n</Plugin>\n`,
      );
      return ['collectd', '-f', '-C', file];
    },
  },
];

/** Starters of those that can run here; the others are named, with what they need. */
export function peerStarters(folder: string): (() => Promise<Subject>)[] {
  return PEERS.flatMap((peer) => {
    const missing = peer.missing();
    if (missing === undefined)
      return [() => start(peer, join(folder, peer.name.replaceAll(/\W/g, '')))];
    console.log(`SKIPPED ${peer.name}: needs ${missing}`);
    return [];
  });
}

async function start(peer: Peer, folder: string): Promise<Subject> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const [command, args] = pin(1, peer.command(folder, port));
  const child = spawn(command, args, { stdio: 'ignore' });
  const stop = async (): Promise<undefined> => {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await ended;
  };
  const deadline = performance.now() + UP_MS_MAX;
  while (socketAt(port) === undefined) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`${peer.name} did not open UDP port ${port}`);
    }
    await delay(50);
  }
  return {
    name: peer.name,
    port,
    mark: () => {
      const socket = socketAt(port);
      if (socket === undefined) throw new Error(`${peer.name} closed its port`);
      return Promise.resolve({ datagrams: NaN, ...socket, cpuUs: cpuSecondsOf(child.pid!) * 1e6 }); // it runs
    },
    stop,
  };
}

/** The row of `/proc/net/udp` of a port: what waits there, and what the kernel dropped. */
function socketAt(port: number): Pick<Mark, 'drops' | 'queued'> | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync('/proc/net/udp', 'latin1').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(wanted) !== true) continue;
    const queued = Number.parseInt(fields[4]!.split(':')[1]!, 16); // tx_queue:rx_queue
    return { queued, drops: Number(fields.at(-1)) };
  }
  return undefined;
}
