/** Sends to a unix datagram socket: Node cannot, the optional addon can. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const ADDON = `node-unix-socket-linux-${process.arch}-gnu`;

interface Wrap {
  init(self: Wrap): void;
  startRecv(): void;
  sendTo(
    bytes: Uint8Array,
    from: number,
    length: number,
    path: string,
    done: (error?: Error) => void,
  ): void;
  close(): void;
}

/** Resolves when the kernel has taken all of them, in their order. */
export async function sendUnix(path: string, ...bodies: string[]): Promise<void> {
  const { DgramSocketWrap } = require(ADDON) as {
    DgramSocketWrap: new (emitter: EventEmitter) => Wrap;
  };
  const emitter = new EventEmitter();
  emitter.emit = emitter.emit.bind(emitter);
  const wrap = new DgramSocketWrap(emitter);
  wrap.init(wrap);
  // Without it the addon crashes.
  wrap.startRecv();
  try {
    for (const body of bodies) {
      const bytes = Buffer.from(body);
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error): void => (error ? reject(error) : resolve());
        // After the addon's call Node 26 runs neither promises nor ticks by itself.
        wrap.sendTo(bytes, 0, bytes.length, path, (error) => setImmediate(done, error));
      });
    }
  } finally {
    // Not inside its own callback: the addon would go on with what is closed.
    await new Promise((resolve) => setImmediate(resolve));
    wrap.close();
  }
}

/** Whether the addon is installed here: its packages are for Linux on x64. */
export function hasUnixDatagrams(): boolean {
  try {
    require(ADDON);
    return true;
  } catch {
    return false;
  }
}
