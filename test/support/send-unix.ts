/** Sends to a unix datagram socket, which Node cannot: the addon can. */
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { systemError } from '../../src/lib/native/native.ts';
import { NATIVE } from './native.ts';

/** Resolves when the kernel has taken all of them, in their order. */
export async function sendUnix(path: string, ...bodies: string[]): Promise<void> {
  for (const body of bodies) {
    for (;;) {
      const error = NATIVE!.sendUnix(path, Buffer.from(body)); // tests without it are skipped
      if (error === 0) break;
      if (error !== -constants.errno.EAGAIN) throw systemError(error);
      await setImmediate();
    }
  }
}
