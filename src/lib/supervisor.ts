/**
 * What systemd is told of a service with `Type=notify` (sd_notify(3)): that it is up, that it ends,
 * and, with `WatchdogSec`, that it still answers. Each is a datagram to the unix socket that
 * NOTIFY_SOCKET names; where the addon is not there, systemd's own `systemd-notify` sends
 * it (which takes `NotifyAccess=all`). Without NOTIFY_SOCKET nothing is done.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { loadNative, type NativeSockets, systemError } from './native/native.ts';

/** Where its queue is full, systemd is told a little later. */
const AGAIN_MS = 100;
const ATTEMPTS = 50;

interface SupervisorOptions {
  env: Record<string, string | undefined>;
  /** Resolves when all that must work does. */
  isAlive(): Promise<unknown>;
  /** Once, when systemd cannot be reached: it would end what it hears nothing of. */
  onFault(sentence: string): void;
  /** The addon, in tests. */
  load?: () => NativeSockets | string;
}

export interface Supervisor {
  ready(status: string): void;
  stopping(): void;
}

export function openSupervisor({ env, isAlive, onFault, load }: SupervisorOptions): Supervisor {
  const path = env['NOTIFY_SOCKET'];
  if (path === undefined || path === '') return { ready: () => {}, stopping: () => {} };
  let isTold = false;
  const failed = (error: Error): void => {
    if (!isTold) onFault(`systemd cannot be told (${error.message.split('\n')[0]})`);
    isTold = true;
  };
  const send = senderTo(path, env, failed, load);
  const watchdogMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000;
  let watchdog: NodeJS.Timeout | undefined;
  return {
    ready(status) {
      send(`READY=1\nSTATUS=${status}`);
      if (!(watchdogMs > 0)) return;
      const beat = (): void => void isAlive().then(() => send('WATCHDOG=1'), failed);
      // Half of it is what sd_watchdog_enabled(3) asks for; a third bears one that comes late.
      watchdog = setInterval(beat, watchdogMs / 3).unref();
    },
    stopping() {
      clearInterval(watchdog);
      send('STOPPING=1');
    },
  };
}

function senderTo(
  path: string,
  env: SupervisorOptions['env'],
  failed: (error: Error) => void,
  load = loadNative,
): (text: string) => void {
  const native = load();
  if (typeof native === 'string') {
    return (text) =>
      void execFile('systemd-notify', text.split('\n'), { env }, (error) => error && failed(error));
  }
  // A name that starts with @ is in no folder: Linux writes it with a NUL there.
  const address = path.replace(/^@/, '\0');
  const send = (text: string, attempt = 1): void => {
    const error = native.sendUnix(address, Buffer.from(text));
    if (error === -constants.errno.EAGAIN && attempt < ATTEMPTS) {
      setTimeout(send, AGAIN_MS, text, attempt + 1).unref();
    } else if (error < 0) failed(systemError(error));
  };
  return send;
}
