/**
 * Unix datagram sockets, as DogStatsD's clients know them by `unix://`. Node has none, the addon has
 * (lib/native/). Where there is none for this machine, a sentence names another way.
 *
 * Nothing is dropped by the kernel: a sender that finds the queue full (net.unix.max_dgram_qlen)
 * waits, or is told so.
 */
import { chmodSync, rmSync } from 'node:fs';
import { UserError } from '../../lib/errors.ts';
import { type ListenerKind, pathError } from '../../lib/bind-error.ts';
import { loadNative, type NativeSockets, systemError } from '../../lib/native/native.ts';
import { NativeReceiver } from './native-receiver.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import { removeStale } from './streams.ts';

interface UnixDatagramOptions {
  path: string;
  /** Octal permissions: who may write may send; undefined: everybody. */
  mode: number | undefined;
  kind: ListenerKind;
  onFault: (error: Error) => void;
}

/** Everybody may send and nobody but the owner look, as the Datadog agent's socket. */
const DEFAULT_MODE = 0o722;

/** Throws a UserError (`portTaken`, `badConfig`) when the path cannot be bound, or not here. */
export async function openUnixDatagrams(
  { path, mode, kind, onFault }: UnixDatagramOptions,
  sink: PacketSink,
  load: () => NativeSockets | string = loadNative,
): Promise<Receiver> {
  const native = load();
  if (typeof native === 'string') throw withoutAddon(path, native);
  await removeStale(path);
  const socket = native.bindUnix(path);
  if (typeof socket === 'number') {
    throw pathError(systemError(socket), `unix datagram socket ${path}`, path, kind);
  }
  setMode(path, mode ?? DEFAULT_MODE);
  const remove = (): void => rmSync(path, { force: true });
  const place = { address: path, port: 0, receiveBufferBytes: 0, hasSenders: false };
  return new NativeReceiver(socket, { native, ...place, onFault, onClosed: remove }, sink);
}

function withoutAddon(path: string, reason: string): UserError {
  return new UserError(
    'badConfig',
    `unix datagram socket ${path}: needs the native receiver, which is not there (${reason}): in a ` +
      'clone a C compiler makes it (Debian: gcc and libc6-dev; then npm start again), the package ' +
      'brings it; another way: a stream socket ("server: ./servers/tcp" with "socket"), or ' +
      `socat -u UNIX-RECV:${path} UDP4-SENDTO:127.0.0.1:8125`,
  );
}

function setMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    // Somebody took the path away meanwhile: the socket is there, for whoever has it open.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
