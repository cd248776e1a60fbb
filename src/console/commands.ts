/**
 * The TCP side of StatsD's management consoles, the server's and the proxy's: one read of the socket
 * is one command, commands of a connection are answered in order, and floods are held back.
 */
import net from 'node:net';
import type { ListenerKind } from '../lib/bind-error.ts';
import { listenTcp, type Listener } from '../lib/listen.ts';
import { type Rejection, Rejections } from '../rejections/rejections.ts';
import { HttpWatch } from './http-line.ts';

export interface ConsoleServer extends Listener {
  address: string;
  /** Connections turned away. */
  rejections(): Rejection[];
}

const MANAGEMENT: ListenerKind = {
  rival: 'another StatsD or tallyd',
  flag: '--mgmt-port',
  addressFlag: '--mgmt-address',
};
const CONNECTIONS_MAX = 64;
const TOO_MANY = 0;
/** Commands of one connection that may wait for their answers. */
const PENDING_MAX = 64;

/** The text that answers a command; undefined closes the connection. */
type Answer = (command: string) => string | undefined | Promise<string | undefined>;

interface CommandOptions {
  /** The commands of one read; without it a read is one. */
  commandsOf?(read: string): string[];
  /** Epoch seconds. */
  nowSeconds(): number;
  /** Commands that come before this wait for it. */
  ready?: Promise<void>;
  /** Told what goes wrong while answering. */
  onError?(error: unknown): void;
}

/** Listens; throws a `portTaken` UserError when the port is not free. */
export async function listenForCommands(
  bind: { address: string; port: number },
  answer: Answer,
  options: CommandOptions,
): Promise<ConsoleServer> {
  const server = net.createServer((socket) => converse(socket, answer, options));
  const rejected = new Rejections('console.refused', ['tooMany']);
  makeRoom(server, ({ remoteAddress, remotePort }) => {
    const example = `${remoteAddress} port ${remotePort}`;
    rejected.noteText(TOO_MANY, example, options.nowSeconds(), remoteAddress);
  });
  const place = `management port ${bind.port} on ${bind.address}`;
  const listener = await listenTcp(server, bind, place, MANAGEMENT);
  return { ...listener, address: bind.address, rejections: () => rejected.list() };
}

/** Of too many connections the one that has been silent longest gives way. */
function makeRoom(server: net.Server, onTooMany: (socket: net.Socket) => void): void {
  /** The longest silent first. */
  const silent = new Set<net.Socket>();
  server.on('connection', (socket) => {
    const [longest] = silent;
    if (longest !== undefined && silent.size >= CONNECTIONS_MAX) {
      onTooMany(longest);
      silent.delete(longest);
      longest.destroy();
    }
    silent.add(socket);
    socket.on('data', () => {
      silent.delete(socket);
      silent.add(socket);
    });
    socket.once('close', () => silent.delete(socket));
  });
}

/** Answers a connection's commands one after the other, in the order they came. */
function converse(socket: net.Socket, answer: Answer, options: CommandOptions): void {
  let turn = options.ready ?? Promise.resolve();
  let pending = 0;
  const watch = new HttpWatch();
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
  const take = (data: Buffer): void => {
    const read = data.toString('utf8');
    const request = watch.lineIn(read);
    const commands = request === undefined ? (options.commandsOf?.(read) ?? [read]) : [];
    pending += commands.length;
    // Held back only under a flood: reading on keeps two quick commands two reads.
    if (pending >= PENDING_MAX) socket.pause();
    for (const command of commands) turn = turn.then(() => reply(command));
    if (request === undefined) return;
    // What follows may be a web page's, and is read by no one.
    socket.off('data', take).resume();
    turn = turn.then(() => reply(request)).then(() => void socket.end());
  };
  socket.on('data', take);
  // A peer that goes away in the middle is its own business.
  socket.on('error', () => socket.destroy());
}
