/**
 * StatsD's proxy: lines in over UDP or TCP, out over UDP to the node that their key belongs to, with
 * the nodes' health watched and a management console of its own. Source: StatsD's `proxy.js` as
 * documented and measured; the ring gives every key the same node.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { type ConsoleServer, listenForCommands } from '../console/commands.ts';
import { configText } from '../console/config-text.ts';
import { type Listener, listening, listenTcp } from '../lib/listen.ts';
import { NodeHealth } from './node-health.ts';
import type { ProxyConfig } from './proxy-config.ts';
import { Router } from './router.ts';
import { counted } from '../lib/counted.ts';

const HELP = 'Commands: config, health, status, quit\n\n';
/** An unterminated line of a TCP sender may be so long. */
const LINE_BYTES_MAX = 65_536;
const KIND = { rival: 'another StatsD', flag: 'port', addressFlag: 'host' };
const CONNECTIONS_MAX = 1024;

interface ProxyLog {
  info(message: string): void;
  warn(message: string): void;
}

export interface RunningProxy {
  /** Of the StatsD listener and of the console, which may be off. */
  port: number;
  managementPort: number | undefined;
  stop(): Promise<void>;
}

/** Listens and forwards; throws a `portTaken` UserError when a port is not free. */
export async function startProxy(config: ProxyConfig, log: ProxyLog): Promise<RunningProxy> {
  const proxy = new Proxying(config, log);
  try {
    return await proxy.start();
  } catch (error) {
    await proxy.stop();
    throw error;
  }
}

class Proxying {
  private readonly config: ProxyConfig;
  private readonly log: ProxyLog;
  private readonly names: string[];
  private readonly router: Router;
  private readonly out: dgram.Socket[];
  private readonly startedMs = performance.now();
  private health: NodeHealth | undefined;
  private input: Listener | undefined;
  private console: ConsoleServer | undefined;
  private word = 'up';
  private flushing = false;
  private complained = false;
  /** Datagrams that could not be sent. */
  private failed = 0;
  /** Connections turned away, or cut off in a line that is too long. */
  private refused = 0;

  constructor(config: ProxyConfig, log: ProxyLog) {
    this.config = config;
    this.log = log;
    this.names = config.nodes.map(({ host, port }) => `${host}:${port}`);
    this.out = config.nodes.map(({ host }) => {
      const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
      // A node that is down answers datagrams with errors; its health says so already.
      socket.on('error', () => {});
      return socket;
    });
    this.router = new Router(this.names, config.cacheSize, (node, datagram) => {
      const { host, port } = config.nodes[node]!; // one a name
      this.out[node]!.send(datagram, port, host, (error) => {
        if (error !== null) this.failed += 1;
      });
    });
  }

  async start(): Promise<RunningProxy> {
    const { config } = this;
    const take = (packet: Buffer): void => this.take(packet);
    const refused = (): void => void (this.refused += 1);
    this.input = await (config.protocol === 'udp' ? listenUdp : listenLines)(config, take, refused);
    if (config.management !== undefined) {
      const answer = (command: string): string | undefined => this.answer(command);
      const nowSeconds = (): number => Math.floor(Date.now() / 1000);
      this.console = await listenForCommands(config.management, answer, { nowSeconds });
    }
    this.health = new NodeHealth(config.nodes, config.checkIntervalMs, (index, up) =>
      this.changed(index, up),
    );
    return {
      port: this.input.port,
      managementPort: this.console?.port,
      stop: () => this.stop(),
    };
  }

  async stop(): Promise<void> {
    this.health?.stop();
    await this.input?.close();
    this.router.flush();
    await this.console?.close();
    await Promise.all(this.out.map((socket) => new Promise<void>((done) => socket.close(done))));
  }

  private take(packet: Buffer): void {
    const { droppedLines } = this.router.counts;
    this.router.route(packet);
    if (this.router.counts.droppedLines > droppedLines && !this.complained) {
      this.complained = true;
      this.log.warn('no node is up: lines are dropped');
    }
    if (this.flushing) return;
    this.flushing = true;
    // Datagrams that are waiting already are read in this turn: their lines travel together.
    setImmediate(() => {
      this.flushing = false;
      this.router.flush();
    });
  }

  private changed(index: number, up: boolean): void {
    const living = this.living();
    this.router.use(living);
    if (living.length > 0) this.complained = false;
    const message = `node ${this.names[index]} is ${up ? 'up' : 'down'}, ${counted(living.length, 'is', 'are')} up`;
    if (up) this.log.info(message);
    else this.log.warn(message);
  }

  private living(): number[] {
    return this.names.map((_, i) => i).filter((i) => this.health?.isUp(i) !== false);
  }

  /** As StatsD's proxy answers; undefined closes the connection. */
  private answer(text: string): string | undefined {
    const [command = '', word] = text.trim().split(' ');
    switch (command) {
      case 'help':
        return HELP;
      case 'config':
        return configText(this.config.raw);
      case 'health':
        if (word === 'up' || word === 'down') this.word = word;
        return `health: ${this.word}\n`;
      case 'status':
        return this.status();
      case 'quit':
        return undefined;
      default:
        return 'ERROR\n';
    }
  }

  private status(): string {
    const { lines, datagrams, droppedLines } = this.router.counts;
    const refused = this.refused + (this.console?.rejections()[0]?.count ?? 0);
    const uptime = Math.floor((performance.now() - this.startedMs) / 1000);
    const nodes = this.living().map((index) => `${this.names[index]} `);
    return (
      `uptime: ${uptime}\nnodes: ${nodes.join('')}\n` +
      `lines: ${lines}\ndatagrams: ${datagrams}\ndropped: ${droppedLines}\n` +
      `failed: ${this.failed}\nrefused: ${refused}\n`
    );
  }
}

async function listenUdp(config: ProxyConfig, take: (packet: Buffer) => void): Promise<Listener> {
  const ipv6 = config.ipv6 || net.isIPv6(config.address);
  const socket = dgram.createSocket(ipv6 ? 'udp6' : 'udp4');
  socket.on('message', take);
  socket.bind(config.port, config.address);
  await listening(socket, placeOf(config), KIND);
  return {
    port: socket.address().port,
    close: () => new Promise((done) => socket.close(() => done())),
  };
}

function listenLines(
  config: ProxyConfig,
  take: (packet: Buffer) => void,
  refused: () => void,
): Promise<Listener> {
  const server = net.createServer((socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
      const end = bytes.lastIndexOf('\n') + 1;
      take(bytes.subarray(0, end));
      rest = bytes.subarray(end);
      if (rest.length <= LINE_BYTES_MAX) return;
      refused();
      socket.destroy();
    });
    socket.on('end', () => take(rest));
    socket.on('error', () => socket.destroy());
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on('drop', refused);
  return listenTcp(server, config, placeOf(config), KIND);
}

function placeOf({ protocol, port, address }: ProxyConfig): string {
  return `${protocol.toUpperCase()} port ${port} on ${address}`;
}
