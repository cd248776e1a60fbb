/**
 * A TCP port in front of another: passes bytes on, ends as the other side ends, and remembers the
 * Graphite lines that went through.
 */
import { once } from 'node:events';
import net from 'node:net';

export interface GraphiteLine {
  name: string;
  value: number;
  time: number;
}

export interface Passage {
  readonly lines: GraphiteLine[];
  /** Milliseconds of `performance.now()` at which the last bytes came, and at which it ended. */
  lastMs: number;
  endMs: number;
  /** How the far side ended it: a reset says that it left bytes unread. */
  end: 'open' | 'cleanly' | 'reset';
}

export class Tap {
  readonly port: number;
  /** One for each connection, oldest first. */
  readonly passages: Passage[] = [];
  private readonly to: number;
  private readonly sockets = new Set<net.Socket>();
  private server: net.Server | undefined;

  constructor(port: number, to: number) {
    this.port = port;
    this.to = to;
  }

  /** Takes connections. */
  async open(): Promise<void> {
    this.server = net.createServer((near) => this.join(near)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Refuses connections from now on, as a port does that nobody has. */
  refuse(): void {
    this.server?.close();
    this.server = undefined;
  }

  close(): void {
    this.refuse();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Whole lines of a series, a list for each connection, in the order of their coming. */
  lines(name: string): GraphiteLine[][] {
    return this.passages.map(({ lines }) => lines.filter((line) => line.name === name));
  }

  private join(near: net.Socket): void {
    const passage: Passage = { lines: [], lastMs: performance.now(), end: 'open', endMs: Infinity };
    this.passages.push(passage);
    const far = net.connect(this.to, '127.0.0.1');
    let tail = '';
    near.on('data', (bytes) => {
      passage.lastMs = performance.now();
      const lines = (tail + bytes.toString()).split('\n');
      tail = lines.pop() ?? '';
      for (const line of lines) {
        const [name, value, time] = line.split(' ');
        passage.lines.push({ name: name!, value: Number(value), time: Number(time) });
      }
    });
    near.pipe(far);
    far.pipe(near);
    const ended = (end: Passage['end']): void => {
      if (passage.end === 'open') Object.assign(passage, { end, endMs: performance.now() });
    };
    far.on('end', () => ended('cleanly'));
    far.on('error', () => {
      ended('reset');
      near.resetAndDestroy();
    });
    near.on('error', () => far.destroy());
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        (socket === near ? far : near).end();
      });
    }
  }
}
