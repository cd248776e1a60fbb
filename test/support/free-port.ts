/** A free port for a program that cannot pick one by itself. */
import { once } from 'node:events';
import net from 'node:net';

/** Below those that the system gives away by itself: it stays free until carbon takes it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = net.createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch {
      continue; // taken
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
