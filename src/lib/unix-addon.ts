/**
 * Unix datagram sockets, which Node has not: the addon of the npm package node-unix-socket (MIT,
 * prebuilt for Linux on x64, glibc and musl). Its builds are optional dependencies, each a file without
 * scripts. The addon is closed before its thread ends: it aborts the process when a datagram
 * comes after that.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

/** The addon's own class, as js/dgram.js of its package uses it. */
export interface UnixSocketWrap {
  init(self: UnixSocketWrap): void;
  startRecv(): void;
  bind(path: string): void;
  getRecvBufferSize(): number;
  /** Calls back with nothing, or with the error. */
  sendTo(
    bytes: Buffer,
    offset: number,
    length: number,
    path: string,
    onSent: (error?: Error) => void,
  ): void;
  close(): void;
}

export interface UnixAddon {
  /** Emits `_data` with a Buffer, `_error` with an Error. */
  DgramSocketWrap: new (emitter: EventEmitter) => UnixSocketWrap;
}

const LIBC = ['gnu', 'musl'];

/** The addon, or the packages of which this machine needs one and why it has none. */
export function loadUnixAddon(
  load: (name: string) => unknown = createRequire(import.meta.url),
): UnixAddon | { packages: string[]; reasons: string[] } {
  const { platform, arch } = process;
  const packages =
    platform === 'linux'
      ? LIBC.map((libc) => `node-unix-socket-linux-${arch}-${libc}`)
      : [`node-unix-socket-${platform}-${arch}`];
  const reasons: string[] = [];
  for (const name of packages) {
    try {
      return load(name) as UnixAddon;
    } catch (error) {
      // Not installed, or built for another libc: the next one, or whoever asked says so.
      reasons.push(reasonOf(error));
    }
  }
  return { packages, reasons };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' ? 'not installed' : message.split('\n')[0]!;
}
