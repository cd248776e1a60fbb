/**
 * What systemd is told of a service with `Type=notify` (sd_notify(3)): that it is up, that it ends,
 * and, with `WatchdogSec`, that it still answers. Each is a datagram to the unix socket that
 * NOTIFY_SOCKET names; where the addon for those is not there, systemd's own `systemd-notify` sends
 * it (which takes `NotifyAccess=all`). Without NOTIFY_SOCKET nothing is done.
 */
import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { loadUnixAddon, type UnixAddon, type UnixSocketWrap } from './unix-addon.ts';

const STOPPING = 'STOPPING=1';

interface SupervisorOptions {
  env: Record<string, string | undefined>;
  /** Resolves when all that must work does. */
  isAlive(): Promise<unknown>;
  /** Once, when systemd cannot be reached: it would end what it hears nothing of. */
  onFault(sentence: string): void;
  /** Loads the addon, in tests. */
  load?: (name: string) => unknown;
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
      send(STOPPING);
    },
  };
}

function senderTo(
  path: string,
  env: SupervisorOptions['env'],
  failed: (error: Error) => void,
  load?: (name: string) => unknown,
): (text: string) => void {
  const addon = loadUnixAddon(load);
  if (!('DgramSocketWrap' in addon)) {
    return (text) =>
      void execFile('systemd-notify', text.split('\n'), { env }, (error) => error && failed(error));
  }
  // A name that starts with @ is in no folder: Linux writes it with a NUL there.
  const address = path.replace(/^@/, '\0');
  let wrap: UnixSocketWrap | undefined;
  return (text) => {
    const open = (wrap ??= openSocket(addon, failed));
    const isLast = text === STOPPING;
    if (isLast) wrap = undefined;
    const bytes = Buffer.from(text);
    open.sendTo(bytes, 0, bytes.length, address, (error) => {
      if (error) failed(error);
      if (isLast) setImmediate(() => open.close());
    });
  };
}

function openSocket(addon: UnixAddon, failed: (error: Error) => void): UnixSocketWrap {
  const emitter = new EventEmitter();
  // The addon calls it without its object.
  emitter.emit = emitter.emit.bind(emitter);
  emitter.on('_error', failed);
  const wrap = new addon.DgramSocketWrap(emitter);
  wrap.init(wrap);
  // Nothing comes, but closing one that never received ends the process.
  wrap.startRecv();
  return wrap;
}
