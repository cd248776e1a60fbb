/**
 * Good senders that go on while bad ones are at work: a counter over TCP, one over paced UDP, points
 * over carbon's plaintext and pickle ports. In the end everything they sent must be there.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface GoodPorts {
  statsdTcp: number;
  statsdUdp: number;
  carbon: number;
  pickle: number;
}

export interface GoodCounts {
  tcp: number;
  udp: number;
  plaintext: number;
  pickled: number;
}

const PAUSE_MS = 5;
const LINES_A_TURN = 20;
/** Points go round in a window that both the store and carbon's rules take. */
const WINDOW = 300;

export class GoodSenders {
  readonly sent: GoodCounts = { tcp: 0, udp: 0, plaintext: 0, pickled: 0 };
  /** By series and second: what was sent last. */
  readonly points = new Map<string, Map<number, number>>();
  private readonly startSeconds = Math.floor(Date.now() / 1000) - WINDOW - 60;
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(ports: GoodPorts) {
    this.running = Promise.all([
      this.sendStatsd(ports.statsdTcp),
      this.sendDatagrams(ports.statsdUdp),
      this.sendPlaintext(ports.carbon),
      this.sendPickles(ports.pickle),
    ]).then(() => undefined);
  }

  /** Sends what is begun, closes; rejects when a connection was lost. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async sendStatsd(port: number): Promise<void> {
    await this.stream(port, () => {
      this.sent.tcp += LINES_A_TURN;
      return Buffer.from('good.tcp:1|c\n'.repeat(LINES_A_TURN));
    });
  }

  private async sendDatagrams(port: number): Promise<void> {
    const socket = dgram.createSocket('udp4');
    while (!this.stopping) {
      await new Promise<void>((resolve, reject) => {
        socket.send('good.udp:1|c\ngood.udp:1|c', port, '127.0.0.1', (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
      this.sent.udp += 2;
      await delay(PAUSE_MS);
    }
    socket.close();
  }

  private async sendPlaintext(port: number): Promise<void> {
    await this.stream(port, () => {
      const { name, time, value } = this.nextPoint('plaintext');
      return Buffer.from(`${name} ${value} ${time}\n`);
    });
  }

  private async sendPickles(port: number): Promise<void> {
    await this.stream(port, () => {
      const { name, time, value } = this.nextPoint('pickled');
      const pickle = Buffer.from(`(l(S'${name}'\n(I${time}\nF${value}\ntta.`);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(pickle.length);
      return Buffer.concat([head, pickle]);
    });
  }

  private nextPoint(kind: 'plaintext' | 'pickled'): { name: string; time: number; value: number } {
    const number = this.sent[kind]++;
    const name = `good.${kind}.s${number % 7}`;
    const time = this.startSeconds + (Math.floor(number / 7) % WINDOW);
    const points = this.points.get(name) ?? new Map<number, number>();
    this.points.set(name, points.set(time, number));
    return { name, time, value: number };
  }

  private async stream(port: number, next: () => Buffer): Promise<void> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const lost = new Promise<never>((_, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        if (!this.stopping) reject(new Error(`port ${port} closed a good sender's connection`));
      });
    });
    lost.catch(() => {});
    const run = async (): Promise<void> => {
      while (!this.stopping) {
        if (!socket.write(next())) await once(socket, 'drain');
        await delay(PAUSE_MS);
      }
      socket.end();
      if (!socket.closed) await once(socket, 'close');
    };
    await Promise.race([run(), lost]);
  }
}
