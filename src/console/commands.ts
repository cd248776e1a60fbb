/**
 * The TCP side of StatsD's management consoles, the server's and the proxy's: one read of the socket
 * is one command, commands of a connection are answered in order, and floods are held back.
 */
import { once } from 'node:events';
import net from 'node:net';
import { UserError } from '../lib/errors.ts';
import { type Rejection, Rejections } from '../rejections/rejections.ts';

export interface ConsoleServer {
  address: string;
  port: number;
  /** Connections turned away. */
  rejections(): Rejection[];
  /** A second call waits for the first. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 64;
const TOO_MANY = 0;
/** Commands of one connection that may wait for their answers. */
const PENDING_MAX = 64;

/** The text that answers a command; undefined closes the connection. */
type Answer = (command: string) => string | undefined | Promise<string | undefined>;

interface CommandOptions {
  /** Epoch seconds. */
  nowSeconds(): number;
  /** Commands that come before this wait for it. */
  ready?: Promise<void>;
  /** Told what goes wrong while answering. */
  onError?(error: unknown): void;
}

/** Listens; throws a `portTaken` UserError when the port is not free. */
export async function listenForCommands(
  { address, port }: { address: string; port: number },
  answer: Answer,
  options: CommandOptions,
): Promise<ConsoleServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    converse(socket, answer, options);
  });
  server.maxConnections = CONNECTIONS_MAX;
  const rejected = new Rejections('console.refused', ['tooMany']);
  server.on('drop', (peer) => {
    const { remoteAddress, remotePort } = peer!; // TCP has one
    const example = `${remoteAddress} port ${remotePort}`;
    rejected.noteText(TOO_MANY, example, options.nowSeconds(), remoteAddress);
  });
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UserError(
      'portTaken',
      `management port ${port} on ${address} is taken by another process`,
    );
  }
  const closed = once(server, 'close').then(() => {});
  return {
    address,
    port: (server.address() as net.AddressInfo).port,
    rejections: () => rejected.list(),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

/** Answers a connection's commands one after the other, in the order they came. */
function converse(socket: net.Socket, answer: Answer, options: CommandOptions): void {
  let turn = options.ready ?? Promise.resolve();
  let pending = 0;
  const reply = async (command: string): Promise<void> => {
    try {
      const text = await answer(command);
      if (text === undefined) socket.end();
      else if (socket.writable) socket.write(text);
    } catch (error) {
      options.onError?.(error);
      if (socket.writable) socket.write('ERROR\n');
    }
    pending -= 1;
    socket.resume();
  };
  socket.on('data', (data: Buffer) => {
    pending += 1;
    // Held back only under a flood: reading on keeps two quick commands two reads.
    if (pending >= PENDING_MAX) socket.pause();
    const command = data.toString('utf8');
    turn = turn.then(() => reply(command));
  });
  // A peer that goes away in the middle is its own business.
  socket.on('error', () => socket.destroy());
}
