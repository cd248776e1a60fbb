/**
 * What everything that listens shares: waiting until it does, with a sentence for a port that is
 * taken, and TCP servers that end their connections when they are closed.
 */
import { type EventEmitter, once } from 'node:events';
import net from 'node:net';
import { UserError } from './errors.ts';

export interface Listener {
  port: number;
  /** Ends all connections; a second call waits for the first. */
  close(): Promise<void>;
}

/** Listens; throws a `portTaken` UserError that begins with `place`: `management port 8126 on ::`. */
export async function listenTcp(
  server: net.Server,
  { address, port }: { address: string; port: number },
  place: string,
): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, address);
  await listening(server, place);
  const closed = once(server, 'close').then(() => {});
  return {
    port: (server.address() as net.AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

/** Waits until a socket or server listens; throws a `portTaken` UserError that names `place`. */
export async function listening(socket: EventEmitter, place: string): Promise<void> {
  try {
    await once(socket, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UserError('portTaken', `${place} is taken by another process`);
  }
}
