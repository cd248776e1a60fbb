/** A TCP peer for senders: takes what comes, lets it lie unread, or hangs up. */
import { once } from 'node:events';
import net from 'node:net';

type Manner = 'reads' | 'neverReads' | 'readsAndForgets' | 'resets' | 'ends';

export class TcpPeer {
  text = '';
  connections = 0;
  /** When each came, by `performance.now()`. */
  readonly cameMs: number[] = [];
  port = 0;
  manner: Manner;
  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();

  constructor(manner: Manner = 'reads') {
    this.manner = manner;
  }

  /** On the port it had before, where it had one. */
  async open(): Promise<void> {
    const pauseOnConnect = this.manner === 'neverReads';
    this.server = net.createServer({ pauseOnConnect }, (socket) => this.take(socket));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server!, 'close'); // it was opened
    this.server!.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** First words of the lines that came, each once, in the order of their first coming. */
  lines(): string[] {
    return [...new Set(this.text.split('\n').slice(0, -1))];
  }

  private take(socket: net.Socket): void {
    this.connections += 1;
    this.cameMs.push(performance.now());
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    if (this.manner === 'reads') socket.on('data', (data) => (this.text += data.toString()));
    if (this.manner === 'readsAndForgets') socket.resume();
    if (this.manner === 'resets') socket.resetAndDestroy();
    if (this.manner === 'ends') socket.end();
  }
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const peer = new TcpPeer();
  await peer.open();
  await peer.close();
  return peer.port;
}
