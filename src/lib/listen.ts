/**
 * What everything that listens shares: waiting until it does, with a sentence for a port that is
 * taken, and TCP servers that end their connections when they are closed.
 */
import { type EventEmitter, once } from 'node:events';
import net from 'node:net';
import { bindError, type ListenerKind } from './bind-error.ts';

export interface Listener {
  port: number;
  /** Ends all connections; a second call waits for the first. */
  close(): Promise<void>;
}

/** Listens; throws a UserError (`portTaken`, `badConfig`) that begins with `place`: `HTTP port 80 on ::`. */
export async function listenTcp(
  server: net.Server,
  { address, port }: { address: string; port: number },
  place: string,
  kind: ListenerKind,
): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, address);
  await listening(server, place, kind);
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

/** Waits until a socket or server listens; throws a UserError that begins with `place`. */
export async function listening(
  socket: EventEmitter,
  place: string,
  kind: ListenerKind,
): Promise<void> {
  try {
    await once(socket, 'listening');
  } catch (error) {
    throw bindError(error, place, kind);
  }
}
