/**
 * `tallyd proxy` before three tallyds, as processes: the 60 recorded keys go where StatsD's own proxy
 * sends them; one server is killed and comes back, and only its keys move.
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../support/free-port.ts';
import { ROOT, TALLYD } from '../support/program.ts';
import { Server } from '../support/server.ts';
import { until } from '../support/until.ts';
import type { Program } from './program.ts';
import type { Running } from './children.ts';
import type { Stage } from './stage.ts';

/** Of each round, so that a node's sum of a key tells in which rounds it got it. */
const ROUNDS = { whole: 1, without: 10, again: 100 } as const;

interface Recorded {
  nodes: string[];
  map: Record<string, string>;
}

class Node {
  readonly port: number;
  readonly adminPort: number;
  private readonly folder: string;
  private server: Server | undefined;

  constructor(folder: string, port: number, adminPort: number) {
    this.folder = folder;
    this.port = port;
    this.adminPort = adminPort;
  }

  async start(): Promise<void> {
    const ports = ['--port', String(this.port), '--mgmt-port', String(this.adminPort)];
    this.server = await Server.start(ports, this.folder);
  }

  async kill(): Promise<void> {
    await this.server?.signal('SIGKILL');
  }

  async remove(): Promise<void> {
    await this.server?.remove();
  }

  /** What it counted of each key. */
  async counts(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const [name, points] of await this.server!.render('stats_counts.key.*')) {
      const sum = points.reduce((total, { value }) => total + (value ?? 0), 0);
      counts.set(name.replace('stats_counts.', ''), sum);
    }
    return counts;
  }

  async datagrams(): Promise<number> {
    const health = await this.server!.json<{ receive: { datagrams: number } }>('/health');
    return health.receive.datagrams;
  }
}

export const proxyNodes: Program = {
  name: 'tallyd proxy, a node of 3 killed',
  from: 'this project',
  sends: '60 keys in one datagram to the proxy, three times: all up, one killed, all up again',
  find: () => ({ version: '-' }),
  async run(stage) {
    const recorded = JSON.parse(
      fs.readFileSync(path.join(ROOT, 'test/conformance/statsd/proxy_map.json'), 'utf8'),
    ) as Recorded;
    const keys = Object.keys(recorded.map);
    const nodes: Node[] = [];
    for (const address of recorded.nodes) {
      // The ring is made of addresses: with others every key would be elsewhere.
      const port = Number(address.split(':')[1]);
      const node = new Node(path.join(stage.folder, String(port)), port, await freePort());
      stage.atEnd(async () => node.remove());
      await node.start();
      nodes.push(node);
    }
    const proxy = await startProxy(stage, nodes);
    const send = async (value: number): Promise<void> => {
      const packet = keys.map((key) => `${key}:${value}|c`).join('\n');
      const socket = dgram.createSocket('udp4');
      await new Promise<void>((resolve) =>
        socket.send(packet, proxyPort(proxy), '127.0.0.1', () => resolve()),
      );
      socket.close();
    };
    const dead = nodes[1]!;

    await send(ROUNDS.whole);
    const whole = await ownersOf(nodes, keys.length, ROUNDS.whole);
    const portsOf = (owners: Map<string, Node>): Record<string, string> =>
      Object.fromEntries(keys.map((key) => [key, String(owners.get(key)?.port)]));
    stage.notes('keys not where StatsD sends them', [], differing(portsOf(whole), recorded.map));
    stage.notes('datagrams a node', [1, 1, 1], await Promise.all(nodes.map((n) => n.datagrams())));

    await dead.kill();
    await until(() => /is down, 2 are up/.test(proxy.stderr), 'the proxy sees it');
    await send(ROUNDS.without);
    const alive = nodes.filter((node) => node !== dead);
    const without = await ownersOf(alive, keys.length, ROUNDS.without);
    const moved = keys.filter((key) => without.get(key) !== whole.get(key));
    const ofDead = keys.filter((key) => whole.get(key) === dead);
    stage.notes('keys that moved while it was dead', ofDead.length, moved.length);
    stage.notes('of them its own', ofDead, moved);
    stage.notes('keys that came nowhere', 0, keys.length - without.size);

    await dead.start();
    await until(() => /is up, 3 are up/.test(proxy.stderr), 'the proxy sees it again');
    await send(ROUNDS.again);
    const again = await ownersOf(nodes, keys.length, ROUNDS.again);
    stage.notes('keys elsewhere when it is back', [], differing(portsOf(again), recorded.map));
    await proxy.stop();
    stage.notes('the proxy exits with', 0, proxy.child.exitCode);
  },
};

async function startProxy(stage: Stage, nodes: readonly Node[]): Promise<Running> {
  const config = {
    nodes: nodes.map(({ port, adminPort }) => ({ host: '127.0.0.1', port, adminport: adminPort })),
    host: '127.0.0.1',
    port: 0,
    mgmt_port: 0,
    checkInterval: 200,
  };
  const file = stage.file('proxyConfig.js', JSON.stringify(config));
  const args = [...TALLYD, 'proxy', '--config', file];
  const proxy = stage.children.start(process.execPath, args, { cwd: ROOT });
  const isUp = (): boolean => /proxy is up/.test(proxy.stderr);
  await until(() => isUp() || proxy.isOver, 'the proxy starts');
  if (proxy.isOver) throw new Error(proxy.how());
  return proxy;
}

function proxyPort(proxy: Running): number {
  return Number(/proxy is up: udp \S+?:(\d+)/.exec(proxy.stderr)?.[1]);
}

/** Which node counted each key in a round, told by that round's digit; waits for so many keys. */
async function ownersOf(
  nodes: readonly Node[],
  count: number,
  round: number,
): Promise<Map<string, Node>> {
  let owners = new Map<string, Node>();
  const all = async (): Promise<boolean> => {
    owners = new Map();
    for (const node of nodes) {
      for (const [key, sum] of await node.counts()) {
        if (Math.floor(sum / round) % 10 === 1) owners.set(key, node);
      }
    }
    return owners.size === count;
  };
  await until(all, `${count} keys of round ${round}`).catch(() => {});
  return owners;
}

function differing(actual: Record<string, string>, expected: Record<string, string>): string[] {
  return Object.keys(expected).filter((key) => actual[key] !== expected[key]);
}
